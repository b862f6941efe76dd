"""Encoded answers that one process keeps, as many bytes of them as there is room for. Pure: no I/O, no clock."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Hashable
from typing import Final, TypeAlias

from posko.regions.cells import Encoded

LIMIT_BYTES: Final = 64 * 1024 * 1024
"""All boards together. A snapshot of 600,000 cells is 20 MB, gzipped and not; what changed in a moment some 10 KB."""

Asked: TypeAlias = int | None
"""The version that a client has; None: it wants everything."""


class Answers:
    """By whose they are and what was asked. Over the limit those go first that were asked for longest ago."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[tuple[Hashable, Asked], Encoded] = OrderedDict()
        self._asked: defaultdict[Hashable, set[Asked]] = defaultdict(set)
        self.bytes = 0
        """What is kept now; never over the limit."""

    def find(self, owner: Hashable, asked: Asked) -> Encoded | None:
        """The answer, if it is kept still."""
        found = self._kept.get((owner, asked))
        if found is not None:
            self._kept.move_to_end((owner, asked))
        return found

    def keep(self, owner: Hashable, asked: Asked, answer: Encoded) -> None:
        """Keeps an answer to what had none; one that is over the limit by itself is not kept."""
        size = _size(answer)
        if size > self._limit:
            return
        while self.bytes + size > self._limit:
            (of, oldest), gone = self._kept.popitem(last=False)
            self._drop(of, oldest, gone)
        self._kept[owner, asked] = answer
        self._asked[owner].add(asked)
        self.bytes += size

    def forget(self, owner: Hashable) -> None:
        """Drops all of an owner's: they are true no more."""
        for asked in list(self._asked.get(owner, ())):
            self._drop(owner, asked, self._kept.pop((owner, asked)))

    def _drop(self, owner: Hashable, asked: Asked, gone: Encoded) -> None:
        self.bytes -= _size(gone)
        self._asked[owner].discard(asked)
        if not self._asked[owner]:
            del self._asked[owner]


def _size(answer: Encoded) -> int:
    return len(answer.plain) + len(answer.zipped or b"")
