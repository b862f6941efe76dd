"""What a screen is looked at on: a server, an operation, places and records in it, and an account per role."""

from __future__ import annotations

import datetime
from typing import Any

import aiohttp
import msgspec

from tests.client import Client
from tests.factories import PASSWORD, uuid7

ROLES = ("petugas", "operator", "supervisor", "admin", "auditor", "wall", "system")


class Scene(msgspec.Struct, frozen=True):
    """Everything that the address of a screen may name, as text."""

    url: str
    operation: str
    root: str
    kecamatan: str
    kelurahan: str
    tps: str
    """One that has reported, and has an incident."""
    incident: str
    directive: str
    """From the root to its kecamatan and to this TPS."""
    draft: str
    """An operation of the root that waits for its roster."""
    endpoint: str
    """A system that is to be told, and was sent a challenge."""
    suffix: str = ""
    """Accounts are named after their roles, and this."""
    password: str = PASSWORD

    def username(self, role: str) -> str:
        """Who has a role here."""
        return role + self.suffix

    def address(self, path: str) -> str:
        """`/konsol/#/{operation}/{root}` with what is in this scene; `{operator}` is the account's name."""
        return path.format(**msgspec.structs.asdict(self), **{role: self.username(role) for role in ROLES})


async def make_scene(url: str, operation: int, root: str, incident: dict[str, Any], suffix: str = "") -> Scene:
    """The scene around an incident of a TPS; a directive is sent there."""
    tps = incident["place"]
    kecamatan, kelurahan = (".".join(tps.split(".")[:depth]) for depth in (3, 4))
    directive = uuid7()
    async with aiohttp.ClientSession() as http:
        client = await Client(http, url).sign_in(f"supervisor{suffix}")
        now = datetime.datetime.fromisoformat((await client.get(f"/v1/operations/{operation}/clock"))["at"])
        said = {
            "operation": operation,
            "from": root,
            "kind": "perintah",
            "requires": "laksanakan",
            "text": "Pastikan surat suara cukup sebelum pukul 12.00, lalu laporkan.",
            "deadline": (now + datetime.timedelta(hours=2)).isoformat(),
            "to": {"kind": "places", "places": [kecamatan, tps]},
        }
        status, answer, _ = await client.ask("PUT", f"/v1/directives/{directive}", said)
        assert status == 201, answer
        admin = await Client(http, url).sign_in(f"admin{suffix}")
        draft = await _draft(admin, root, suffix)
        endpoint = await _endpoint(admin, operation, root)
    places = (root, kecamatan, kelurahan, tps)
    return Scene(url, str(operation), *places, incident["id"], str(directive), str(draft), str(endpoint), suffix)


async def _draft(admin: Client, root: str, suffix: str) -> int:
    said = {"root": root, "name": f"Gladi{suffix or ' kota'}", "mode": "drill", "voting_day": "2027-06-23"}
    status, made, _ = await admin.ask("POST", "/v1/operations", said)
    assert status == 201, made
    found: int = made["operation"]["id"]
    return found


async def _endpoint(admin: Client, operation: int, root: str) -> int:
    said = {
        "operation": operation,
        "region": root,
        "url": "https://dasbor.contoh.invalid/posko",
        "description": "Dasbor Diskominfo",
        "types": ["incident.*", "alarm.*"],
    }
    status, made, _ = await admin.ask("POST", "/v1/webhooks", said)
    assert status == 201, made
    found: int = made["endpoint"]["id"]
    assert (await admin.ask("POST", f"/v1/webhooks/{found}/challenges"))[0] == 202
    return found
