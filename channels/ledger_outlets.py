"""The columns of the list of outlets and of its export, and what a row shows beyond its table (C5, C8 to C10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from channels.assessment import Business, Check, business, last_checks, last_whole_month
from channels.models import Outlet, OutletStaff
from channels.sheets_outlets import STAGES, OutletSheet
from channels.week import Standing, standings
from gridops.accounts.models import User
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order
from gridops.common.weeks import Week
from projects.models import Project

STAGE_WORDS = {value: word for word, value in STAGES.items()}
WEEKDAYS = "一二三四五六日"


@dataclass(slots=True)
class Facts:
    """What is known of an outlet today."""

    week: Standing | None = None
    business: Business = field(default_factory=Business)
    check: Check | None = None
    staff: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)


def facts(ids: Iterable[int], user: User, today: date) -> dict[int, Facts]:
    """Outlet -> what is known of it today; a constant number of queries."""
    rows = Outlet.objects.filter(pk__in=list(ids))
    found: dict[int, Facts] = defaultdict(Facts)
    for pk, standing in standings(rows, Week.of(today), today).items():
        found[pk].week = standing
    for pk, one in business(rows, last_whole_month(today)).items():
        found[pk].business = one
    for pk, check in last_checks(rows).items():
        found[pk].check = check
    for pk, name in OutletStaff.objects.filter(outlet__in=rows).order_by("name").values_list("outlet", "name"):
        found[pk].staff.append(name)
    around = Project.objects.for_user(user).filter(nearby_outlets__in=rows).order_by("code")
    for pk, code in around.values_list("nearby_outlets", "code"):
        if pk in found:
            found[pk].projects.append(code)
    return found


def outlet_facts(user: User, today: date) -> Callable[[list[Outlet]], None]:
    """Gives the rows of a page, or of an export, their ``facts``."""

    def decorate(rows: list[Outlet]) -> None:
        known = facts([row.pk for row in rows], user, today)
        for row in rows:
            row.facts = known.get(row.pk, Facts())  # type: ignore[attr-defined]

    return decorate


def weekday_words(days: str) -> str:
    """Days of the week as rosters write them."""
    return "、".join(f"周{WEEKDAYS[int(one) - 1]}" for one in days)


def _own(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row, name)


def _clock(name: str) -> Callable[[Any], object]:
    def read(row: Outlet) -> object:
        value: time | None = getattr(row, name)
        return value.strftime("%H:%M") if value else ""

    return read


def _in_file(name: str, value: Callable[[Any], object]) -> Column:
    """A column of the export only, under the roster's own header: what is exported imports again."""
    return Column(OutletSheet().column(name).header, value, page=False)


def _of_week(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row.facts.week, name) if row.facts.week else None


def _active(row: Outlet) -> object:
    return _("active") if row.is_active else _("not active")


OUTLETS = ListSpec(
    name="outlets",
    title=_("Outlets"),
    columns=[
        Column(_("outlet code"), _own("code"), sort="code"),
        Column(_("outlet name"), _own("name"), sort="name"),
        Column(_("grid"), lambda row: row.grid.name),
        _in_file("address", _own("address")),
        _in_file("owner_name", _own("owner_name")),
        Column(_("phone"), _own("phone")),
        Column(_("stage")),
        _in_file("stage", lambda row: STAGE_WORDS[row.stage]),
        _in_file("opened_on", _own("opened_on")),
        Column(_("grade"), lambda row: row.facts.business.grade),
        Column(
            _("orders a month"),
            lambda row: None if row.facts.business.mean is None else round(row.facts.business.mean, 1),
            page=False,
        ),
        Column(_("visits and calls this week")),
        Column(_("visits owed this week"), _of_week("visits_owed"), page=False),
        Column(_("visits this week"), _of_week("visits_done"), page=False),
        Column(_("calls owed this week"), _of_week("calls_owed"), page=False),
        Column(_("calls this week"), _of_week("calls_done"), page=False),
        Column(_("last visit"), _of_week("last_visit_on")),
        Column(_("five ones"), lambda row: row.facts.check.present if row.facts.check else None),
        _in_file("opens_at", _clock("opens_at")),
        _in_file("closes_at", _clock("closes_at")),
        _in_file("rest_days", lambda row: weekday_words(row.rest_days)),
        _in_file("staff", lambda row: "、".join(row.facts.staff)),
        _in_file("nearby_projects", lambda row: "、".join(row.facts.projects)),
        _in_file("longitude", _own("longitude")),
        _in_file("latitude", _own("latitude")),
        _in_file("note", _own("note")),
        Column(_("state"), _active, page=False),
    ],
    rows="channels/_outlet_rows.html",
    order=Order("code"),
    empty=_("No outlets yet. They come with the roster of outlets, by import, or as shops that you found."),
    search=_("Code, name or address"),
    export="channels:outlets-export",
)
