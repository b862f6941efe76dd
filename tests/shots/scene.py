"""What a screen is looked at on: a server, an operation, places and records in it, and an account per role."""

from __future__ import annotations

import msgspec

from tests.factories import PASSWORD


class Scene(msgspec.Struct, frozen=True):
    """Everything that the address of a screen may name, as text; accounts are named after their roles."""

    url: str
    operation: str
    root: str
    kecamatan: str
    kelurahan: str
    tps: str
    """One that has reported, and has an incident."""
    incident: str
    password: str = PASSWORD

    def address(self, path: str) -> str:
        """`/konsol/#/{operation}/{root}` with what is in this scene."""
        return path.format(**msgspec.structs.asdict(self))
