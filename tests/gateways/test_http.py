"""Texts over HTTP: signed or refused, filed as their sender's, the same again the same, and never at another TPS."""

from __future__ import annotations

import asyncio
import datetime
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from posko import db, ids
from posko.accounts import privacy
from posko.gateways import store
from posko.gateways.commands import gateway as gateway_command
from posko.gateways.gateway import Digests, Received, address_of, report_id
from posko.signature import Key
from tests.accounts.conftest import Sign
from tests.factories import Small, counters, local, make_account, make_small
from tests.gateways.conftest import Field, Modem
from tests.running import Running

ROOT = Path(__file__).parents[2]
PROTOCOL, README = ((ROOT / name).read_text(encoding="utf-8") for name in ("PROTOCOL.md", "README.md"))


async def _outcomes(running: Running, modem: Modem) -> dict[str, float]:
    async with modem.http.get(f"{running.url}/metrics") as answer:
        text = await answer.text()
    return {m[1]: float(m[2]) for m in re.finditer(r'posko_texts_total{outcome="([^"]+)"} (\S+)', text)}


async def test_a_text_becomes_reports_of_its_senders_account(field: Field) -> None:
    tps = field.small.tps[0]
    number = await field.officer(tps)
    text = "BUKA 0705; HADIR 60/62 09.00\nSUARA GUB 100/50/20 TS 7; suara wali 150/2O ts 7; BANJIR tinggi kotak aman; kotak di tps segel utuh; NIHIL"
    status, said = await field.modem.text(number, text)

    assert (status, said["outcome"], said["not_understood"]) == (200, "accepted", []), said
    assert (
        said["answer"].startswith(f"OK TPS {tps}: BUKA 07.05, HADIR 60/62 09.00") or said["answer"] == "OK 7 laporan."
    )
    assert [r["status"] for r in said["receipts"]] == [201] * 7
    rows = await field.reports(tps)
    assert {r["reporter"] for r in rows} == {field.names[number]} and {r["channel"] for r in rows} == {"sms"}
    assert sorted(r["subject"] for r in rows) == [
        "count.bupati_walikota", "count.gubernur", "custody", "incident", "milestone.voting_open", "nihil", "turnout",
    ]  # fmt: skip
    async with field.pool.acquire() as connection:
        found = await counters(connection, field.operation, field.small.root)
    assert (found["count.gubernur.paslon.1"], found["count.bupati_walikota.paslon.2"]) == (100, 20)


async def test_the_tps_is_named_where_a_sender_has_several(field: Field) -> None:
    kelurahan, tps, beyond = field.small.kelurahan[0], field.small.tps[1], field.small.tps[-1]
    number = await field.officer(kelurahan)
    named = await field.modem.text(number, f"TPS {tps[:-4]}/2 BUKA 0705")
    forgiven = await field.modem.text(number, f"tps {tps.replace('0', 'O').replace('1', 'l')} hadir 1O/12")
    by_number = await field.modem.text(number, "TPS 2 NIHIL")
    missing = await field.modem.text(number, "BUKA 0705")
    no_such = await field.modem.text(number, f"TPS {kelurahan}/009 BUKA 0705")
    not_theirs = await field.modem.text(number, f"{beyond} BUKA 0705; HADIR 1/1")
    time_only = await field.modem.text(number, f"{kelurahan} 7.02 BUKA")

    assert [(r[0], r[1]["outcome"]) for r in (named, forgiven, by_number)] == [(200, "accepted")] * 3
    assert [r["place"] for r in await field.reports(tps)] == [tps] * 3
    for answer in (missing, no_such, not_theirs, time_only):
        assert (answer[0], answer[1]["outcome"], answer[1]["receipts"]) == (200, "not-understood", [])
    assert missing[1]["answer"] == 'TIDAK DITERIMA: "BUKA 0705" (TPS mana? tulis kodenya).'
    assert no_such[1]["not_understood"] == [f"TPS {kelurahan}/009"]
    # whoever named a TPS beyond meant it in what follows too
    assert not_theirs[1]["not_understood"] == [beyond, beyond]
    # Whether a TPS beyond is there is not said: the answer is that to one that there is nowhere.
    nowhere = f"{kelurahan[:-4]}1009.999"
    absent = await field.modem.text(number, f"{nowhere} BUKA 0705; HADIR 1/1")
    assert not_theirs[1] == {
        **absent[1],
        "answer": absent[1]["answer"].replace(nowhere, beyond),
        "not_understood": [beyond, beyond],
    }
    assert no_such[1]["answer"] == f'TIDAK DITERIMA: "TPS {kelurahan}/009" (TPS itu tidak ada di wilayah Anda).'
    assert await field.reports(beyond) == []


async def test_what_is_understood_is_taken_and_what_is_not_is_named(field: Field) -> None:
    tps = field.small.tps[0]
    number = await field.officer(tps)
    status, said = await field.modem.text(number, "BUKA 0705; HADIR 122; TUTUPP 1300")

    assert (status, said["outcome"], said["not_understood"]) == (200, "partly", ["HADIR 122", "TUTUPP 1300"])
    assert said["answer"].startswith('TIDAK DITERIMA: "HADIR 122" (tulis L/P') and "OK" in said["answer"]
    no_reason = (await field.modem.text(number, "TIDAK TUTUP 1300"))[1]
    assert no_reason["answer"] == 'TIDAK DITERIMA: "TIDAK TUTUP 1300" (sebabnya?).'
    unknown = (await field.modem.text(number, "halo posko"))[1]
    assert unknown["answer"] == 'TIDAK DITERIMA: "halo posko". Kirim ? untuk bantuan.'
    assert [r["subject"] for r in await field.reports(tps)] == ["milestone.voting_open"]
    for text in ("?", "BANTUAN", " bantuan ? ".strip()):
        helped = (await field.modem.text(number, text))[1]
        assert (helped["outcome"], "SUARA" in helped["answer"]) == ("help", True)
    empty = await field.modem.text(number, " ; \n")
    assert (empty[0], empty[1]["outcome"]) == (200, "not-understood")
    many = (await field.modem.text(number, ";".join(["NIHIL"] * 12)))[1]
    assert (len(many["receipts"]), len(many["not_understood"])) == (10, 2)
    nik = (await field.modem.text(number, "NIHIL 3172011234567890"))[1]
    assert "jangan tulis NIK" in nik["answer"] and "3172011234567890" not in nik["answer"]


async def test_the_same_message_again_is_the_same_receipts(field: Field) -> None:
    tps = field.small.tps[0]
    number = await field.officer(tps)
    first = await field.modem.text(number, "BUKA; NIHIL", message_id="sekali-saja")
    again = await asyncio.gather(*(field.modem.text(number, "BUKA; NIHIL", message_id="sekali-saja") for _ in range(4)))
    other = await field.modem.text(number, "TUTUP", message_id="sekali-saja")

    assert [r["status"] for r in first[1]["receipts"]] == [201, 201]
    for status, said in again:
        assert (status, said["answer"]) == (200, first[1]["answer"])
        assert [{**r, "status": 201, "outcome": "accepted"} for r in said["receipts"]] == first[1]["receipts"]
    assert (other[0], other[1]["code"]) == (409, "message-changed")
    assert len(await field.reports(tps)) == 2


async def test_ralat_and_batal_correct_ones_own_last_word(field: Field) -> None:
    tps = field.small.tps[0]
    number, colleague = await field.officer(tps), await field.officer(tps)
    nothing = (await field.modem.text(number, "BATAL"))[1]
    theirs = (await field.modem.text(colleague, "SUARA GUB 1/2/3 TS 0"))[1]["receipts"][0]["id"]
    early = (await field.modem.text(number, "RALAT SUARA GUB 9/9/9 TS 0"))[1]
    await field.modem.text(number, "SUARA GUB 10/20/30 TS 0 1400; BUKA 0705")
    corrected = await field.modem.text(number, "RALAT SUARA GUB 11/20/30 TS 1 1410", message_id="ralat")
    repeated = await field.modem.text(number, "RALAT SUARA GUB 11/20/30 TS 1 1410", message_id="ralat")
    await field.modem.text(number, "TUTUP 1300")
    back = await field.modem.text(number, "BATAL salah kirim", message_id="batal")
    again = await field.modem.text(number, "BATAL salah kirim", message_id="batal")

    assert (nothing["outcome"], early["outcome"]) == ("not-understood", "not-understood")
    assert "belum ada laporan Anda" in nothing["answer"]
    for first, second in ((corrected, repeated), (back, again)):
        assert (first[1]["outcome"], second[1]["receipts"][0]["outcome"]) == ("accepted", "duplicate"), (first, second)
        assert first[1]["receipts"][0]["id"] == second[1]["receipts"][0]["id"]
    rows = await field.reports(tps)
    by_kind = {(r["content"]["kind"], (r["content"].get("replacement") or {}).get("kind")): r for r in rows}
    withdrawn = [r["content"].get("milestone") for r in rows if r["corrected_by"] is not None]
    assert by_kind["correction", None]["content"]["reason"] == "salah kirim"
    assert "voting_closed" in withdrawn and "voting_open" not in withdrawn
    assert next(r for r in rows if r["id"] == theirs)["corrected_by"] is None


async def test_no_signature_no_text(field: Field, running: Running) -> None:
    modem, number = field.modem, await field.officer(field.small.tps[0])
    before = await _outcomes(running, modem)
    now = datetime.datetime.now(datetime.UTC)
    forged: dict[str, tuple[int, Any]] = {
        "signed-by-known-key": await modem.text(number, "BUKA", keys=[Key.shared()]),
        "in-time": await modem.text(number, "BUKA", at=now - datetime.timedelta(minutes=6)),
        "signed": await modem.text(number, "BUKA", headers={"webhook-signature": None}),
        "webhook-id": await modem.text(number, "BUKA", headers={"webhook-id": "a.b"}),
        "webhook-timestamp": await modem.text(number, "BUKA", headers={"webhook-timestamp": "kini"}),
        "webhook-signature": await modem.text(number, "BUKA", headers={"webhook-signature": "v1,!"}),
    }
    modem.channel = "whatsapp"
    elsewhere = await modem.text(number, "BUKA")
    modem.channel = "fax"
    nowhere = await modem.text(number, "BUKA")
    modem.channel = "sms"
    unsigned = await modem.raw(b"x" * 100, headers={"webhook-signature": None})

    for rule, (status, said) in forged.items():
        assert (status, said["errors"][0]["rule"]) == (401, rule)
    assert (elsewhere[0], nowhere[0], unsigned[0]) == (401, 401, 401)
    after = await _outcomes(running, modem)
    assert after["bad-signature"] - before.get("bad-signature", 0) == 9
    assert await field.reports(field.small.tps[0]) == []


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"{", 400, None), (b"[]", 422, "$"), (b"{}", 422, "$"), (b'{"sender":"0811","text":5}', 422, "$.text"), (b"\xff", 400, None),
        (b'{"sender":"","text":"x"}', 422, "$.sender"), (b'{"sender":"0811","text":"x","nik":"y"}', 422, "$.nik"),
        (b'{"sender":"0811","text":"' + b"x" * 1601 + b'"}', 422, "$.text"), (b'{"sender":"0811","text":"x","sent_at":"2024-11-27T07:00:00+07:00"}', 422, "$.sent_at"),
        (b"x" * 20_000, 413, None), (b"[" * 10_000, 422, "$"), (b'{"sender":"0811","text":' + b"[" * 10_000, 422, "$.text"),
    ],
)  # fmt: skip
async def test_a_signed_body_is_read_by_the_rules(field: Field, body: bytes, status: int, path: str | None) -> None:
    got, said = await field.modem.raw(body)

    assert got == status, said
    assert path is None or said["errors"][0]["path"] == path


async def test_unknown_senders_are_refused_and_counted(field: Field, running: Running) -> None:
    before = await _outcomes(running, field.modem)
    known = await field.officer(field.small.tps[0])
    looker = await field.officer(field.small.root, role="auditor")
    async with field.pool.acquire() as connection:
        other = await make_small(connection)
    elsewhere = await field.officer(field.small.root, operation=other.operation)
    refused = [await field.modem.text(sender, "BUKA") for sender in ("+62800000001", "BANK-PROMO", looker, elsewhere)]
    username = field.names[known]
    listed = (await field.admin.ask("GET", f"/v1/accounts/{username}/senders"))[1]
    await field.admin.ask("DELETE", f"/v1/accounts/{username}/senders/{listed[0]['id']}")
    removed = await field.modem.text(known, "BUKA")

    assert [(status, said["code"]) for status, said in [*refused, removed]] == [(403, "sender-unknown")] * 5
    after = await _outcomes(running, field.modem)
    assert after["unknown-sender"] - before.get("unknown-sender", 0) == 5
    assert (listed[0]["hint"], known not in str(listed)) == (known[-3:], True)


async def test_a_disabled_account_says_nothing_by_text(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    await field.admin.ask("PUT", f"/v1/accounts/{field.names[number]}/disabling", {"reason": "uji coba"})

    assert (await field.modem.text(number, "BUKA"))[0] == 403


async def test_a_number_is_one_however_it_is_written_and_one_accounts_alone(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    local_form = "0" + number[3:]
    spaced = f"{number[:5]} {number[5:9]}-{number[9:]}"
    answers = [await field.modem.text(form, "NIHIL") for form in (local_form, spaced, number[1:])]
    other = await field.officer(field.small.tps[1])
    taken = await field.admin.ask(
        "POST", f"/v1/accounts/{field.names[other]}/senders", {"channel": "sms", "sender": local_form}
    )
    wrong = await field.admin.ask(
        "POST", f"/v1/accounts/{field.names[other]}/senders", {"channel": "sms", "sender": "bank"}
    )

    assert [a[1]["outcome"] for a in answers] == ["accepted"] * 3
    assert (taken[0], wrong[0], wrong[1]["errors"][0]["rule"]) == (409, 422, "sender")


def test_addresses_of_senders() -> None:
    for written in ("081234567890", "+6281234567890", "6281234567890", "+62 812-3456 7890", "whatsapp:+6281234567890"):
        assert address_of("whatsapp", written) == "+6281234567890"
    assert (address_of("telegram", "-100123"), address_of("telegram", "@nama"), address_of("sms", "4444")) == (
        "-100123",
        None,
        None,
    )
    one, other = Digests("x" * 32), Digests("y" * 32)
    assert len({one.of("sms", "+628"), one.of("whatsapp", "+628"), other.of("sms", "+628")}) == 3


def test_ids_of_reports_repeat_and_differ() -> None:
    at = datetime.datetime(2024, 11, 27, tzinfo=datetime.UTC)
    received = Received(b"", at, at)
    found = {report_id(g, m, n, received) for g in (1, 2) for m in ("a", "b") for n in range(3)}

    assert len(found) == 12 and report_id(1, "a", 0, received) in found
    assert {i.version for i in found} == {7} and ids.uuid7(int(at.timestamp() * 1000), 0).hex[:12] == next(
        iter(found)
    ).hex[:12]


async def test_a_gateway_signs_by_ed25519_and_keys_overlap(field: Field) -> None:
    number, pair = await field.officer(field.small.tps[0]), Key.private()
    path = f"/v1/gateways/{field.modem.gateway['id']}/keys"
    rotated = await field.admin.ask("POST", path, {"key": pair.public.text})
    old = await field.modem.text(number, "NIHIL")
    new = await field.modem.text(number, "NIHIL", keys=[pair])
    both = await field.modem.text(number, "NIHIL", keys=[Key.shared(), pair])
    secret = await field.admin.ask("POST", path, {"key": pair.text})
    third = await field.admin.ask("POST", path, {})
    fourth = await field.admin.ask("POST", path, {})
    await field.pool.execute("update posko.gateway_key set ends_at = posko.now() where ends_at is not null")
    ended = [await field.modem.text(number, "NIHIL", keys=[key]) for key in (field.modem.key, pair)]
    current = await field.modem.text(number, "NIHIL", keys=[Key.parse(third[1]["key"])])

    assert (rotated[0], rotated[1]["key"], rotated[1]["gateway"]["keys"]) == (201, None, 2)
    assert (old[0], new[0], both[0]) == (200, 200, 200)
    assert (secret[0], third[0], fourth[0]) == (422, 201, 409)
    assert ([e[0] for e in ended], current[0]) == ([401, 401], 200)
    stored = await field.pool.fetchval("select array_agg(sealed) from posko.gateway_key")
    assert not any(field.modem.key.raw in s or field.modem.key.text.encode() in s for s in stored)


async def test_admins_keep_the_gateways_of_what_they_hold_whole(field: Field, sign: Sign) -> None:
    async with field.pool.acquire() as connection:
        elsewhere = await make_small(connection)
    part = await sign("admin-camat", "admin", field.small.kecamatan[0])
    other = await sign("admin-beda", "admin", operation=elsewhere.operation)
    supervisor = await sign("pengawas-sms", "supervisor")
    said = {"operation": field.operation, "channel": "telegram", "name": "bot"}
    one = f"/v1/gateways/{field.modem.gateway['id']}"
    for who, expected in ((part, 404), (other, 404), (supervisor, 403)):
        assert (await who.ask("POST", "/v1/gateways", said))[0] == expected
        assert (await who.ask("POST", f"{one}/keys", {}))[0] == expected
        assert (await who.ask("DELETE", one))[0] == expected
    assert (await part.ask("GET", "/v1/gateways"))[1] == []
    twice = await field.admin.ask("POST", "/v1/gateways", {**said, "channel": "sms", "name": "modem"})
    unknown = await field.admin.ask("POST", "/v1/gateways", {**said, "operation": 2_000_000_000})
    listed = (await field.admin.ask("GET", "/v1/gateways"))[1]
    closed = await field.admin.ask("DELETE", one)
    again = await field.admin.ask("DELETE", one)

    assert (twice[0], unknown[0], closed[0], again[0]) == (409, 404, 204, 404)
    assert field.modem.gateway["id"] in [g["id"] for g in listed] and "whsec_" not in str(listed)
    assert (await field.modem.text("0811", "NIHIL"))[0] == 401
    actions = await field.pool.fetch(
        "select action, subject from posko.log_entry where subject like $1 order by id",
        f"gateway {field.modem.gateway['id']}:%",
    )
    assert [a["action"] for a in actions] == ["gateway.add", "gateway.close"]


async def test_texts_of_one_account_are_limited_and_reports_too(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    statuses = [(await field.modem.text(number, "?"))[0] for _ in range(66)]

    assert statuses[:60] == [200] * 60 and 429 in statuses[60:]
    assert (await field.modem.text(await field.officer(field.small.tps[0]), "?"))[0] == 200


async def test_a_closed_operation_says_so(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    await field.pool.execute(
        "update posko.operation set state = 'closed', closed_at = posko.now() where id = $1", field.operation
    )
    status, said = await field.modem.text(number, "BUKA 0705")

    assert (status, said["outcome"]) == (200, "not-understood")
    assert "posko sedang tidak menerima laporan" in said["answer"]


async def test_times_are_those_of_the_text_or_the_network(field: Field) -> None:
    number, tps = await field.officer(field.small.tps[0]), field.small.tps[0]
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    sent = now - datetime.timedelta(hours=2)
    await field.modem.text(number, "NIHIL", sent_at=sent.isoformat())
    at = datetime.datetime.fromisoformat((await field.reports(tps))[0]["observed_at"])
    await field.pool.execute("update posko.operation set clock_at = $2::timestamptz, clock_set_at = posko.now(), clock_speed = 1 where id = $1",
                             field.operation, datetime.datetime.fromisoformat(local(7, 30)))  # fmt: skip
    await field.modem.text(number, "BUKA 0705", sent_at=sent.isoformat())
    drill = datetime.datetime.fromisoformat((await field.reports(tps))[0]["observed_at"])

    assert at == sent
    assert drill == datetime.datetime.fromisoformat(local(7, 5))


async def test_texts_stand_nowhere_but_in_their_reports(field: Field, running: Running) -> None:
    number = await field.officer(field.small.tps[0])
    await field.modem.text(number, "kata-rahasia-sekali")
    await field.modem.text(number, "BANJIR tinggi")
    rows = await field.pool.fetch(
        "select t::text from posko.text_received t union all select s::text from posko.sender s union all select l::text from posko.log_entry l"
    )

    assert not any("kata-rahasia-sekali" in r[0] or number[1:] in r[0] for r in rows)
    assert "kata-rahasia-sekali" not in running.log("serve") and number[1:] not in running.log("serve")


async def test_the_gateway_of_the_protocol_works(field: Field, running: Running) -> None:
    code = re.search(r"^```python gateway\n(.+?)\n```$", PROTOCOL, re.MULTILINE | re.DOTALL)
    assert code is not None and code[1].count("\n") < 30
    namespace: dict[str, Any] = {}
    exec(code[1], namespace)  # our own documentation
    number = await field.officer(field.small.tps[0])
    hand_on = namespace["hand_on"]
    answer = await asyncio.to_thread(hand_on, running.url, field.modem.key.text, "modem-7", number, "BUKA 0705")
    refused = await asyncio.to_thread(hand_on, running.url, Key.shared().text, "modem-8", number, "BUKA 0705")

    # Between midnight and seven 07.05 has not come, and is doubtful.
    assert (answer.replace(" (periksa angka)", ""), refused) == (f"OK TPS {field.small.tps[0]}: BUKA 07.05.", None)


async def test_the_signed_post_of_the_readme_works(field: Field, running: Running) -> None:
    blocks = re.findall(r"^```\n(.+?)\n```$", README, re.MULTILINE | re.DOTALL)
    (block,) = (b for b in blocks if b.startswith("SECRET="))
    number, tps = await field.officer(field.small.root), field.small.tps[0]
    said = block.replace("whsec_...", field.modem.key.text).replace("localhost:8080", running.url)
    said = said.replace("+6281234567890", number).replace("31.72.01.1001/001", f"{tps[:-4]}/001")
    shell = await asyncio.create_subprocess_exec("bash", "-euc", said, stdout=asyncio.subprocess.PIPE)
    out, _ = await shell.communicate()

    answered = msgspec.json.decode(out)
    assert (answered["outcome"], [r["status"] for r in answered["receipts"]]) == ("accepted", [201, 201]), answered
    assert [r["place"] for r in await field.reports(tps)] == [tps] * 2


async def test_a_person_who_is_forgotten_has_no_number(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    async with field.pool.acquire() as connection:  # as the owner does
        known = await privacy.export(connection, username=field.names[number])
        await privacy.erase(connection, username=field.names[number])

    assert [(s["channel"], s["last_digits"]) for s in known["senders"]] == [("sms", number[-3:])]
    assert (await field.modem.text(number, "NIHIL"))[0] == 403


async def test_what_came_is_forgotten_after_a_month(field: Field) -> None:
    number = await field.officer(field.small.tps[0])
    await field.modem.text(number, "NIHIL", message_id="tua")
    await field.pool.execute(
        "update posko.text_received set received_at = received_at - interval '31 days' where message_id = 'tua'"
    )
    await field.modem.text(number, "NIHIL", message_id="baru")
    async with db.identity(field.pool) as connection:
        await store.forget_texts(connection)

    ids_left = "select array_agg(message_id) from posko.text_received where gateway_id = $1"
    assert await field.pool.fetchval(ids_left, field.modem.gateway["id"]) == ["baru"]


async def test_at_the_command_line(database: str, small: Small, pool: db.Pool) -> None:
    environ = {"POSKO_DATABASE_URL": database, "POSKO_SECRET_KEY": "x" * 32, "COLUMNS": "200"}
    async with pool.acquire() as connection:
        await make_account(connection, "petugas-sms", "petugas", small.tps[0])

    def run(*words: str) -> Any:
        return CliRunner(env=environ).invoke(gateway_command, list(words))

    def walk() -> list[Any]:
        return [
            run("add", "modem", "--operation", str(small.operation)),
            run("rotate", "1", "--key", Key.private().public.text),
            run("list"),
            run("sender", "add", "petugas-sms", "0812-3456-7890"),
            run("sender", "list", "petugas-sms"),
            run("sender", "remove", "petugas-sms", "1"),
            run("close", "1"),
            run("sender", "add", "tiada", "081234567890"),
            run("sender", "add", "petugas-sms", "bank"),
            run("close", "1"),
            run("add", "modem", "--operation", "999"),
        ]

    done = await asyncio.to_thread(walk)
    assert [r.exit_code == 0 for r in done] == [True] * 7 + [False] * 4, [r.output for r in done]
    assert re.fullmatch(r"gateway 1: whsec_\S{44}\n", done[0].output)
    assert "modem" in done[2].output and "890" in done[4].output and "3456" not in done[4].output
