"""Readiness over HTTP."""

from __future__ import annotations

from posko.readiness.routes import guards, priorities, settings, teams

routes = [*teams.routes, *guards.routes, *settings.routes, *priorities.routes]
