"""Fixtures of the tests of how the service is."""

from __future__ import annotations

from tests.webhooks.conftest import hooks, receiver

__all__ = ["hooks", "receiver"]
