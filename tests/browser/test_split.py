"""Working in the table of a split: saved as it is typed, the rest split again, what others wrote, on desk and phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.services import start
from plans.models import Plan, ProjectShare
from projects.models import Project
from tests import factories
from tests.browser.conftest import SignIn, fits

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def plan(unit: Unit, grid: Grid, wait_for: Wait) -> Plan:
    """Drafted for next month: 30 net adds over three projects with 50 to 150 free ports."""
    today = Month.of(timezone.localdate())
    for number in range(3):
        project = factories.make_project(grid, f"P20000{number}", name=f"紫荆花园{number}期")
        users = 100 + 50 * number
        factories.make_indicator(project, today.plus(-1), billing_users=users, ports=250, ports_used=users, net_adds=3)
    factories.make_target(grid, today.plus(1), net_adds=30, renewals=20)
    start("plans.drafts", month=today.plus(1), unit=unit)
    wait_for(lambda: Plan.objects.filter(grid=grid).exists())
    return Plan.objects.get(grid=grid)


def shares(plan: Plan) -> dict[str, int]:
    return dict(ProjectShare.objects.filter(plan=plan).values_list("project__code", "net_adds"))


def cell(page: Page, number: int, name: str) -> Locator:
    """An input of a project."""
    return page.locator(f"#cell-share-{Project.objects.get(code=f'P20000{number}').pk}-{name}")


def share(page: Page, number: int) -> Locator:
    """What stands as a project's share."""
    return page.locator(f"#split-share-{Project.objects.get(code=f'P20000{number}').pk} strong")


def saved(page: Page) -> None:
    """Everything typed is stored."""
    expect(page.locator("[data-autosave-state=saved]").first).to_be_visible()


def test_a_figure_typed_is_saved_and_the_rest_is_split_again_at_once(
    page: Page, sign_in: SignIn, manager: User, plan: Plan
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/split/")
    cell(page, 0, "manual").fill("4")
    cell(page, 0, "manual").press("Tab")
    saved(page)
    expect(share(page, 0)).to_have_text("4")
    now = shares(plan)
    assert (now["P200000"], sum(now.values())) == (4, 30)
    expect(share(page, 1)).to_have_text(str(now["P200001"]))
    expect(page.locator("[data-total]")).to_have_text("30")
    expect(cell(page, 0, "locked")).to_be_checked()

    # a lock keeps another share as it is; more than the goal is said; opening both brings the rule's split back
    cell(page, 1, "locked").check()
    expect(cell(page, 1, "manual")).to_have_value(str(now["P200001"]))
    cell(page, 0, "manual").fill("40")
    cell(page, 0, "manual").press("Tab")
    expect(share(page, 0)).to_have_text("40")
    assert shares(plan)["P200001"] == now["P200001"]
    assert sum(shares(plan).values()) == 30
    assert shares(plan)["P200002"] < 0
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("button[name=then][value=unlock]").click()
    expect(cell(page, 0, "manual")).to_have_value("")
    expect(cell(page, 1, "locked")).not_to_be_checked()
    assert not ProjectShare.objects.filter(plan=plan, is_manual=True).exists()


def test_two_windows_lose_nothing(open_page: Callable[..., Page], sign_in: SignIn, manager: User, plan: Plan) -> None:
    first, second = open_page(), open_page()
    for window in (first, second):
        sign_in(window, manager)
        window.goto(f"/plans/{plan.pk}/split/")
    cell(first, 0, "remark").fill("先写的")
    cell(first, 0, "remark").press("Tab")
    saved(first)
    cell(second, 0, "remark").fill("后写的")
    cell(second, 0, "remark").press("Tab")
    note = second.locator(".autosave-conflict")
    expect(note).to_contain_text("先写的")
    expect(cell(second, 0, "remark")).to_have_value("后写的")
    note.locator("button").first.click()
    saved(second)
    assert ProjectShare.objects.get(plan=plan, project__code="P200000").remark == "后写的"

    # what the first does next brings what the second wrote
    cell(first, 1, "adjustment").fill("20")
    cell(first, 1, "adjustment").press("Tab")
    expect(cell(first, 0, "remark")).to_have_value("后写的")


def test_the_table_is_worked_in_on_a_phone(phone: Page, sign_in: SignIn, manager: User, plan: Plan) -> None:
    sign_in(phone, manager)
    phone.goto(f"/plans/{plan.pk}/split/")
    assert fits(phone)
    cell(phone, 2, "manual").fill("25")
    cell(phone, 2, "remark").fill("新楼交付")
    cell(phone, 2, "remark").press("Tab")
    saved(phone)
    expect(share(phone, 2)).to_have_text("25")
    stored = ProjectShare.objects.get(plan=plan, project__code="P200002")
    assert (stored.net_adds, stored.remark) == (25, "新楼交付")
    assert fits(phone)


def test_the_table_works_without_scripts(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, plan: Plan
) -> None:
    page = open_page()
    page.route("**/*.js", lambda route: route.abort())
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/split/")
    cell(page, 0, "manual").fill("6")
    page.locator(".split-head button[value=split]").click()
    expect(share(page, 0)).to_have_text("6")
    assert sum(shares(plan).values()) == 30


def test_other_weights_are_tried_and_a_supervisor_keeps_them(
    page: Page, sign_in: SignIn, supervisor: User, plan: Plan
) -> None:
    before = shares(plan)
    sign_in(page, supervisor)
    page.goto(f"/plans/{plan.pk}/split/")
    page.locator("#id_existing").fill("100")
    page.locator("#id_free_ports").fill("0")
    page.locator("#id_unserved").fill("0")
    page.locator("#id_unserved").press("Tab")
    result = page.locator("#what-if-result")
    expect(result.locator("tfoot strong").first).to_have_text("30")
    expect(result.locator("tbody tr").nth(0).locator("td").nth(2)).to_have_text("7")  # 100 of 450 users
    page.on("dialog", lambda dialog: dialog.accept())
    result.locator("button.btn-primary").click()
    expect(page).to_have_url(re.compile("/plans/weights/"))
    expect(page.locator("#id_existing")).to_have_value("100")
    assert shares(plan) == before
