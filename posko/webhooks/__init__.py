"""Telling other systems: where a webhook may go, and sending it there."""
