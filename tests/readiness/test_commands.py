"""`posko readiness`, as a person types it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from click.testing import CliRunner

from posko import db
from posko.readiness.commands import readiness
from posko.regions.commands import operation
from tests.factories import make_account


def test_lists_are_loaded_whole_or_their_rubbish_is_named(database: str, tmp_path: Path) -> None:
    cli = CliRunner(env={"POSKO_DATABASE_URL": database, "COLUMNS": "200"})
    made = cli.invoke(
        operation, ["create", "--preset", "kupang", "--voting-day", "2024-11-27", "--name", "Kupang", "--activate"]
    )
    assert made.exit_code == 0, made.output

    async def seat() -> None:
        connection = await db.connect(database)
        await make_account(connection, "kesbang", "admin", "53.71")
        await make_account(connection, "meja", "operator", "53.71")
        await connection.close()

    asyncio.run(seat())
    teams, guards, bad = tmp_path / "tim.csv", tmp_path / "jaga.csv", tmp_path / "buruk.csv"
    teams.write_text("place,name,members,institution\n53.71,Tim kota,5,kesbangpol\n53.71.01.1001,Tim 1,4,linmas\n")
    guards.write_text("name,institution,members,tps\nBripka A,polri,2,53.71.01.1001.001;53.71.01.1001.002\n")
    bad.write_text("place,name,members,institution\n53.71.99,Tim,5,kesbangpol\n53.71,=Tim,0,polri\n")

    def run(command: str, file: Path, who: str = "kesbang", *more: str):  # type: ignore[no-untyped-def]
        return cli.invoke(readiness, [command, str(file), "--operation", "1", "--as", who, *more])

    loaded, posted = run("import-teams", teams), run("import-guards", guards)
    assert (loaded.exit_code, posted.exit_code) == (0, 0), loaded.output + posted.output
    assert ("2 teams" in loaded.output, "1 guards" in posted.output) == (True, True)
    refused = run("import-teams", bad, "kesbang", "--problems", str(tmp_path / "mengapa.csv"))
    assert refused.exit_code == 1
    named = (tmp_path / "mengapa.csv").read_text()
    assert "3,members,batas" in named
    assert "2,place,wilayah-tidak-dikenal" in named
    nobody = run("import-teams", teams, "meja")
    assert nobody.exit_code != 0
    assert "no seat" in str(nobody.exception)
