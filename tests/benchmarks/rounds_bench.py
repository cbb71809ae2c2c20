"""A round of 40 outlets: how long it is looked for, its way beside nearest-first's; with opening hours, too.

    python -m tests.benchmarks.rounds_bench

Needs no database. A line of JSON a measure.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time

WITHOUT_DATABASE = True

from channels.rules_rounds import DAY, Stop, Terms, nearest_first  # noqa: E402
from channels.rules_rounds_solver import propose  # noqa: E402

OUTLETS, SEEDS, LIMIT_S = 40, 3, 3
START = (104.08, 30.65)
ALL_DAY = Terms(START, 8 * 60, 16 * 60, 10, 20)  # time enough for all of them
FOUR_HOURS = Terms(START, 9 * 60, 240, 15, 15)


def shops(seed: int, *, hours: bool) -> list[Stop]:
    """Outlets in a town, in three clusters and scattered; with ``hours`` half of them open for a part of the day."""
    rng = random.Random(seed)
    centres = [(104.04, 30.63), (104.10, 30.68), (104.12, 30.62)]
    made = []
    for key in range(OUTLETS):
        x, y = rng.choice(centres)
        spread = 0.01 if key % 3 else 0.04
        opens, closes = (rng.choice([510, 540, 630]), rng.choice([900, 1080, 1200])) if hours and key % 2 else (0, DAY)
        place = x + rng.gauss(0, spread), y + rng.gauss(0, spread)
        made.append(Stop(key, place, opens, closes, weeks_missed=rng.randrange(3)))
    return made


def say(name: str, value: float, bound: float | None, *, ok: bool = True, **more: object) -> bool:
    """One line; whether the bound, if there is one, is kept."""
    kept = ok and (bound is None or value <= bound)
    print(json.dumps({"name": name, "value": round(value, 3), "bound": bound, "ok": kept, **more}), flush=True)
    return kept


def measure(name: str, terms: Terms, *, hours: bool) -> bool:
    """The way's length over nearest-first's to the same shops, and the longest time that it took."""
    ratios, seconds, more = [], [], 0
    never_worse = True
    for seed in range(SEEDS):
        offered = shops(seed, hours=hours)
        near, began = nearest_first(offered, terms), time.perf_counter()
        found = propose(offered, terms)
        seconds.append(time.perf_counter() - began)
        never_worse &= found.fits and found.merit <= near.merit
        same = nearest_first(found.stops, terms)  # the same shops, where going to the nearest next reaches them all
        never_worse &= len(same.legs) < len(found.legs) or found.metres <= same.metres
        if len(same.legs) == len(found.legs):
            ratios.append(found.metres / same.metres)
        more += found.merit[1] < near.merit[1]
    told = {"stops_worth_more": more, "of": SEEDS}
    ratio = max(ratios, default=0.0)
    kept = say(f"{name}: longest way over nearest-first's", ratio, 1, ok=never_worse, **told)
    if ratios:
        say(f"{name}: the same, median", statistics.median(ratios), None)
    return say(f"{name}: seconds over the limit of {LIMIT_S}", max(seconds) / LIMIT_S, 1.1) and kept


def main() -> int:
    """1 when a bound is missed."""
    kept = [
        measure("40 outlets, all visited", ALL_DAY, hours=False),
        measure("40 outlets with opening hours", ALL_DAY, hours=True),
        measure("40 outlets, four hours", FOUR_HOURS, hours=True),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
