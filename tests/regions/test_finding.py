"""Places are found by name, by code and by TPS number, as far as a seat reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
import pytest

from posko import db
from posko.regions.finding import Asked, understand
from tests.client import Client
from tests.factories import Small, make_account
from tests.running import Running


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("penjaringan 14", Asked(words=("penjaringan",), number=14)),
        ("TPS 14, Kel. Kapuk Muara", Asked(words=("kapuk", "muara"), number=14)),
        ("14", Asked(number=14)),
        ("31.72.01.1001.014", Asked(code="31.72.01.1001.014", within="31.72.01.1001")),
        ("31.72.01.1001/14", Asked(code="31.72.01.1001", within="31.72.01", number=14)),
        ("31 72 01 1001 14", Asked(code="31.72.01.1001.014", within="31.72.01.1001")),
        ("3172011001014", Asked(code="31.72.01.1001.014", within="31.72.01.1001")),
        ("73.04.01.2001.02.003", Asked(code="73.04.01.2001.02.003", within="73.04.01.2001.02")),
        ("31.7", Asked(code="31.7", within="31")),
        ("31.72.0", Asked(code="31.72.0", within="31.72")),
        ("31.72", Asked(code="31.72", within="31")),
        ("0", Asked()),
        ("kelurahan", Asked()),
        ("' | !:* \\", Asked()),
        ("a", Asked()),
    ],
)
def test_what_is_meant(text: str, meant: Asked) -> None:
    assert understand(text) == meant


@pytest.fixture
async def desk(running: Running, served: Small) -> AsyncIterator[Client]:
    """A supervisor of the kota."""
    async with aiohttp.ClientSession() as http:
        yield await Client(http, running.url).sign_in("supervisor")


async def found(client: Client, small: Small, text: str) -> list[str]:
    answer = await client.get(f"/v1/places?operation={small.operation}&q={quote(text)}")
    return [hit["code"] for hit in answer["hits"]]


async def test_regions_by_the_beginnings_of_their_words(desk: Client, served: Small) -> None:
    assert await found(desk, served, "kota") == [served.root]
    assert await found(desk, served, "KOTA kec") == [served.root]
    assert await found(desk, served, "kecil") == [served.root]
    # `kelurahan` and `kecamatan` are what people say before a name; here they are names, but say nothing.
    assert await found(desk, served, "gunung") == []


async def test_a_tps_by_its_number_in_a_region_and_by_its_code(desk: Client, served: Small) -> None:
    assert await found(desk, served, "kecil 2") == [f"{k}.002" for k in served.kelurahan]
    assert await found(desk, served, "2") == [f"{k}.002" for k in served.kelurahan]
    assert await found(desk, served, f"{served.kecamatan[1]}/3") == [f"{k}.003" for k in served.kelurahan[2:]]
    assert await found(desk, served, served.tps[0].replace(".", "")) == [served.tps[0]]
    assert await found(desk, served, "999") == []


async def test_a_code_finds_itself_and_what_lies_directly_below(desk: Client, served: Small) -> None:
    assert await found(desk, served, served.kecamatan[0]) == [served.kecamatan[0], *served.kelurahan[:2]]
    assert await found(desk, served, "31.72.0") == served.kecamatan
    assert await found(desk, served, "31.7") == []


async def test_a_hit_says_its_level_and_the_regions_above_it(desk: Client, served: Small) -> None:
    answer = await desk.get(f"/v1/places?operation={served.operation}&q={served.tps[0]}")

    (hit,) = answer["hits"]
    assert (hit["code"], hit["level"], hit["name"]) == (served.tps[0], "tps", "TPS 001")
    assert [p["name"] for p in hit["parents"]] == ["Kelurahan 1-1", "Kecamatan 1", "KOTA KECIL"]


async def test_nobody_finds_what_lies_beyond_their_seat(desk: Client, served: Small, server_pool: db.Pool) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "cari1", "operator", served.kelurahan[2])
        await make_account(connection, "cari2", "operator", "35.78")
        await make_account(connection, "cari3", "operator", served.kecamatan[0], served.kelurahan[3])
        await make_account(connection, "cari4", "operator", "ID")
    one, other, two, nation = [
        await Client(desk.http, desk.url).sign_in(name) for name in ("cari1", "cari2", "cari3", "cari4")
    ]

    assert await found(one, served, "2") == [f"{served.kelurahan[2]}.002"]
    assert await found(one, served, "kota") == []
    assert await found(one, served, served.tps[0]) == []
    assert await found(one, served, served.root) == []
    assert await found(two, served, "1") == [f"{k}.001" for k in (*served.kelurahan[:2], served.kelurahan[3])]
    assert await found(nation, served, "1") == [f"{k}.001" for k in served.kelurahan]
    answer = await one.get(f"/v1/places?operation={served.operation}&q={served.kelurahan[2]}.001")
    assert [p["code"] for p in answer["hits"][0]["parents"]] == [served.kelurahan[2]]
    assert (await other.ask("GET", f"/v1/places?operation={served.operation}&q=1"))[0] == 404
    assert (await Client(desk.http, desk.url).ask("GET", "/v1/places?q=1"))[0] == 401


async def test_twenty_at_most_and_nothing_that_a_query_can_break(desk: Client, served: Small) -> None:
    for text in ("&|!():*'\\", "kota & !x", "':*", "%", "_", "\x00", "١٤", "kota\nkecil", "1" * 80, "9999999999"):
        status, body, _ = await desk.ask("GET", f"/v1/places?operation={served.operation}&q={quote(text)}")
        assert status in (200, 422), (text, body)
    status, _, _ = await desk.ask("GET", f"/v1/places?operation={served.operation}&q=kota&limit=21")
    assert status == 422
