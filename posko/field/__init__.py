"""What the officer's page asks for, all at once."""
