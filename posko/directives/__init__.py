"""Orders down: to whom, what they require, how far they have come."""
