"""What the calendar owes: asked of the database, never of the clock of a scheduler that may have been down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gridops.accounts.models import Unit
from gridops.accounts.rulebook import rules_of
from gridops.common.months import Month, due_date
from gridops.jobs.models import Job
from gridops.jobs.registry import MonthlyKind, monthly_kinds
from gridops.jobs.services import start

EARLY, DUE = "early", "due"


@dataclass(frozen=True, slots=True)
class Owed:
    """One run that the calendar owes: a kind, for a unit and month, ahead of time or on the due day."""

    kind: MonthlyKind
    unit: Unit
    month: Month
    round: str
    since: date

    @property
    def key(self) -> str:
        """The job's identity: whoever asks, and however often, there is one such job."""
        return f"{self.kind.name}:{self.month}:unit-{self.unit.pk}:{self.round}"


def owed(today: date) -> Iterator[Owed]:
    """Every run that should have been started by ``today`` for this month or the next (S1, S7; *ours*: made ahead)."""
    kinds = monthly_kinds()
    names = [name for kind in kinds for name in (kind.early_rule, kind.due_rule)]
    for unit in Unit.objects.order_by("pk"):
        days = rules_of(names, unit)
        for month in (Month.of(today), Month.of(today).plus(1)):
            for kind in kinds:
                for round_, name in ((EARLY, kind.early_rule), (DUE, kind.due_rule)):
                    since = due_date(month, days[name])
                    if since <= today and not (round_ == EARLY and due_date(month, days[kind.due_rule]) <= today):
                        yield Owed(kind, unit, month, round_, since)


def ensure_month(today: date) -> int:
    """Start every owed run that has no job yet. Returns how many were started.

    Once the due day has come only the due run is owed: it makes all that is missing, whether or not the early one ran.
    """
    runs = list(owed(today))
    known = set(Job.objects.filter(key__in=[run.key for run in runs]).values_list("key", flat=True))
    missing = [run for run in runs if run.key not in known]
    for run in missing:
        start(run.kind.name, key=run.key, month=run.month, unit=run.unit)
    return len(missing)
