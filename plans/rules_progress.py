"""Whether a month will hold: expected by now, forecast at its end, and the state with its numbers (S1). No ORM.

The reading is *ours*. A target is expected to be reached in equal steps, one a calendar day. The forecast goes on at
the pace so far, counted from the day of the figures, not from today. Utilisation is a level: it is expected to move
evenly from where last month ended to the target, and the forecast goes on at that pace.

The state compares the forecast with the target: good from ``amber`` percent of it on, amber from ``red`` percent on,
red below. What may be missing is counted from the size of the target, so that negative ones mean what they say: with a
target of -5 a loss of 3 is good, and one of 6 is too much. Around 0 one short is amber.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GOOD, AMBER, RED = "good", "amber", "red"
EARLY, UNKNOWN, NO_TARGET = "early", "unknown", "no_target"
#: the worst first
SEVERITY: Final[Mapping[str, int]] = {RED: 0, AMBER: 1, UNKNOWN: 2, EARLY: 3, GOOD: 4, NO_TARGET: 5}


@dataclass(frozen=True, slots=True)
class Limits:
    """Days of a month that are too few to judge by; percent of the target from which a forecast is good, and amber."""

    quiet_days: int = 5
    amber: int = 100
    red: int = 85


@dataclass(frozen=True, slots=True)
class Reading:
    """What was done by ``day`` of the month. ``pace``: how much a day, where it is not the same for all its parts."""

    value: float
    day: int
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A target against what was done: ``day`` is the one that ``expected`` and ``done`` are of.

    ``percent`` is the forecast in percent of the target, None where that says nothing (no target above 0). ``short`` is
    what the forecast lacks of the target, negative when it is more.
    """

    state: str
    day: int
    target: float | None = None
    expected: float | None = None
    done: float | None = None
    forecast: float | None = None
    percent: float | None = None
    short: float | None = None

    @property
    def rank(self) -> tuple[int, float, float]:
        """The worst first: by state, then by how little of the target is expected, then by how much is missing."""
        return (
            SEVERITY[self.state],
            math.inf if self.percent is None else self.percent,
            -self.short if self.short is not None else 0.0,
        )


def expected_count(target: float, day: int, length: int) -> float:
    """What is expected of ``target`` by ``day`` of a month of ``length`` days."""
    return target * day / length


def expected_level(target: float, day: int, length: int, start: float | None) -> float:
    """The level expected by ``day`` on the way from ``start``; the target itself where nothing is known before it."""
    return target if start is None else start + (target - start) * day / length


def forecast_count(reading: Reading, length: int) -> int:
    """What there will be at the end of the month, at the pace so far."""
    pace = reading.value / reading.day if reading.pace is None else reading.pace
    return whole(reading.value if reading.day >= length and reading.pace is None else pace * length)


def forecast_level(reading: Reading, length: int, start: float | None) -> float:
    """The level at the end of the month, from 0 to 100, if it goes on moving as it did since ``start``."""
    if start is None or reading.day >= length:
        return reading.value
    return min(max(start + (reading.value - start) * length / reading.day, 0.0), 100.0)


def whole(number: float) -> int:
    """The nearest whole number; halves go up, also when arithmetic left them a hair below."""
    return math.floor(round(number, 6) + 0.5)


def judge(
    target: float | None,
    reading: Reading | None,
    day: int,
    length: int,
    limits: Limits,
    *,
    level: bool = False,
    start: float | None = None,
) -> Progress:
    """How a target stands: ``day`` is today's (the last one of a month that is over), for where nothing was reported.

    ``level``: utilisation, which last month left at ``start``.
    """
    at = reading.day if reading else day
    expected = forecast = short = percent = None
    if target is not None:
        expected = expected_level(target, at, length, start) if level else expected_count(target, at, length)
    if reading is not None:
        forecast = forecast_level(reading, length, start) if level else float(forecast_count(reading, length))
    if target is not None and forecast is not None:
        short = target - forecast
        percent = 100 * forecast / target if target > 0 else None
    state = _state(target, reading, forecast, length, limits)
    return Progress(state, at, target, expected, reading.value if reading else None, forecast, percent, short)


def _state(target: float | None, reading: Reading | None, forecast: float | None, length: int, limits: Limits) -> str:
    if target is None:
        return NO_TARGET
    if reading is None or forecast is None:
        return UNKNOWN
    if reading.day <= limits.quiet_days and reading.day < length:
        return GOOD if 0 < target <= reading.value and forecast >= target else EARLY
    return standing(target, forecast, limits)


def standing(target: float, forecast: float, limits: Limits) -> str:
    """Good, amber or red: the forecast against the target, less what may be missing of it."""
    amber, red = limits.amber, min(limits.red, limits.amber)
    forecast = round(forecast, 6)
    if forecast >= round(target + abs(target) * (amber - 100) / 100, 6):
        return GOOD
    most = abs(target) * (100 - red) / 100
    allowed = max(most, 1.0) if target <= 0 else most
    return AMBER if forecast >= round(target - allowed, 6) else RED
