"""Any sequence of orders, answers, withdrawals, parts of work and hours, against a model small enough to be believed.

After every step the database says what the model says: of each target, of each directive, of each region. What is not
legal is refused with a conflict, and changes nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import uuid
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from posko import db, errors
from tests.directives import orders
from tests.factories import make_small
from tests.incidents.ground import Day, clock

ENDS = {
    "baca": {"receipt": "dibaca"},
    "terima": {"receipt": "dibaca", "acceptance": "diterima", "refusal": "ditolak"},
    "laksanakan": {"receipt": "dibaca", "acceptance": "diterima", "refusal": "ditolak", "completion": "dilaksanakan"},
    "jawab": {"receipt": "dibaca", "acceptance": "diterima", "refusal": "ditolak", "answer": "dijawab"},
}
RANK = {"terkirim": 0, "dibaca": 1, "diterima": 2, "ditolak": 3, "dilaksanakan": 3, "dijawab": 3, "ditarik": 4}
LAST = {"baca": 1, "terima": 2, "laksanakan": 3, "jawab": 3}
"""The rank at which nothing is owed any more."""


@dataclasses.dataclass
class Order:
    """A directive in the model: its targets that were written, and those that are still to be."""

    requires: str
    due: datetime.datetime
    states: dict[str, str]
    waiting: list[str]
    late: set[str] = dataclasses.field(default_factory=set)
    withdrawn: bool = False
    said: set[tuple[str, str]] = dataclasses.field(default_factory=set)

    def is_open(self, place: str) -> bool:
        return RANK[self.states[place]] < LAST[self.requires]

    def counts(self, place: str) -> Counter[str]:
        state, found = self.states[place], Counter[str]()
        if state == "ditarik":
            return found
        found["sent"] = 1
        found["read"] = int(state != "terkirim")
        found["accepted"] = int(state in ("diterima", "dilaksanakan", "dijawab"))
        found["refused"] = int(state == "ditolak")
        found["unanswered"] = int(self.is_open(place))
        found["done"] = int(not self.is_open(place) and state != "ditolak")
        found["overdue"] = int(self.is_open(place) and place in self.late)
        return found


class Directives(RuleBasedStateMachine):
    """Steps are run on the loop of the test, which waits in a thread of its own."""

    pool: db.Pool
    loop: asyncio.AbstractEventLoop

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    @initialize()
    def begin(self) -> None:
        async def ground() -> Day:
            async with self.pool.acquire() as connection:
                small = await make_small(connection)
            return await Day.begin(self.pool, small)

        self.day: Day = self.run(ground())
        self.now = clock(5)
        self.orders: dict[uuid.UUID, Order] = {}

    def conflict(self, coroutine: Any) -> None:
        with pytest.raises(errors.Conflict) as caught, db.translated():
            self.run(coroutine)
        assert caught.value.detail.startswith("directive ")

    @precondition(lambda self: len(self.orders) < 4)
    @rule(
        requires=st.sampled_from(sorted(ENDS)),
        at=st.integers(0, 2),
        minutes=st.sampled_from([5, 20]),
        part=st.integers(1, 7),
    )
    def issue(self, requires: str, at: int, minutes: int, part: int) -> None:
        small = self.day.small
        region = [small.root, small.kecamatan[1], small.kelurahan[0]][at]
        due = self.now + datetime.timedelta(minutes=minutes)
        to = sorted(t for t in small.tps if t.startswith(region))
        given = self.run(
            orders.issue(self.day, {"kind": "tps", "region": region}, requires=requires, due=due, limit=part)
        )
        self.orders[given] = Order(requires, due, dict.fromkeys(to[:part], "terkirim"), to[part:])

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False), action=st.sampled_from(sorted({a for e in ENDS.values() for a in e})))
    def say(self, pick: Any, action: str) -> None:
        given = pick.choice(sorted(self.orders))
        self._say(given, pick.choice(sorted(self.orders[given].states)), action)

    @precondition(lambda self: any(o.late for o in self.orders.values()))
    @rule(pick=st.randoms(use_true_random=False), how=st.integers(1, 3))
    def say_late(self, pick: Any, how: int) -> None:
        """Some of those who are late do something about it: what they can, or a word less."""
        given = pick.choice([g for g in sorted(self.orders) if self.orders[g].late])
        ends = sorted(ENDS[self.orders[given].requires], key=lambda a: RANK[ENDS[self.orders[given].requires][a]])
        for place in sorted(self.orders[given].late):
            self._say(given, place, ends[-min(how, len(ends))])

    def _say(self, given: uuid.UUID, place: str, action: str) -> None:
        order = self.orders[given]
        words = "karena hujan" if action in ("refusal", "answer") else None
        call = orders.say(self.day, given, place, action, words)
        state, ends = order.states[place], ENDS[order.requires]
        if (place, action) in order.said or (action == "receipt" and state not in ("terkirim", "ditarik")):
            assert self.run(call)["places"] == []
        elif (
            order.withdrawn
            or action not in ends
            or RANK[state] >= LAST[order.requires]
            or RANK[ends[action]] <= RANK[state]
        ):
            self.conflict(call)
        else:
            assert self.run(call)["state"] == ends[action]
            order.states[place] = ends[action]
            order.said.add((place, action))

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False), part=st.integers(1, 20))
    def withdraw(self, pick: Any, part: int) -> None:
        given = pick.choice(sorted(self.orders))
        order = self.orders[given]
        if order.withdrawn:
            self.conflict(orders.withdraw(self.day, given, "alasan lain"))
            return
        self.run(orders.withdraw(self.day, given, limit=part))
        order.withdrawn, order.waiting = True, []
        self._take_back(order, part)

    def _take_back(self, order: Order, part: int) -> int:
        taken = [p for p in sorted(order.states) if order.is_open(p)][:part]
        order.states.update(dict.fromkeys(taken, "ditarik"))
        return len(taken)

    @rule(part=st.integers(1, 20))
    def expand(self, part: int) -> None:
        row = self.run(self.day.pool.fetchrow("select * from api.expand_directives($1, $2)", self.day.operation, part))
        for order in self.orders.values():
            if order.withdrawn and any(map(order.is_open, order.states)):
                assert row["written"] == self._take_back(order, part)
                return
            if order.waiting:
                new, order.waiting = order.waiting[:part], order.waiting[part:]
                order.states.update(dict.fromkeys(new, "terkirim"))
                assert row["places"] == new
                return
        assert row is None

    @rule(minutes=st.sampled_from([5, 20]), part=st.integers(1, 5))
    def wait(self, minutes: int, part: int) -> None:
        self.now += datetime.timedelta(minutes=minutes)
        self.run(self.day.at(self.now))
        row = self.run(
            self.day.pool.fetchrow("select * from api.mark_late_directives($1, $2)", self.day.operation, part)
        )
        for order in sorted(self.orders.values(), key=lambda o: o.due):
            missing = [p for p in sorted(order.states) if order.is_open(p) and p not in order.late]
            if order.due <= self.now and not order.withdrawn and missing:
                order.late |= set(missing[:part])
                assert row["marked"] == len(missing[:part])
                return
        assert row is None

    @invariant()
    def numbers_are_the_models(self) -> None:
        if not hasattr(self, "day"):
            return
        small = self.day.small
        for given, order in self.orders.items():
            assert self.run(orders.states(self.day, given)) == order.states
            whole = sum((order.counts(p) for p in order.states), Counter[str]())
            assert self.run(orders.counts(self.day, given)) == {n: v for n, v in whole.items() if v}
            for row in self.run(orders.late(self.day, given)):
                missing = sum(p.startswith(row["code"]) and order.is_open(p) and p in order.late for p in order.states)
                assert row["is_closed"] == (order.withdrawn or missing == 0)
                assert (row["state"] in ("climbing", "exhausted")) == (not row["is_closed"])
                assert order.withdrawn or row["missing"] == missing
        for code in (small.root, *small.kecamatan, small.kelurahan[0], small.tps[0]):
            here = sum(
                (o.counts(p) for o in self.orders.values() for p in o.states if p.startswith(code)), Counter[str]()
            )
            assert self.run(orders.region_counts(self.day, code)) == {n: v for n, v in here.items() if v}
        assert self.run(self.day.differences()) == []


async def test_any_day_of_directives_is_the_models(pool: db.Pool) -> None:
    machine = type("Machine", (Directives,), {"pool": pool, "loop": asyncio.get_running_loop()})
    wanted = settings(
        max_examples=12, stateful_step_count=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=wanted)
