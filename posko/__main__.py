"""`python -m posko`."""

from posko.cli import main

main()
