"""Which kinds of work there are. Apps register theirs in ``tasks.py``; nothing here knows any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from gridops.common.months import Month

if TYPE_CHECKING:
    from gridops.jobs.run import Run

Handler = Callable[["Run"], None]
Lacking = Callable[[Month], set[int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its title on screen and the function that does it."""

    name: str
    title: Promise | str
    handle: Handler


@dataclass(frozen=True, slots=True)
class MonthlyKind(Kind):
    """Work that the calendar owes each unit for the month after: made ahead, and once more on the due day.

    ``early_rule`` and ``due_rule`` name rules of ``accounts.rulebook`` that hold a day of the month before.
    ``lacking`` gives the ids of units that have a grid without its share of a month's work: one that came later.
    """

    early_rule: str
    due_rule: str
    lacking: Lacking | None = None


@dataclass(frozen=True, slots=True)
class ClosingKind(Kind):
    """Work that the calendar owes each unit for a month that is over, from the first day of the next.

    ``lacking`` gives the ids of units for which it has to be done again: what it was done with has changed.
    """

    lacking: Lacking | None = None


KINDS: dict[str, Kind] = {}


def job(name: str, title: Promise | str) -> Callable[[Handler], Handler]:
    """Register the function as the one that does jobs of kind ``name``."""

    def register(handle: Handler) -> Handler:
        KINDS[name] = Kind(name, title, handle)
        return handle

    return register


def monthly(
    name: str, title: Promise | str, *, early_rule: str, due_rule: str, lacking: Lacking | None = None
) -> Callable[[Handler], Handler]:
    """Register the function as monthly work per unit; its runs carry ``run.job.month`` and ``run.job.unit``."""

    def register(handle: Handler) -> Handler:
        KINDS[name] = MonthlyKind(name, title, handle, early_rule, due_rule, lacking)
        return handle

    return register


def closing(name: str, title: Promise | str, *, lacking: Lacking | None = None) -> Callable[[Handler], Handler]:
    """Register the function as work per unit that closes a month; its runs carry ``run.job.month`` and ``.unit``."""

    def register(handle: Handler) -> Handler:
        KINDS[name] = ClosingKind(name, title, handle, lacking)
        return handle

    return register


def monthly_kinds() -> list[MonthlyKind]:
    """All work that is made ahead of a month, in the order of registration."""
    return [kind for kind in KINDS.values() if isinstance(kind, MonthlyKind)]


def closing_kinds() -> list[ClosingKind]:
    """All work that closes a month, in the order of registration."""
    return [kind for kind in KINDS.values() if isinstance(kind, ClosingKind)]


def title_of(name: str) -> Promise | str:
    """The title of kind ``name``; the name itself when no app knows it any more."""
    kind = KINDS.get(name)
    return kind.title if kind else name
