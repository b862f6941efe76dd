"""The house keeps its own rules."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from posko import db
from tests import schema

ROOT = Path(__file__).parents[1]
PYTHON = sorted((ROOT / "posko").rglob("*.py"))
FILE_LIMIT, FUNCTION_LIMIT, POSITIONAL_LIMIT = 300, 70, 6
ROOMS = sorted(f.stem for f in (ROOT / "sql" / "queries").glob("*.sql"))


def _functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_and_functions_fit_in_a_head() -> None:
    long_files = [f.name for f in PYTHON if f.read_text(encoding="utf-8").count("\n") > FILE_LIMIT]
    long_functions = [
        f"{f.name}:{node.name}"
        for f in PYTHON
        for node in _functions(f)
        if (node.end_lineno or 0) - node.lineno > FUNCTION_LIMIT
    ]

    assert (long_files, long_functions) == ([], [])


def test_there_is_no_sql_in_python() -> None:
    statement = re.compile(
        r"^\s*(select\s.+\sfrom|insert\s+into|update\s+\w+(\.\w+)?\s+set|delete\s+from|create\s+table)\b",
        re.IGNORECASE | re.DOTALL,
    )
    found = []
    for file in PYTHON:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value):
                found.append(f"{file.name}:{node.lineno}")

    assert found == []


def test_no_clock_below_the_composition_roots() -> None:
    roots = {
        "app.py",
        "hub.py",
        "worker.py",
        "cli.py",
        "demo.py",
        "doctor.py",
        "commands.py",
        "drive.py",
        "client.py",
        "watch.py",
    }
    clock = re.compile(r"datetime\.now\(|utcnow\(|date\.today\(")
    found = [
        f.relative_to(ROOT).as_posix()
        for f in PYTHON
        if f.name not in roots and clock.search(f.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_sql_asks_the_one_clock() -> None:
    bare = re.compile(r"(?<!posko\.)\bnow\(\)|\bcurrent_timestamp\b", re.IGNORECASE)
    found = []
    for file in sorted((ROOT / "sql").rglob("*.sql")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if bare.search(line.split("--")[0]):
                found.append(f"{file.name}:{number}")

    assert found == []


def test_errors_are_not_swallowed() -> None:
    allowed = {"problems.py", "deliverer.py"}  # a delivery is one attempt, whatever ends it
    broad = re.compile(r"except\s*(Exception|BaseException)?\s*:")
    found = [f.name for f in PYTHON if f.name not in allowed and broad.search(f.read_text(encoding="utf-8"))]

    assert found == []


def test_locks_name_only_the_public_registries() -> None:
    hosts: set[str] = set()
    for lock in (ROOT / "uv.lock", ROOT / "posko" / "web" / "package-lock.json"):
        if lock.is_file():
            hosts |= set(re.findall(r"https?://([^/\"\s]+)", lock.read_text(encoding="utf-8")))
    registries = {h for h in hosts if "pypi" in h or "npm" in h or "pythonhosted" in h}

    assert registries <= {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}


def test_rooms_import_downward_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"})

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ROOMS)
async def test_every_named_query_prepares(room: str, pool: db.Pool) -> None:
    async with pool.acquire() as connection:
        for query in db.queries(room).values():
            for sql in query.sql.split(";\n") if room == "migrate" else [query.sql]:
                if "discrepancy" in sql or "incoming" in sql:
                    continue  # read a temporary table that exists only inside its transaction
                await connection.prepare(sql)


async def test_the_committed_schema_is_what_the_migrations_make(database: str) -> None:
    assert schema.dump(database) == schema.FILE.read_text(encoding="utf-8")


def test_the_page_of_the_log_can_be_asked_for_every_action() -> None:
    """Those that stand in the source as they are; `approval.{decision}` and its like are looked after by hand."""
    writers = {"by", "Entry", "note", "_note", "entry_of", "about", "_about", "_entry"}
    said = set()
    for node in (n for file in PYTHON for n in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in writers:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = [x.value for x in given if isinstance(x, ast.Constant) and isinstance(x.value, str)]
            said |= {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}
    pages = ROOT / "posko" / "web" / "src"
    listed = (pages / "akun" / "log" / "filter.ts").read_text(encoding="utf-8")
    known = set(re.findall(r"'([a-z_]+(?:\.[a-z_]+)?)'", listed))
    words = json.loads((pages / "words" / "akun" / "id.json").read_text(encoding="utf-8"))

    assert "webhook.add" in said
    assert said - known == set()
    assert {f"log.{action}" for action in known if "." in action} - set(words) == set()
