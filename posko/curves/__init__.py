"""What the numbers of a region were, minute by minute."""
