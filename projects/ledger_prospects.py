"""What a list, a board and an export show of new projects: their columns, and where each stands today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.common.lists import Column, ListSpec
from gridops.common.months import Month
from gridops.common.paging import Order
from projects import rules_prospects as rules
from projects.models import Preparation, Prospect, Stage


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a new project stands on a day; what is late is counted in days, 0 for nothing.

    ``in_stage``: days since it reached its stage, None when that day is unknown.
    """

    next_stage: str
    next_label: str
    next_planned: date | None
    next_late: int
    step_late: int
    steps_overdue: int
    in_stage: int | None
    under_construction: int | None
    is_unseen: bool


def standing(row: Prospect, today: date, steps_overdue: int = 0) -> Standing:
    """Of one, with the number of its preparation steps whose day is over."""
    ahead = rules.following(row.stage) if row.is_under_way else None
    planned, reached = row.planned.get(ahead or ""), row.actual[row.stage]
    seen = Month.of(timezone.localtime(row.looked_at).date())
    return Standing(
        next_stage=ahead or "",
        next_label=str(Stage(ahead).label) if ahead else "",
        next_planned=planned,
        next_late=rules.days_past(planned, today),
        step_late=rules.days_past(row.next_step_on, today) if row.is_under_way else 0,
        steps_overdue=steps_overdue if row.closed_on is None else 0,
        in_stage=(today - reached).days if reached and row.is_under_way else None,
        under_construction=rules.days_under_construction(row.building_on, row.accepted_on, today),
        is_unseen=row.is_under_way and seen < Month.of(today),
    )


def set_standing(rows: list[Prospect]) -> None:
    """Give each row its ``standing`` of today; one query."""
    today = timezone.localdate()
    overdue = Preparation.objects.overdue(today).per_prospect(rows)
    for row in rows:
        row.standing = standing(row, today, overdue.get(row.pk, 0))


def _own(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row, name)


def _column(name: str, *, sort: bool = False, number: bool = False, page: bool = False) -> Column:
    described: Any = Prospect._meta.get_field(name)
    return Column(described.verbose_name, _own(name), sort=name if sort else "", number=number, page=page)


PROSPECTS = ListSpec(
    name="prospects",
    title=_("New projects"),
    columns=[
        _column("name", sort=True, page=True),
        Column(_("grid"), lambda row: row.grid.name),
        Column(_("stage"), lambda row: row.get_stage_display()),
        Column(_("kind"), lambda row: row.get_kind_display(), page=False),
        _column("address"),
        _column("developer"),
        _column("households", sort=True, number=True, page=True),
        _column("ports", number=True),
        _column("next_step", page=True),
        _column("next_step_on", sort=True, page=True),
        _column("found_on"),
        _column("approval_planned_on"),
        _column("approval_on"),
        _column("agreement_planned_on"),
        _column("agreement_on"),
        _column("building_planned_on"),
        _column("building_on"),
        _column("building_months", number=True),
        Column(_("days under construction"), lambda row: row.standing.under_construction, number=True, page=False),
        _column("accepted_planned_on"),
        _column("accepted_on"),
        _column("live_planned_on", sort=True, page=True),
        _column("live_on"),
        Column(_("rivals present"), lambda row: "、".join(rival.name for rival in row.rivals.all()), page=False),
        _column("contact"),
        _column("contact_phone"),
        Column(_("looked at"), lambda row: timezone.localtime(row.looked_at).date(), sort="looked_at"),
        _column("closed_on"),
        _column("closed_reason"),
        _column("note"),
    ],
    rows="projects/_prospect_rows.html",
    order=Order("next_step_on"),
    empty=_("No new projects yet. Note one, or import 新项目储备."),
    search=_("Name, address or developer"),
    export="projects:prospect-export",
)
