"""The monthly plan's course: filled and submitted by the manager, returned and approved by the supervisor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.services import start
from plans.models import Plan, ProjectShare
from projects.models import MonthlyIndicator
from tests import factories
from tests.browser.conftest import DESK, SignIn, fits

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def plan(unit: Unit, grid: Grid, wait_for: Wait) -> Plan:
    """Drafted for next month by the very run that the calendar starts."""
    today = Month.of(timezone.localdate())
    for number in range(3):
        project = factories.make_project(grid, f"P20000{number}", name=f"紫荆花园{number}期")
        factories.make_indicator(project, today.plus(-1), billing_users=100 + 50 * number)
    factories.make_target(grid, today.plus(1), net_adds=30, renewals=20)
    start("plans.drafts", month=today.plus(1), unit=unit)
    wait_for(lambda: Plan.objects.filter(grid=grid).exists())
    return Plan.objects.get(grid=grid)


def shares(plan: Plan) -> dict[str, int]:
    return dict(ProjectShare.objects.filter(plan=plan).values_list("project__code", "net_adds"))


def test_a_plan_is_filled_submitted_returned_mended_and_approved(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, supervisor: User, plan: Plan
) -> None:
    desk, review = open_page(DESK), open_page(DESK)
    sign_in(desk, manager)
    sign_in(review, supervisor)

    # the manager fixes one project's share; the rest is split again and the sum stays the target
    desk.goto(f"/plans/{plan.pk}/")
    assert sum(shares(plan).values()) == 30
    desk.get_by_label("紫荆花园0期: 手工指定").fill("4")
    desk.get_by_role("button", name="保存并重新分解").first.click()
    expect(desk.get_by_text("已保存")).to_be_visible()
    expect(desk.get_by_label("紫荆花园0期: 手工指定")).to_have_value("4")
    assert shares(plan)["P200000"] == 4
    assert sum(shares(plan).values()) == 30
    desk.get_by_role("button", name="保存并提交").click()
    expect(desk.locator("main, .page-head").get_by_text("已提交").first).to_be_visible()

    # the supervisor can't return it without a reason
    review.goto("/plans/inbox/")
    review.get_by_role("link", name="锦江01网格").first.click()
    review.get_by_role("button", name="退回").click()
    assert review.evaluate("document.querySelector('#id_reason').validity.valueMissing")
    review.locator("#id_reason").fill("请落实 P200001 的物业协调")
    review.get_by_role("button", name="退回").click()
    expect(review.get_by_text("请落实 P200001 的物业协调").first).to_be_visible()

    # the manager reads the reason, mends and submits again; the supervisor approves
    desk.goto(f"/plans/{plan.pk}/")
    expect(desk.get_by_text("请落实 P200001 的物业协调").first).to_be_visible()
    desk.locator("#id_note").fill("物业协调已落实")
    desk.get_by_role("button", name="保存并提交").click()
    expect(desk.locator("main, .page-head").get_by_text("已提交").first).to_be_visible()
    review.goto(f"/plans/{plan.pk}/review/")
    review.get_by_role("button", name="通过").click()
    expect(review.locator("main, .page-head").get_by_text("已通过").first).to_be_visible()

    # approved is locked, and its shares are the month's targets
    plan.refresh_from_db()
    assert (plan.state, plan.note) == (Plan.State.APPROVED, "物业协调已落实")
    targets = MonthlyIndicator.objects.filter(month=plan.month).values_list("project__code", "target_net_adds")
    assert dict(targets) == shares(plan)
    desk.goto(f"/plans/{plan.pk}/")
    expect(desk.get_by_role("button", name="保存并提交")).to_have_count(0)


def test_the_second_of_two_windows_loses_nothing_that_was_typed(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, plan: Plan
) -> None:
    first, second = open_page(DESK), open_page(DESK)
    for page in (first, second):
        sign_in(page, manager)
        page.goto(f"/plans/{plan.pk}/")
    first.locator("#id_note").fill("先保存的")
    first.get_by_role("button", name="保存并重新分解").first.click()
    expect(first.get_by_text("已保存")).to_be_visible()
    expect(first.locator("#id_note")).to_have_value("先保存的")
    second.locator("#id_note").fill("后输入的")
    second.get_by_role("button", name="保存并重新分解").first.click()
    expect(second.get_by_text("未保存：其他人已在此期间修改。")).to_be_visible()
    expect(second.locator("#id_note")).to_have_value("后输入的")
    expect(second.locator("main")).to_contain_text("先保存的")
    plan.refresh_from_db()
    assert plan.note == "先保存的"


def test_the_plan_can_be_filled_on_a_phone(phone: Page, sign_in: SignIn, manager: User, plan: Plan) -> None:
    sign_in(phone, manager)
    phone.goto(f"/plans/{plan.pk}/")
    expect(phone.get_by_label("紫荆花园1期: 手工指定")).to_be_visible()
    assert fits(phone)
