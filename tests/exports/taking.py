"""Files as a desk takes them, for tests."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
import zipfile
from typing import Any
from urllib.parse import urlencode

from tests.client import Client

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


async def ask(client: Client, code: str, ending: str, **query: Any) -> tuple[int, bytes, Any]:
    query.setdefault("operation", str(client.operation))
    status, body, headers = await client.ask("GET", f"/v1/regions/{code}/table.{ending}?{urlencode(query, doseq=True)}")
    return status, body, headers


async def as_csv(client: Client, code: str, **query: Any) -> list[dict[str, str]]:
    status, body, headers = await ask(client, code, "csv", **query)
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8"), body
    assert not body.startswith(b"\xef\xbb\xbf")
    reader = csv.DictReader(io.StringIO(body.decode()))
    assert len(set(reader.fieldnames or [])) == len(reader.fieldnames or [])
    return list(reader)


async def as_xlsx(client: Client, code: str, **query: Any) -> list[list[str]]:
    """The cells of the one sheet, row by row, as texts."""
    status, body, _ = await ask(client, code, "xlsx", **query)
    assert status == 200, body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        names = book.namelist()
        shared = [
            "".join(t.text or "" for t in item.iter(f"{SHEET}t"))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}si")
        ]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{SHEET}f"))
    assert not [name for name in names if "hyperlink" in name.lower() or "_rels/sheet" in name]
    return [
        [shared[int(c.findtext(f"{SHEET}v") or 0)] if c.get("t") == "s" else c.findtext(f"{SHEET}v") or "" for c in row.iter(f"{SHEET}c")]
        for row in sheet.iter(f"{SHEET}row")
    ]  # fmt: skip
