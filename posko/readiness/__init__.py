"""Readiness before the day, guards on it, and where to go first."""
