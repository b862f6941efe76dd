"""Who: accounts, sessions, scope."""
