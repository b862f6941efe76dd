"""incident_page_ms: the first page of a nation's incidents, by what a desk looks for. action_push_p99_ms: from an action to the consoles."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from urllib.parse import quote_plus

from tests.bench import cases, consoles
from tests.bench.ground import Ground, Place, Role
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.watched import percentile, pushed_ms, watching

INCIDENTS = 100_000
CONSOLES = 1000
ASKED_PER_S = 10.0
LAST_TICK_S = 1.0
LOOKS = {
    "none": "",
    "kota": "&region={kota}",
    "status, severity": "&status=baru&severity=kritis",
    "words": "&q=listrik+kasus",
    "rare words": "&q=kasus+77777",
    "number": "&q=77777",
    "kelurahan": "&q={kelurahan}",
    "TPS of a kelurahan": "&q={kelurahan}+TPS+1",
    "TPS anywhere": "&q=TPS+1",
}


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Quick and full alike: the list of a hundred thousand, then actions one after the other."""
    place = ground.place(plan.ground)
    ground.ask(f"with gone as ({cases.CALM} returning 1) select count(*) from gone", place)
    cases.open_incidents(ground, place, min(INCIDENTS, len(place.codes)))
    serve, live = ground.serve(place), ground.live(place)
    try:
        pages = _pages(ground, place, serve)
        late = _actions(ground, place, serve, live, 100 if plan.full else 40)
    finally:
        ground.stop(serve, live)
        ground.drop(place)
    worst = max(pages, key=lambda name: pages[name])
    said = ", ".join(f"{name} {ms:.0f}" for name, ms in pages.items())
    return [
        Result(name="incident_page_ms", value=pages[worst], unit="ms", note=f"the worst of: {said}; first page of 50 of {INCIDENTS:,}, over HTTP"),
        Result(
            name="action_push_p99_ms", value=percentile(late, 99), unit="ms",
            note=f"acknowledgements, {ASKED_PER_S:g}/s, {CONSOLES:,} consoles; p50 {percentile(late, 50):.0f}",
        ),
    ]  # fmt: skip


class Client:
    """One keep-alive connection with the bench's token."""

    def __init__(self, place: Place, role: Role) -> None:
        self._place, self._http = place, http.client.HTTPConnection("127.0.0.1", role.port)

    def ask(self, method: str, path: str, body: object = None) -> tuple[float, dict[str, object]]:
        """When it was sent, and the answer."""
        headers = {"authorization": f"Bearer {self._place.token}", "content-type": "application/json"}
        sent = time.perf_counter()
        self._http.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._http.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{method} {path}: {answer.status} {said!r}"
        found: dict[str, object] = json.loads(said)
        return sent, found


def _pages(ground: Ground, place: Place, serve: Role) -> dict[str, float]:
    client, found = Client(place, serve), {}
    code = place.codes[len(place.codes) // 2]
    kelurahan = ground.ask(f"select name from posko.node where code = '{code.rpartition('.')[0]}'", place)
    for name, look in LOOKS.items():
        path = f"/v1/incidents?operation={place.operation}&limit=50{look.format(kota=code[:5], kelurahan=quote_plus(kelurahan))}"
        times = []
        for _ in range(12):
            sent, page = client.ask("GET", path)
            times.append((time.perf_counter() - sent) * 1000)
            assert page["rows"], name
        found[name] = statistics.median(times[2:])
        ground.say(f"incidents by {name}: median {found[name]:.1f} ms, worst {max(times):.1f} ms")
    return found


def _actions(ground: Ground, place: Place, serve: Role, live: Role, many: int) -> list[float]:
    client, samples = Client(place, serve), []
    _, page = client.ask("GET", f"/v1/incidents?operation={place.operation}&limit={many}&status=baru")
    rows = page["rows"]
    assert isinstance(rows, list)
    with consoles.swarm(watching(place, live, CONSOLES)) as swarm:
        swarm.go()
        for row in rows:
            sent, done = client.ask("PUT", f"/v1/incidents/{row['id']}/acknowledgement", {})
            samples.append((sent, int(str(done["version"]))))
            time.sleep(1 / ASKED_PER_S)
        time.sleep(LAST_TICK_S)
        seen = swarm.stop()
    assert not seen.lost
    late = pushed_ms(samples, seen.samples)
    ground.say(f"action to {CONSOLES:,} consoles: p50 {percentile(late, 50):.0f} p99 {percentile(late, 99):.0f} ms")
    return late
