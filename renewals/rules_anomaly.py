"""Who lags: one-sided binomial tests of contacts and renewals against the rest of the unit (S7). No ORM.

The reading is *ours*. The subject (an agent, a manager's pool, a project) did ``done`` of ``of``; all others of the
unit together did theirs by the same day. If the subject went at the others' pace, each of its ``of`` would be done with
their share as probability, and ``done`` or fewer would come about with the probability of the lower tail of the
binomial distribution. Below the level, the subject lags.

Contacts are judged among those whose first call was due, renewals among contracts that have expired: nobody is blamed
for days that have not come. Where all others are done with all of theirs, one of them is counted as open: what is
certain of others would make a single miss of one's own an anomaly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONTACTS, RENEWALS = "contacts", "renewals"
ENOUGH = 1e-17  # what a further term adds to a sum that a double holds: nothing


@dataclass(frozen=True, slots=True)
class Counts:
    """``done`` of ``of``."""

    done: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.done / self.of if self.of else None

    def __add__(self, more: Counts) -> Counts:
        return Counts(self.done + more.done, self.of + more.of)

    def __sub__(self, less: Counts) -> Counts:
        return Counts(self.done - less.done, self.of - less.of)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was tested and what came out: ``chance`` is the probability of as few or fewer, at the others' pace.

    ``missing`` is by how many the subject stays behind that pace.
    """

    own: Counts
    others: Counts
    pace: float
    chance: float
    missing: float

    def lags(self, percent: int) -> bool:
        """Whether so few are improbable at a level of ``percent``, and one at least is missing."""
        return self.chance * 100 < percent and self.missing >= 1


def compare(own: Counts, others: Counts, least: int) -> Comparison | None:
    """The test of ``own`` against ``others``; None while either has fewer than ``least`` (at least one)."""
    if min(own.of, others.of) < max(least, 1):
        return None
    pace = min(others.done, others.of - 1) / others.of
    return Comparison(own, others, pace, lower_tail(own.done, own.of, pace), pace * own.of - own.done)


def lower_tail(done: int, of: int, pace: float) -> float:
    """P(X <= ``done``) for X binomial of ``of`` trials with probability ``pace``; good for any number of trials.

    The sum runs from its greatest term away from the middle, each term from the one before, until nothing is added.
    """
    if not (0 <= pace <= 1 and of >= 0):
        raise ValueError(f"no such distribution: {of} trials at {pace}")
    if done < 0:
        return 0.0
    if done >= of or pace == 0:
        return 1.0
    if pace == 1:
        return 0.0
    if done <= of * pace:
        return _sum_down(done, of, pace)
    return max(0.0, 1.0 - _sum_down(of - done - 1, of, 1 - pace))  # the upper tail, told from the other end


def _sum_down(done: int, of: int, pace: float) -> float:
    """The terms from ``done`` down to 0, where ``done`` is at or below the middle: each is smaller than the last."""
    log_term = (
        math.lgamma(of + 1)
        - math.lgamma(done + 1)
        - math.lgamma(of - done + 1)
        + done * math.log(pace)
        + (of - done) * math.log1p(-pace)
    )
    odds = (1 - pace) / pace
    total = term = 1.0
    for n in range(done, 0, -1):
        term *= n / (of - n + 1) * odds
        total += term
        if term < total * ENOUGH:
            break
    return min(1.0, math.exp(log_term + math.log(total)))


def firm(chances: Sequence[float], percent: int) -> list[bool]:
    """Which of all the tests made at once hold when it is counted how many they were (Benjamini and Hochberg).

    Of those that hold, ``percent`` in a hundred are by chance on the average, however many were tested.
    """
    order = sorted(range(len(chances)), key=lambda n: chances[n])
    holding = [rank for rank, n in enumerate(order, 1) if chances[n] * 100 * len(order) <= percent * rank]
    last = holding[-1] if holding else 0
    found = [False] * len(order)
    for n in order[:last]:
        found[n] = True
    return found
