"""What was seen: immutable reports, their intake, and how one is read."""
