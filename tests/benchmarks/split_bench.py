"""The split of net adds: 5,000 grids of 20 projects, against a bare loop of largest remainders. No database.

``python -m tests.benchmarks.split_bench``
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from functools import partial

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


def bare(targets: Sequence[int], weights: Sequence[Sequence[int]]) -> list[list[int]]:
    """Nothing but whole numbers by largest remainder, the first first in ties."""
    found = []
    for target, row in zip(targets, weights, strict=True):
        whole = sum(row)
        shares = [target * weight // whole for weight in row]
        remainders = [target * weight % whole for weight in row]
        order = sorted(range(len(row)), key=lambda index: (-remainders[index], index))
        for index in order[: target - sum(shares)]:
            shares[index] += 1
        found.append(shares)
    return found


def ours(targets: Sequence[int], figures: Sequence[Sequence[Figures]]) -> list[dict[str, int]]:
    """The whole split: three factors, caps, ties by code."""
    return [split_net_adds(target, rows).net_adds for target, rows in zip(targets, figures, strict=True)]


def check(targets: Sequence[int], figures: Sequence[Sequence[Figures]], weights: Sequence[Sequence[int]]) -> int:
    """Where no cap is in the way both say the same; the number of grids with a cap in the way."""
    capped = 0
    for rows, shares, split in zip(figures, bare(targets, weights), ours(targets, figures), strict=True):
        if any(share > row.free_ports for row, share in zip(rows, shares, strict=True)):
            capped += 1
        elif shares != list(split.values()):
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
        seconds.append(clock(partial(ours, targets, figures)))
        floor.append(clock(partial(bare, targets, weights)))
    name = f"split net adds: {GRIDS} grids × {PROJECTS} projects"
    return 0 if report(name, seconds, floor, BOUND, grids_with_caps=capped) else 1


if __name__ == "__main__":
    sys.exit(main())
