"""The day on which an outlet was won: in form, page and roster; the plan of its month counts it (C10, S1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.test import Client
from django.urls import reverse

from channels.models import Outlet
from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.results import results_of
from tests.workbooks.conftest import Import, counts


def test_its_manager_notes_the_day_and_the_month_counts_it(
    manager: User, outlet: Outlet, grid: Grid, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(manager)
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    form = browser.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name not in ("nearby_projects", "is_active")}
    answer = browser.post(address, {**data, "is_active": "on", "opened_on": "2026-11-12"})
    assert answer.status_code == 302
    outlet.refresh_from_db()
    assert outlet.opened_on == date(2026, 11, 12)
    found = results_of(Grid.objects.filter(pk=grid.pk), Month(2026, 11), date(2026, 11, 20))[grid.pk]
    assert found["new_outlets"].value == 1
    assert "2026-11-12" in browser.get(address).content.decode()


def test_the_roster_takes_the_day_and_leaves_it_without_a_column(imported: Import, outlet: Outlet) -> None:
    rows = [["网点编码", "拓展时间"], [outlet.code, "2026年11月12日"]]
    assert counts(imported(rows, kind="outlets")) == (0, 1, 0, 0)
    outlet.refresh_from_db()
    assert outlet.opened_on == date(2026, 11, 12)
    imported([["受理点编码", "受理点名称"], [outlet.code, "新名"]], kind="outlets")
    outlet.refresh_from_db()
    assert (outlet.name, outlet.opened_on) == ("新名", date(2026, 11, 12))
