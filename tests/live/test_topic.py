"""The state of a topic: whatever happens between, snapshot + deltas == fresh rows."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from posko.live import wire
from posko.live.topic import Changes, Found, Topic, patch
from posko.live.view import View
from posko.live.wire import Row

AT = datetime.datetime(2024, 11, 27, tzinfo=datetime.UTC)
CODES = ["31.72", "31.72.01", "31.72.02"]
SLOTS = 6


def payload(frame: bytes) -> bytes:
    """What an independent reading of RFC 6455 finds in one unmasked text frame."""
    assert frame[0] == 0x81
    size, start = frame[1], 2
    if size == 126:
        size, start = int.from_bytes(frame[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(frame[2:10], "big"), 10
    assert len(frame) == start + size
    return frame[start:]


class Database:
    """The rows of one topic as posko.rollup would hold them."""

    def __init__(self) -> None:
        self.version = 0
        self.layout = 1
        self.rows = {c: Row(c, 0, []) for c in CODES}

    def file(self, changes: list[tuple[int, int, int]]) -> None:
        self.version += 1
        for place, slot, by in changes:
            row = self.rows[CODES[place]]
            values = row.counters + [0] * (slot + 1 - len(row.counters))
            values[slot] += by
            self.rows[row.code] = Row(row.code, self.version, values, AT)

    def found(self) -> Found:
        names = {c: c for c in CODES}
        return Found(1, self.version, self.layout, AT, names, [f"c{i}" for i in range(SLOTS)], list(self.rows.values()))

    def changes(self, since: int) -> Changes:
        return Changes(self.version, self.layout, AT, [r for r in self.rows.values() if r.version > since])

    def shown(self) -> dict[str, list[int]]:
        return {c: r.counters + [0] * (SLOTS - len(r.counters)) for c, r in self.rows.items()}


class Client:
    """A console at the other end of a connection that may be cut."""

    def __init__(self) -> None:
        self.view = View("1:31.72")
        self.connected = False

    def take(self, frame: bytes | None) -> None:
        if frame is not None and self.connected:
            assert self.view.take(wire.decode_server(payload(frame))) in ("applied", "dropped")

    def connect(self, topic: Topic) -> None:
        self.connected = True
        self.take(topic.resume(self.view.version, self.view.layout))


change = st.tuples(st.integers(0, 2), st.integers(0, SLOTS - 1), st.integers(-3, 5))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.lists(change, max_size=4)),
        st.tuples(st.just("tick"), st.none()),
        st.tuples(st.just("reopen"), st.none()),
        st.tuples(st.just("cut"), st.integers(0, 2)),
        st.tuples(st.just("connect"), st.integers(0, 2)),
        st.tuples(st.just("relayout"), st.none()),
        st.tuples(st.just("other hub"), st.none()),
    ),
    max_size=40,
)


def read(topic: Topic, database: Database) -> bytes | None:
    """What the fan-out does with a dirty topic."""
    changes = database.changes(topic.read_version)
    return topic.apply(changes) if topic.continues(changes) else topic.reopen(database.found())


class World:
    """One database, one hub's topic, three clients."""

    def __init__(self) -> None:
        self.database = Database()
        self.clients = [Client(), Client(), Client()]
        self.topic = Topic("1:31.72", self.database.found())

    def step(self, verb: str, argument: Any) -> None:
        frame = None
        if verb == "file":
            self.database.file(argument)
        elif verb == "tick":
            frame = read(self.topic, self.database)
        elif verb == "reopen":
            frame = self.topic.reopen(self.database.found())
        elif verb == "cut":
            self.clients[argument].connected = False
        elif verb == "connect":
            self.clients[argument].connect(self.topic)
        elif verb == "relayout":
            self.database.layout += 1
            self.database.version += 1
        else:
            # The hub was restarted: every client comes back to one that has just read everything.
            self.topic = Topic("1:31.72", self.database.found())
            for client in self.clients:
                client.connect(self.topic)
        for client in self.clients:
            client.take(frame)

    def settle(self) -> None:
        self.step("tick", None)
        for client in self.clients:
            if not client.connected:
                client.connect(self.topic)


@given(steps)
@settings(max_examples=300, deadline=None)
def test_snapshot_and_deltas_equal_fresh_rows_whatever_happens_between(script: list[tuple[str, Any]]) -> None:
    world = World()
    for verb, argument in script:
        world.step(verb, argument)
    world.settle()
    for client in world.clients:
        assert client.view.rows == world.database.shown()
        assert client.view.last_at == {c: r.last_at for c, r in world.database.rows.items()}


@given(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), max_size=8))
def test_a_patch_turns_one_vector_into_the_other(was: list[int], now: list[int]) -> None:
    width = max(len(was), len(now))
    values = was + [0] * (width - len(was))
    found = patch(was, now)
    assert all(values[slot - 1] != value for slot, value in found.items())
    for slot, value in found.items():
        values[slot - 1] = value
    assert values == now + [0] * (width - len(now))


def test_a_topic_that_did_not_change_makes_no_frame() -> None:
    database = Database()
    topic = Topic("1:31.72", database.found())
    database.version += 5
    assert topic.apply(database.changes(0)) is None
    assert (topic.version, topic.read_version) == (0, 5)


def test_a_client_ahead_of_the_topic_but_not_of_the_reading_is_current() -> None:
    database = Database()
    topic = Topic("1:31.72", database.found())
    database.version += 5
    topic.apply(database.changes(0))
    answer = wire.decode_server(payload(topic.resume(3, 1) or b""))
    assert isinstance(answer, wire.Delta)
    assert (answer.from_, answer.to, answer.rows) == (3, 3, [])
    assert topic.resume(6, 1) is None


def test_an_older_database_is_read_whole_and_told_whole() -> None:
    database = Database()
    database.file([(0, 0, 5)])
    database.file([(1, 1, 2)])
    topic = Topic("1:31.72", database.found())
    restored = Database()
    restored.file([(0, 0, 1)])
    assert not topic.continues(restored.changes(topic.read_version))
    message = wire.decode_server(payload(topic.reopen(restored.found()) or b""))
    assert isinstance(message, wire.Snapshot)
    assert (message.version, message.rows[0].counters) == (1, [1])


def test_encoded_answers_are_made_once_until_the_topic_changes() -> None:
    database = Database()
    database.file([(0, 0, 1)])
    topic = Topic("1:31.72", database.found())
    first, resumed = topic.snapshot(), topic.resume(0, 1)
    assert topic.snapshot() is first
    assert topic.resume(0, 1) is resumed
    database.file([(1, 1, 1)])
    topic.apply(database.changes(1))
    assert topic.snapshot() != first
    assert topic.resume(0, 1) != resumed


def test_a_frame_of_any_length_is_one_websocket_text_frame() -> None:
    for size in (0, 50, 80, 125, 126, 127, 65_000, 65_400, 65_535, 65_536, 70_000):
        message = wire.ProblemMessage("x", "d" * size)
        assert payload(wire.frame(message)) == msgspec.json.encode(message)
