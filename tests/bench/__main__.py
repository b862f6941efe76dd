"""`python -m tests.bench [--quick|--full] [measure ...]`: measures, prints a table, writes RESULTS.md and results.json."""

from __future__ import annotations

import argparse
import sys
import time

from tests.bench import record
from tests.bench.ground import Ground
from tests.bench.machine import commit
from tests.bench.measures import ALL
from tests.bench.plan import FULL, QUICK


def main() -> int:
    """Runs the chosen measures in order; what was measured before one fails is kept. A goal that is missed is no error."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--quick", action="store_true", help="about two minutes (default)")
    mode.add_argument("--full", action="store_true", help="more and longer runs, every size")
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"of: {', '.join(ALL)} (default: all)")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.measures) - set(ALL)):
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(ALL)}")
    chosen = [n for n in ALL if n in asked.measures] or list(ALL)
    began, measured_at = time.monotonic(), commit()
    done: list[record.Result] = []

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)

    with Ground(say) as ground:
        say(ground.machine)
        try:
            for number, name in enumerate(chosen, 1):
                say(f"== {number} of {len(chosen)}: {name}")
                done += ALL[name](ground, FULL if asked.full else QUICK)
        finally:
            if done:
                record.write(done, ground.machine, measured_at)
    record.show(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
