"""A plan in its month: a day's figures typed, progress read, a step ticked off with a note; on a desk and a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.models import ActionStep, Plan, ProjectShare
from projects.models import DailyResult, Project
from tests import factories
from tests.browser.conftest import DESK, PHONE, SignIn, fits


@pytest.fixture
def plan(grid: Grid, project: Project) -> Plan:
    """Approved for this month, with two projects and a step."""
    month = Month.of(timezone.localdate())
    second = factories.make_project(grid, "P000009", name="翠湖雅苑")
    plan = Plan.objects.create(
        grid=grid, month=month.first, state=Plan.State.APPROVED, net_adds=40, reviewed_at=timezone.now()
    )
    for row in (project, second):
        ProjectShare.objects.create(plan=plan, project=row, net_adds=20)
    ActionStep.objects.create(plan=plan, what="走访物业公司", who="张经理", due_on=month.first)
    return plan


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_manager_types_the_day_sees_where_the_month_goes_and_ticks_a_step(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, project: Project, plan: Plan, size: dict[str, int]
) -> None:
    page = open_page(size)
    sign_in(page, manager)

    # a slip is shown at its field, what was typed stays, nothing is saved
    page.goto("/projects/daily/")
    first = page.locator(f"[data-project='{project.code}']")
    first.locator("input[name$='-net_adds']").fill("1o")
    page.locator("[data-project='P000009'] input[name$='-net_adds']").fill("-2")
    page.locator(".daily-save button").click()
    expect(first.locator("input.is-invalid")).to_have_value("1o")
    expect(page.locator("[data-project='P000009'] input[name$='-net_adds']")).to_have_value("-2")
    assert not DailyResult.objects.exists()
    assert fits(page)
    first.locator("input[name$='-net_adds']").fill("10")
    page.locator(".daily-save button").click()
    expect(first.locator(".badge")).to_be_visible()
    assert set(DailyResult.objects.values_list("net_adds", flat=True)) == {-2, 10}

    # each goal with its number, drawn; the worst project first
    page.goto(f"/plans/{plan.pk}/progress/")
    expect(page.locator("[data-words='net_adds']")).to_contain_text("8" if timezone.localdate().day <= 5 else "%")
    expect(page.locator("#chart-net_adds canvas")).to_be_visible()
    expect(page.locator("[data-project]").first).to_have_attribute("data-project", "P000009")
    assert fits(page)

    # the step is ticked off with a note, and taken back
    step = page.locator("tr[id^='step-']").first
    step.locator("summary").click()
    step.locator("input[name='note']").fill("已签协议")
    step.locator("button[name='done']").click()
    expect(step.locator(".step-note")).to_have_text("已签协议")
    assert ActionStep.objects.get().done_by == manager
    assert fits(page)
    step.locator("form button").click()
    expect(step.locator("summary")).to_be_visible()
    assert ActionStep.objects.get().done_on is None


def test_a_supervisor_sees_all_grids_on_a_phone(
    open_page: Callable[..., Page], sign_in: SignIn, supervisor: User, plan: Plan
) -> None:
    page = open_page(PHONE)
    sign_in(page, supervisor)
    page.goto("/plans/progress/")
    page.get_by_role("link", name="锦江01网格").click()
    expect(page.locator("#projects-now")).to_be_visible()
    assert fits(page)
