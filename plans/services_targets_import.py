"""What a roster of targets means for plans that were made already, and telling the managers (O1, S1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from gridops.accounts.models import Grid
from gridops.common.months import Month
from gridops.common.versions import as_text
from gridops.workbooks.models import Batch, Row
from plans.models import GOALS, Plan, Target
from plans.notices_targets import TargetChange, tell_targets
from plans.rules_targets import UTILISATION
from plans.services_targets import Touched, goals_of, remember, touched


def touched_by(batch: Batch) -> dict[Month, list[Touched]]:
    """Plans of this month and later that the batch's rows touch, or (applied) have touched, by month."""
    found = {}
    for month in _open_months(Plan.objects.current().dates("month", "month")):
        texts: dict[int, dict[str, str]] = {}
        for row in _rows(batch, month):
            texts[row["grid_id"]] = {goal: _text(goal, row[goal]) for goal in GOALS if goal in row}
        if not texts:
            continue
        grids = Grid.objects.filter(pk__in=list(texts)) if len(texts) < 500 else Grid.objects.all()
        wanted = texts if batch.state != Batch.State.APPLIED else {pk: {} for pk in texts}
        if plans := touched(grids, month, wanted):
            found[month] = plans
    return found


def after_import(batch: Batch) -> None:
    """Tell the managers what was handed down to them, in the transaction that applied the batch."""
    for month in _open_months(Target.objects.dates("month", "month")):
        before = {row.object_id: row for row in _changed(batch, month)}
        new = Target.objects.filter(month=month.first, created_batch=batch)
        changed = Target.objects.filter(month=month.first, pk__in=list(before)).select_related("grid")
        _remember(batch, month, before, changed)
        changes = [TargetChange(row, _given(row)) for row in new.exclude(pk__in=list(before)).select_related("grid")]
        changes += [TargetChange(row, _moved(batch, before[row.pk], row)) for row in changed]
        tell_targets(changes, month, batch.uploaded_by)


def _remember(batch: Batch, month: Month, rows: Mapping[int | None, Row], targets: Iterable[Target]) -> None:
    """What the changed targets said before the import, for plans that do not remember what they took over."""
    before = {}
    for target in targets:
        old = {goal: pair[0] for goal, pair in _moved(batch, rows[target.pk], target).items()}
        before[target.grid_id] = goals_of(target) | old
    remember(month, before)


def _open_months(months: Any) -> list[Month]:
    this = Month.of(timezone.localdate()).first
    return [Month.of(first) for first in months if first >= this]


def _rows(batch: Batch, month: Month) -> Iterator[dict[str, Any]]:
    """The rows of ``month`` that write something: field -> plain value."""
    rows = Row.objects.filter(batch=batch, state__in=[Row.State.NEW, Row.State.CHANGED])
    for values in rows.filter(key__startswith=str(month.first)).values_list("values", flat=True):
        yield dict(zip(batch.fields, values or [], strict=True))


def _changed(batch: Batch, month: Month) -> list[Row]:
    return list(Row.objects.filter(batch=batch, state=Row.State.CHANGED, key__startswith=str(month.first)))


def _given(row: Target) -> dict[str, tuple[str, str]]:
    return {goal: ("", text) for goal in GOALS if (text := as_text(getattr(row, goal)))}


def _moved(batch: Batch, stored: Row, row: Target) -> dict[str, tuple[str, str]]:
    before = dict(zip(batch.fields, stored.before or [], strict=False))
    pairs = {goal: (_text(goal, before[goal]), as_text(getattr(row, goal))) for goal in GOALS if goal in before}
    return {goal: pair for goal, pair in pairs.items() if pair[0] != pair[1]}


def _text(goal: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    return as_text(Decimal(str(value))) if goal == UTILISATION else str(value)
