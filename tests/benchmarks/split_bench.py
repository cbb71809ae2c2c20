"""The split of net adds: 5,000 grids of 20 projects, against a bare loop of largest remainders. No database.

``python -m tests.benchmarks.split_bench``
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from plans.rules import Figures, Weights, split_net_adds
from tests.benchmarks.database import clock, report

GRIDS, PROJECTS, BOUND = 5_000, 20, 2.0
WITHOUT_DATABASE = True  # says ``__main__``: once is enough


def make() -> tuple[list[int], list[list[Figures]]]:
    """Targets and figures as grids have them: every seventh has a project too full for its proportion."""
    dice = random.Random(6)
    figures = [
        [
            Figures(f"P{grid:04d}{n:03d}", dice.randrange(50, 500), dice.randrange(300), dice.randrange(400))
            for n in range(PROJECTS)
        ]
        for grid in range(GRIDS)
    ]
    return [dice.randrange(20, 120) for _ in figures], figures


def weights_of(rows: Sequence[Figures]) -> list[int]:
    """The whole numbers that a grid is split by."""
    weights = Weights()
    _, existing, free, unserved, *_ = (list(column) for column in zip(*rows, strict=True))
    x, y, z = sum(existing), sum(free), sum(unserved)
    e, f, u = weights.existing * y * z, weights.free_ports * x * z, weights.unserved * x * y
    return [e * a + f * b + u * c for a, b, c in zip(existing, free, unserved, strict=True)]


def bare(target: int, weights: Sequence[int]) -> list[int]:
    """Nothing but whole numbers by largest remainder, the first first in ties."""
    whole = sum(weights)
    shares = [target * weight // whole for weight in weights]
    remainders = [target * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: target - sum(shares)]:
        shares[index] += 1
    return shares


def every(split: Callable[[int, Any], object], targets: Sequence[int], grids: Sequence[Any]) -> None:
    """Split each grid, one after the other."""
    for target, grid in zip(targets, grids, strict=True):
        split(target, grid)


def check(targets: Sequence[int], figures: Sequence[Sequence[Figures]], weights: Sequence[Sequence[int]]) -> int:
    """Where no cap is in the way both say the same; the number of grids with a cap in the way."""
    capped = 0
    for target, rows, row in zip(targets, figures, weights, strict=True):
        shares, split = bare(target, row), split_net_adds(target, rows)
        if any(share > project.free_ports for project, share in zip(rows, shares, strict=True)):
            capped += 1
        elif shares != list(split.net_adds.values()):
            raise AssertionError("the bare loop splits otherwise")
    return capped


def main() -> int:
    """Measure, print a JSON line, return 1 when the bound is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    targets, figures = make()
    weights = [weights_of(rows) for rows in figures]
    capped = check(targets, figures, weights)
    seconds, floor = [], []
    for _ in range(parser.parse_args().rounds):
        seconds.append(clock(partial(every, split_net_adds, targets, figures)))
        floor.append(clock(partial(every, bare, targets, weights)))
    name = f"split net adds: {GRIDS} grids × {PROJECTS} projects"
    return 0 if report(name, seconds, floor, BOUND, grids_with_caps=capped) else 1


if __name__ == "__main__":
    sys.exit(main())
