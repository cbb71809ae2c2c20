"""Tasks about a month's renewals: made from an anomaly by a click, or by hand; ticked off with a result (S7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Agent
from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from renewals.anomalies import Findings, Tested, owner_of
from renewals.models import RenewalTask
from renewals.notices_tasks import tell


class Refused(Exception):
    """It can't be done; the text says why, in the person's words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, by when, who asks, and when it was asked."""

    what: str
    due_on: date
    by: User
    now: datetime


def make_from(
    findings: Findings, one: Tested, month: Month, asked: Asked, grids: Collection[int] | None
) -> list[RenewalTask]:
    """A task for each of ``grids`` (None: all) in which the subject lags, unless there is an open one; the new ones.

    Asked twice, also at the same moment, it is made once.
    """
    agent, project = owner_of(one.subject)
    concerned = [grid for grid in one.lagging() if grids is None or grid in grids]
    same = {"month": month.first, "kind": one.kind, "agent": agent, "project": project}
    with transaction.atomic():
        # held: whoever clicks at the same moment waits, and then sees the task
        held = Grid.objects.filter(pk__in=concerned).order_by("pk").select_for_update(no_key=True)
        wanted = [grid.pk for grid in held]
        there = RenewalTask.objects.still_open().filter(grid__in=wanted, **same).values_list("grid", flat=True)
        missing = sorted(set(wanted) - set(there))
        return [_make(grid, asked, numbers=one.numbers(findings, grid), **_ids(same)) for grid in missing]


def _ids(same: dict[str, Any]) -> dict[str, Any]:
    return {"agent_id" if key == "agent" else "project_id" if key == "project" else key: same[key] for key in same}


def make_by_hand(grid: Grid, month: Month, asked: Asked, agent: Agent | None = None) -> RenewalTask:
    """A task that no anomaly asked for."""
    with transaction.atomic():
        return _make(grid.pk, asked, month=month.first, kind=RenewalTask.Kind.OTHER, agent_id=agent and agent.pk)


def _make(grid: int, asked: Asked, **fields: Any) -> RenewalTask:
    what = " ".join(asked.what.split())
    task = RenewalTask.objects.create(
        grid_id=grid, what=what, due_on=asked.due_on, made_by=asked.by, made_at=asked.now, **fields
    )
    tell(task)
    return task


def finish(task: RenewalTask, result: str, by: User, today: date) -> None:
    """Done, with what came of it; one that is done already stays as it is."""
    with transaction.atomic():
        held = RenewalTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        if held.done_on is not None:
            raise Refused(_("This task was ticked off already."))
        held.done_on, held.done_by, held.result = today, by, " ".join(result.split())
        held.save(update_fields=["done_on", "done_by", "result"])


def take_up_again(task: RenewalTask) -> None:
    """Not done after all; refused where the same was made a task again meanwhile."""
    try:
        with transaction.atomic():
            RenewalTask.objects.filter(pk=task.pk).update(done_on=None, done_by=None, result="")
    except IntegrityError as error:
        raise Refused(_("The same is an open task again; work at that one.")) from error


def now_asked(what: str, due_on: date, by: User) -> Asked:
    """Asked at this moment."""
    return Asked(what, due_on, by, timezone.now())
