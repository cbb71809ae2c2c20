"""A day's figures of a grid, written by its people: month to date, each project at once, nothing lost (S1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid
from gridops.common.months import Month
from gridops.common.templatetags.gridops import day as day_name
from projects.forms_daily import FIGURES, Typed
from projects.models import DailyResult, Project

ONLY_RISES = ("installs", "renewals")


@dataclass(slots=True)
class Cell:
    """A figure of a project on a day: stored now, the last one before it in the month, what is asked or wrong."""

    name: str
    label: str
    value: int | None = None
    before: int | None = None
    before_on: date | None = None
    text: str = ""
    was: int | None = None
    fault: str = ""
    question: str = ""

    @property
    def may_fall(self) -> bool:
        """Whether it can be negative."""
        return self.name in ("installs", "net_adds")


@dataclass(slots=True)
class DayRow:
    """A project's figures of a day."""

    project: Project
    cells: list[Cell] = field(default_factory=list)
    reported: bool = False


def day_rows(grid: Grid, day: date) -> list[DayRow]:
    """The projects in service of ``grid`` with their figures of ``day`` and the last before it; two queries."""
    labels = {name: str(DailyResult._meta.get_field(name).verbose_name) for name in FIGURES}  # type: ignore[union-attr]
    rows = []
    projects = list(Project.objects.filter(grid=grid, is_active=True).order_by("code"))
    known = _known(projects, day)
    for project in projects:
        row = DayRow(project, [Cell(name, labels[name]) for name in FIGURES])
        for stored in known.get(project.pk, []):  # the oldest first
            for cell in row.cells:
                value = getattr(stored, cell.name)
                if stored.day < day and value is not None:
                    cell.before, cell.before_on = value, stored.day
                elif stored.day == day:
                    cell.value = cell.was = value
            row.reported = row.reported or stored.day == day
        for cell in row.cells:
            cell.text = "" if cell.value is None else str(cell.value)
        rows.append(row)
    return rows


def _known(projects: Sequence[Project], day: date) -> dict[int, list[DailyResult]]:
    found: dict[int, list[DailyResult]] = {}
    rows = DailyResult.objects.filter(project__in=projects, day__range=(Month.of(day).first, day)).order_by("day")
    for row in rows:
        found.setdefault(row.project_id, []).append(row)
    return found


def newest_day(grid: Grid, until: date) -> tuple[date | None, int]:
    """The newest day that somebody reported for, up to ``until``, and how many projects in service did."""
    rows = DailyResult.objects.filter(project__grid=grid, project__is_active=True, day__lte=until).order_by("-day")
    newest = rows.values_list("day", flat=True).first()
    return newest, rows.filter(day=newest).count() if newest else 0


def save_day(grid: Grid, day: date, typed: Sequence[Typed]) -> tuple[list[DayRow], int]:
    """Write what was changed, all of it or nothing; returns the rows as they are to be shown, and how many changed.

    A row with a fault or a question that is not answered keeps everything back: -1. What somebody else stored
    meanwhile is shown at its field, and what was typed stays there.
    """
    try:
        with transaction.atomic():
            list(Project.objects.select_for_update(no_key=True).filter(grid=grid).order_by("pk").values_list("pk"))
            list(DailyResult.objects.select_for_update(of=("self",)).filter(project__grid=grid, day=day).order_by("pk"))
            rows = day_rows(grid, day)
            _judge(rows, typed)
            if any(cell.fault or cell.question for row in rows for cell in row.cells):
                return rows, -1
            changed = _write(rows, day)
    except IntegrityError:
        rows = day_rows(grid, day)
        _judge(rows, typed)
        return rows, -1
    return rows, changed


def _judge(rows: list[DayRow], typed: Iterable[Typed]) -> None:
    """Put what was typed into the rows, with what is wrong with it, or to be asked about."""
    cells = {(row.project.pk, cell.name): (row, cell) for row in rows for cell in row.cells}
    for one in typed:
        if (found := cells.get((one.project, one.name))) is None or not one.changed:
            continue
        row, cell = found
        cell.text = one.text
        if one.fault:
            cell.fault, cell.was = one.fault, one.was
        elif cell.value not in (one.was, one.value):
            cell.was = cell.value
            text = _("Somebody has stored %(value)s meanwhile; save again to keep yours.")
            cell.fault = text % {"value": "—" if cell.value is None else cell.value}
        else:
            cell.value, cell.text = one.value, "" if one.value is None else str(one.value)
            cell.question = "" if one.sure else _question(row, cell)


def _question(row: DayRow, cell: Cell) -> str:
    if cell.value is None:
        return ""
    if cell.name in ONLY_RISES and cell.before is not None and cell.before_on and cell.value < cell.before:
        text = _("Less than the %(before)d of %(day)s, though it counts from the 1st. Is it right?")
        return text % {"before": cell.before, "day": day_name(cell.before_on)}
    if cell.name == "ports_used" and row.project.ports is not None and cell.value > row.project.ports:
        return _("More than the %(ports)d ports of the project. Is it right?") % {"ports": row.project.ports}
    return ""


def _write(rows: list[DayRow], day: date) -> int:
    stored = {row.project_id: row for row in DailyResult.objects.filter(project__in=[r.project for r in rows], day=day)}
    changed = 0
    for row in rows:
        now = {cell.name: cell.value for cell in row.cells}
        known = stored.get(row.project.pk) or DailyResult(project=row.project, day=day, version=0)
        if all(getattr(known, name) == value for name, value in now.items()):
            continue
        changed += 1
        if all(value is None for value in now.values()):
            known.delete()
            continue
        for name, value in now.items():
            setattr(known, name, value)
        known.version += 1
        known.save()
    return changed
