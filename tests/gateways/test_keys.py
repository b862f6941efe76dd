"""A key is one gateway's: else what one program hands on would be another operation's, or come twice."""

from __future__ import annotations

from posko.signature import Key
from tests.accounts.conftest import Sign
from tests.factories import make_small
from tests.gateways.conftest import Field, Modem


async def test_a_public_key_of_another_gateway_takes_none_of_its_texts(field: Field, sign: Sign) -> None:
    async with field.pool.acquire() as connection:
        elsewhere = await make_small(connection)
    other = await sign("admin-lain", "admin", operation=elsewhere.operation)
    # Older than the gateway whose key it takes: whoever is tried first would get the texts.
    said = {"operation": elsewhere.operation, "channel": "sms", "name": "pencuri"}
    thief = (await other.ask("POST", "/v1/gateways", said))[1]["gateway"]
    number, pair = await field.officer(field.small.tps[0]), Key.private()
    own = {"operation": field.operation, "channel": "sms", "name": "modem ed25519", "key": pair.public.text}
    made = (await field.admin.ask("POST", "/v1/gateways", own))[1]["gateway"]
    modem = Modem(field.modem.http, field.modem.url, made, pair, "sms")
    taken = await other.ask("POST", f"/v1/gateways/{thief['id']}/keys", {"key": pair.public.text})
    beside = await other.ask("POST", "/v1/gateways", {**said, "channel": "whatsapp", "key": pair.public.text})
    status, answered = await modem.text(number, "NIHIL")
    for client, gateway in ((other, thief["id"]), (field.admin, made["id"])):
        await client.ask("DELETE", f"/v1/gateways/{gateway}")
    once_closed = await other.ask("POST", "/v1/gateways", {**said, "name": "baru", "key": pair.public.text})
    await other.ask("DELETE", f"/v1/gateways/{once_closed[1]['gateway']['id']}")

    assert (status, answered["outcome"]) == (200, "accepted")
    assert [(refused[0], refused[1]["code"]) for refused in (taken, beside)] == [(409, "conflict")] * 2
    assert once_closed[0] == 201
