"""What the calendar owes: asked of the database, never of the clock of a scheduler that may have been down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gridops.accounts.models import Unit, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month, due_date
from gridops.jobs.models import Job
from gridops.jobs.registry import ClosingKind, MonthlyKind, closing_kinds, monthly_kinds, title_of
from gridops.jobs.services import run_again, start

EARLY, DUE = "early", "due"
# The hourly look at the calendar comes at minute 5; what is not done two hours after that is overdue.
STARTS_AT = time(0, 5)
GRACE = timedelta(hours=2)
ALARMS_KEY, ALARMS_KEPT_SECONDS = "jobs.alarms", 60


@dataclass(frozen=True, slots=True)
class Owed:
    """One run that the calendar owes: a kind, for a unit and month, ahead of time or on the due day."""

    kind: MonthlyKind | ClosingKind
    unit: Unit
    month: Month
    round: str
    since: date

    @property
    def key(self) -> str:
        """The job's identity: whoever asks, and however often, there is one such job."""
        return key_of(self.kind.name, self.month, self.unit.pk, self.round)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An owed run that is not as it should be. ``job_id`` is None when it was never started."""

    MISSING, LATE, FAILED, FAULTS = "missing", "late", "failed", "faults"

    what: str
    kind: str
    unit: str
    month: date
    job_id: int | None = None
    faults: int = 0

    def __str__(self) -> str:
        return f"{self.title} {self.month:%Y-%m} · {self.unit}: {self.text}"

    @property
    def title(self) -> Promise | str:
        """The kind of work, in words."""
        return title_of(self.kind)

    @property
    def text(self) -> Promise | str:
        """What is wrong, in words."""
        if self.what == self.FAULTS:
            return ngettext("%(n)d grid failed", "%(n)d grids failed", self.faults) % {"n": self.faults}
        return {
            self.MISSING: _("was due and has not been started"),
            self.LATE: _("was due and is not finished"),
            self.FAILED: _("failed"),
        }[self.what]


def key_of(kind: str, month: Month, unit_id: int, round_: str) -> str:
    """The identity of a monthly run."""
    return f"{kind}:{month}:unit-{unit_id}:{round_}"


def owed(today: date) -> Iterator[Owed]:
    """Every run that should have been started by ``today`` for this month or the next (S1, S7; *ours*: made ahead).

    Once the due day has come only the due run is owed: it makes all that is missing, whether or not the early one ran.
    What closes a month is owed for the last one that is over. A unit without grids is owed nothing.
    """
    kinds = monthly_kinds()
    units = list(Unit.objects.with_grids())
    days_by_unit = rules_by_unit({name for kind in kinds for name in (kind.early_rule, kind.due_rule)}, units)
    for unit in units:
        days = days_by_unit[unit.pk]
        for month in (Month.of(today), Month.of(today).plus(1)):
            for kind in kinds:
                due, early = due_date(month, days[kind.due_rule]), due_date(month, days[kind.early_rule])
                if due <= today:
                    yield Owed(kind, unit, month, DUE, due)
                elif early <= today:
                    yield Owed(kind, unit, month, EARLY, early)
        this = Month.of(today)
        yield from (Owed(kind, unit, this.plus(-1), DUE, this.first) for kind in closing_kinds())


def ensure_month(today: date) -> int:
    """Start every owed run that has no job yet; ``today`` is the local date. Returns how many were started.

    A run that is done is run again for a grid, or figures, that came after it, unless grids of it failed: those wait
    for a person.
    """
    runs = list(owed(today))
    jobs = _jobs_of(runs)
    asked = {(run.kind.name, run.month): run for run in runs if run.key in jobs}
    lacking = {key: _lacking(run) for key, run in asked.items()}
    started = 0
    for run in runs:
        job = jobs.get(run.key)
        if job is None:
            start(run.kind.name, key=run.key, month=run.month, unit=run.unit)
            started += 1
        elif job.state == Job.State.DONE and not job.fault_count and run.unit.pk in lacking[run.kind.name, run.month]:
            started += run_again(job)
    return started


def _lacking(run: Owed) -> set[int]:
    return run.kind.lacking(run.month) if run.kind.lacking else set()


def run_month(kind: str, month: Month, units: list[Unit], by: User) -> int:
    """Run monthly work for ``month`` now, whatever was done before (an admin's button).

    Idempotent handlers make what is missing. What is still open is left to its course. Returns how many were started.
    """
    started = 0
    known = {job.key: job for job in Job.objects.filter(kind=kind, month=month.first, unit__in=units)}
    for unit in units:
        key = key_of(kind, month, unit.pk, DUE)
        if key in known:
            started += run_again(known[key])
        else:
            start(kind, key=key, month=month, unit=unit, requested_by=by)
            started += 1
    return started


def overdue(now: datetime) -> list[Alarm]:
    """Owed runs that failed, failed in part, or are not finished in time; ``now`` is aware. Three queries."""
    local = timezone.localtime(now)
    runs = list(owed(local.date()))
    jobs = _jobs_of(runs)
    found = ((run, jobs.get(run.key)) for run in runs)
    return [alarm for run, job in found if (alarm := _alarm(run, job, local))]


def alarms() -> list[Alarm]:
    """What is overdue now, at most a minute old: cheap enough for every page that an admin opens."""
    kept: list[Alarm] | None = cache.get_or_set(ALARMS_KEY, lambda: overdue(timezone.now()), ALARMS_KEPT_SECONDS)
    return kept or []


def forget_alarms() -> None:
    """Look anew at the next page: something was started."""
    cache.delete(ALARMS_KEY)


def _alarm(run: Owed, job: Any, now: datetime) -> Alarm | None:
    since = datetime.combine(run.since, STARTS_AT, tzinfo=now.tzinfo)
    about = (run.kind.name, run.unit.name, run.month.first)
    if job is None:
        return Alarm(Alarm.MISSING, *about) if now > since + GRACE else None
    if job.has_failed:
        return Alarm(Alarm.FAILED, *about, job.pk)
    if job.is_open:
        return Alarm(Alarm.LATE, *about, job.pk) if now > max(since, job.asked_at) + GRACE else None
    return Alarm(Alarm.FAULTS, *about, job.pk, job.fault_count) if job.fault_count else None


def _jobs_of(runs: list[Owed]) -> dict[str, Any]:
    """Their jobs by key, each with its ``fault_count``."""
    kinds, months = {run.kind.name for run in runs}, {run.month.first for run in runs}
    jobs = Job.objects.filter(kind__in=kinds, month__in=months).with_faults()
    return {job.key: job for job in jobs}
