"""Pictures of every screen, by one command: `python -m tests.shots`; tests/e2e/test_axe.py goes through the same table."""
