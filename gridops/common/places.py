"""Places on the earth."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import SupportsFloat

EARTH_M = 6_371_000  # mean radius
Place = tuple[SupportsFloat, SupportsFloat]  # longitude, latitude, in degrees


def metres(one: Place, other: Place) -> float:
    """The straight line over the ground between two places (great circle)."""
    here, there = (tuple(radians(float(degrees)) for degrees in place) for place in (one, other))
    across, up = there[0] - here[0], there[1] - here[1]
    part = sin(up / 2) ** 2 + cos(here[1]) * cos(there[1]) * sin(across / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(part)))
