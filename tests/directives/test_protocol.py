"""PROTOCOL.md's directives are decoded and checked by the product's own Structs, and the templates can be sent as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from posko import db
from posko.directives import store
from posko.directives.directive import Audience, DirectiveIn
from tests.directives import orders
from tests.incidents.ground import Day

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```json (directive\w*)\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_taken(name: str) -> None:
    said = msgspec.json.decode(EXAMPLES[name], type=DirectiveIn)
    said.check()

    assert msgspec.to_builtins(said)["from"] == said.from_


def test_every_audience_has_an_example() -> None:
    said = {type(msgspec.json.decode(text, type=DirectiveIn).to) for text in EXAMPLES.values()}

    assert said == set(get_args(Audience))


async def test_every_template_can_be_sent_as_it_is(day: Day) -> None:
    async with day.pool.acquire() as connection:
        templates = await store.templates(connection, day.operation)
    example = msgspec.json.decode(EXAMPLES["directive"], type=DirectiveIn)

    assert len(templates) >= 12
    for template in templates:
        msgspec.structs.replace(example, text=template.text, template=template.code).check()


async def test_the_app_reads_no_directive_but_through_its_reach(database: str, day: Day) -> None:
    given = await orders.issue(day, {"kind": "places", "places": [day.small.tps[0], day.small.tps[-1]]})
    pool = await db.open_pool(database, size=1, statement_timeout_s=20, role=db.DatabaseRole.app)
    seen = []
    for regions in ((), (day.small.kecamatan[0],), (day.small.root,)):
        async with db.snapshot(pool, db.Reach(regions, None, False) if regions else None) as connection:
            targets = await connection.fetchval("select count(*) from posko.directive_target")
            whole = await connection.fetchval("select count(*) from posko.directive")
            code = regions[0] if regions else day.small.root
            page = await connection.fetch(
                "select * from api.directives_page($1, $2, $3, null, null, null, null, null, null, 9)",
                day.operation,
                code,
                given,
            )
            behind = await connection.fetch("select * from api.directive_targets($1, 'ID', null, '', 9)", given)
            seen.append((targets, whole, [r["targets"] for r in page], len(behind)))
    pool.terminate()

    assert seen == [(0, 0, [], 0), (1, 0, [1], 0), (2, 1, [2], 0)]
