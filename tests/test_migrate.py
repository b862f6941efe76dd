"""What `posko migrate` says: the command line's language, beginning and end alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from posko import migrate
from posko.cli import posko


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["0001_first", "0002_second"], ["applying 0001_first", "applying 0002_second", "applied: 0001_first, 0002_second"]),
        ([], ["nothing to do"]),
    ],
)  # fmt: skip
def test_it_speaks_english(database: str, monkeypatch: pytest.MonkeyPatch, files: list[str], said: list[str]) -> None:
    async def some(_: Any, *, say: Callable[[str], None]) -> list[str]:
        for name in files:
            say(name)
        return files

    monkeypatch.setattr(migrate, "migrate", some)

    settings = {"POSKO_DATABASE_URL": database, "POSKO_REDIS_URL": "redis://nowhere", "POSKO_SECRET_KEY": "x" * 32}
    done = CliRunner(env=settings).invoke(posko, ["migrate"])

    assert done.output.splitlines() == said, done.exception
