"""Who gives a gateway its key, or an account its number, gives it what is theirs alone."""

from __future__ import annotations

from posko.signature import Key
from tests.accounts.conftest import Sign
from tests.factories import make_account, make_small
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


async def test_a_number_speaks_for_no_seat_beyond_whoever_gave_it(field: Field, sign: Sign) -> None:
    small, number = field.small, "+628119990001"
    camat = await sign("camat-memberi", "admin", small.kecamatan[0])
    async with field.pool.acquire() as connection:
        account = await make_account(connection, "petugas-naik", "petugas", small.tps[0], operation=field.operation)
    path, said = "/v1/accounts/petugas-naik/senders", {"channel": "sms", "sender": number}
    given = await camat.ask("POST", path, said)
    own = await field.modem.text(number, "NIHIL")
    await field.pool.execute(
        "insert into posko.assignment (account_id, role, regions, operation_id, is_party, starts_at, granted_at, changed_at)"
        " select account_id, role, array[$2], operation_id, is_party, starts_at, granted_at, changed_at from posko.assignment where account_id = $1",
        account, small.tps[-1],
    )  # fmt: skip
    beyond = await field.modem.text(number, f"{small.tps[-1]} NIHIL")
    still = await field.modem.text(number, f"{small.tps[0]} BUKA")
    await field.admin.ask("DELETE", f"{path}/{given[1]['id']}")
    await field.admin.ask("POST", path, said)
    now = await field.modem.text(number, f"{small.tps[-1]} NIHIL")

    assert (given[0], own[1]["outcome"], still[1]["outcome"]) == (201, "accepted", "accepted")
    assert (beyond[1]["outcome"], now[1]["outcome"]) == ("not-understood", "accepted")
    assert [len(await field.reports(tps)) for tps in (small.tps[0], small.tps[-1])] == [2, 1]
