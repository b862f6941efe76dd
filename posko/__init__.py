"""posko: the command-post service of an Indonesian election day."""

__version__ = "2026.11.0"
