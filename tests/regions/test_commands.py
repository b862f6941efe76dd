"""The commands, as a person types them."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from posko.regions.commands import operation, recount, roster


def test_an_operation_is_made_given_a_roster_and_proved(database: str, tmp_path: Path) -> None:
    cli = CliRunner(env={"POSKO_DATABASE_URL": database, "COLUMNS": None})
    made = cli.invoke(operation, ["create", "--preset", "kupang", "--voting-day", "2024-11-27", "--name", "Kupang"])
    exported = cli.invoke(roster, ["export", "--operation", "1", "--output", str(tmp_path / "roster.csv")])
    lines = (tmp_path / "roster.csv").read_text().splitlines()
    (tmp_path / "short.csv").write_text("\n".join(lines[:11]) + "\n")
    (tmp_path / "bad.csv").write_text(lines[0] + "\n" + lines[1].replace("53.71.01", "53.71.99") + "\n")

    loaded = cli.invoke(roster, ["load", str(tmp_path / "short.csv"), "--operation", "1"])
    refused = cli.invoke(
        roster, ["load", str(tmp_path / "bad.csv"), "--operation", "1", "--problems", str(tmp_path / "why.csv")]
    )
    edited = cli.invoke(operation, ["milestone", "1", "voting_open", "--planned", "08:00", "--grace", "30"])
    shown = cli.invoke(operation, ["show", "1"])
    said = cli.invoke(operation, ["contests", "1"])
    (tmp_path / "calon.json").write_text(said.output.replace('"number": 1,', '"number": 11,'))
    (tmp_path / "odd.json").write_text(said.output.replace('"region_code": "53.71"', '"region_code": "31.72"'))
    told = cli.invoke(operation, ["contests", "1", str(tmp_path / "calon.json")])
    odd = cli.invoke(operation, ["contests", "1", str(tmp_path / "odd.json")])
    read = cli.invoke(operation, ["contests", "1"])
    opened = cli.invoke(operation, ["activate", "1"])
    listed = cli.invoke(operation, ["list"])
    proved = cli.invoke(recount, [])

    for result in (made, exported, loaded, edited, shown, said, told, read, opened, listed, proved):
        assert result.exit_code == 0, result.output
    assert "552 TPS" in made.output
    assert "perkiraan pembagian" in made.output
    assert len(lines) == 553
    assert "has 10 TPS" in loaded.output
    assert "terbatas N: where what is terbatas of operation N is kept" in listed.output
    assert refused.exit_code == 1
    assert "kelurahan-tidak-dikenal" in (tmp_path / "why.csv").read_text()
    assert "08:00" in shown.output
    assert "bupati_walikota 53.71 (2, 3, 4, 5, 11)" in told.output
    assert '"number": 11' in read.output
    assert "31.72 is neither in this operation" in str(odd.exception)
    assert "roster" in listed.output
    assert "active" in listed.output
    assert "every number is what the reports say" in proved.output
