"""How far a job is, in words and figures: pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

# What handlers report as their phase: a short code here, words on screen.
PHASES: Mapping[str, Promise] = {
    "reading": _("Reading the file"),
    "checking": _("Checking rows"),
    "storing": _("Storing the preview"),
    "writing": _("Writing rows"),
    "undoing": _("Undoing"),
    "listing": _("Making warning lists"),
    "drafting": _("Drafting plans"),
    "grids": _("Grid by grid"),
}
# A rate over less than this says nothing yet.
SECONDS_BEFORE_RATE = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands. ``rate`` is rows a second, ``seconds_left`` for the phase at hand; None when unknown."""

    phase: str
    done: int
    total: int
    rate: float | None = None
    seconds_left: int | None = None

    @property
    def title(self) -> Promise | str:
        """The phase in words; a code without words is shown as it is."""
        return PHASES.get(self.phase, self.phase)

    @property
    def percent(self) -> int | None:
        """Whole percent of the phase, or None when its length is not known."""
        return self.done * 100 // self.total if self.total else None

    @property
    def time_left(self) -> str:
        """The time left in words, rounded the way a person would say it; empty when unknown."""
        if self.seconds_left is None:
            return ""
        if self.seconds_left < 60:
            return ngettext("about %(n)d second left", "about %(n)d seconds left", self.seconds_left) % {
                "n": self.seconds_left
            }
        minutes = round(self.seconds_left / 60)
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}

    @property
    def step(self) -> str:
        """Changes with the phase and every quarter of it: when a screen reader should say something."""
        return f"{self.phase}-{(self.percent or 0) // 25}"


def progress_of(phase: str, done: int, total: int, since: datetime | None, at: datetime | None) -> Progress:
    """The progress of a phase that began at ``since`` and was at ``done`` of ``total`` rows at ``at``."""
    seconds = (at - since).total_seconds() if since and at else 0.0
    if not done or seconds < SECONDS_BEFORE_RATE:
        return Progress(phase, done, total)
    rate = done / seconds
    return Progress(phase, done, total, rate, round((total - done) / rate) if total else None)


def spoken(seconds: float) -> str:
    """How long something took: ``0.8 s``, ``12 s``, ``3 min 5 s``."""
    if seconds < 10:
        return gettext("%(s).1f s") % {"s": seconds}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return gettext("%(s)d s") % {"s": rest}
    return gettext("%(m)d min %(s)d s") % {"m": minutes, "s": rest}
