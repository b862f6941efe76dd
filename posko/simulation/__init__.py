"""A day at the TPS, played through the public API."""
