"""The columns of the project list and of its export (P1, with the port utilisation of the newest month)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order
from projects.models import MonthlyIndicator, Project


def _own(name: str) -> Callable[[Project], object]:
    return lambda row: getattr(row, name)


def _column(name: str, *, sort: bool = False, number: bool = False, page: bool = False) -> Column:
    described: Any = Project._meta.get_field(name)
    return Column(described.verbose_name, _own(name), sort=name if sort else "", number=number, page=page)


def set_latest(rows: list[Project]) -> None:
    """Give each project its newest month with a port utilisation as ``latest`` (None: there is none)."""
    latest = MonthlyIndicator.objects.latest_of(rows)
    for row in rows:
        row.latest = latest.get(row.pk)


def _utilisation(row: Project) -> object:
    return row.latest.port_utilisation if row.latest else None


PROJECTS = ListSpec(
    name="projects",
    title=_("Projects"),
    columns=[
        _column("code", sort=True, page=True),
        _column("name", sort=True, page=True),
        Column(_("grid"), lambda row: row.grid.name),
        _column("address"),
        _column("built_on"),
        Column(_("project nature"), lambda row: row.get_nature_display(), page=False),
        _column("households", sort=True, number=True, page=True),
        _column("access"),
        _column("ports", sort=True, number=True, page=True),
        Column(_("port utilisation (%)"), _utilisation, number=True),
        _column("occupancy", sort=True, number=True, page=True),
        _column("market_share", sort=True, number=True, page=True),
        _column("rivals"),
        _column("property_company"),
        _column("property_contact"),
        _column("property_phone"),
        _column("property_rebate"),
        Column(_("agent"), _own("agent_name")),
        Column(_("in service"), lambda row: _("yes") if row.is_active else _("no"), page=False),
    ],
    rows="projects/_rows.html",
    order=Order("code"),
    empty=_("No projects yet. They come with the roster of projects, by import."),
    search=_("Code, name or address"),
    export="projects:export",
)
