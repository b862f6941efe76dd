"""The catalogue that the pages read, for files: the same words on the screen and in what is taken from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from posko import terms

Language: TypeAlias = Literal["id", "en"]

PARTS: Final = ("shared", "common", "field", "konsol", "orders", "grid", "export")


class Words(msgspec.Struct, frozen=True):
    """The words of one language."""

    language: Language
    catalogue: Mapping[str, str]

    def say(self, key: str, /, **given: object) -> str:
        """The words of a key, its `{names}` filled in; the key itself where the catalogue has none."""
        text = self.catalogue.get(key, key)
        return text.format_map(given) if given else text

    def has(self, key: str) -> bool:
        return key in self.catalogue

    def level(self, level: terms.Level) -> str:
        return self.say(f"level.{level.name}")

    def flag(self, kind: str) -> str:
        """What is doubtful; a kind without words as its bare name."""
        return self.say(f"flag.{kind}") if self.has(f"flag.{kind}") else kind.replace("_", " ")

    def category(self, category: str) -> str:
        """What an incident is about; one of an operation's own kinds as its main category and its bare name."""
        main, _, own = category.partition(".")
        name = self.say(f"category.{main}") if self.has(f"category.{main}") else main.replace("_", " ")
        return f"{name}: {own.replace('_', ' ')}" if own else name


def root() -> Path:
    """Where the catalogue lives: inside an installed wheel, or with the pages of a checkout."""
    packaged = Path(__file__).parents[1] / "_words"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "web" / "src" / "words"


@cache
def words(language: Language) -> Words:
    """The words of a language, read once."""
    found: dict[str, str] = {}
    for part in PARTS:
        found |= msgspec.json.decode((root() / part / f"{language}.json").read_bytes(), type=dict[str, str])
    return Words(language, found)
