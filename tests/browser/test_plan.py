"""The monthly plan's course: filled and submitted by the manager, returned and approved by the supervisor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.services import start
from plans import services
from plans.models import ActionStep, Plan, ProjectShare
from projects.models import MonthlyIndicator
from tests import factories
from tests.browser.conftest import DESK, PHONE, SignIn, fits

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

    # the manager changes a goal: saved and split again at once
    desk.goto(f"/plans/{plan.pk}/")
    desk.locator("#cell-goal-net_adds").fill("40")
    desk.locator("#cell-goal-net_adds").press("Tab")
    expect(desk.locator("#plan-split tfoot")).to_contain_text("40")
    assert sum(shares(plan).values()) == 40
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
    desk.locator("#cell-note-note").fill("物业协调已落实")
    desk.get_by_role("button", name="保存并提交").click()
    expect(desk.get_by_role("button", name="保存并提交")).to_have_count(0)
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


@pytest.fixture
def step(plan: Plan) -> ActionStep:
    return ActionStep.objects.create(plan=plan, what="走访一号楼", who="王五")


def state(page: Page, name: str) -> None:
    """Wait until the page says that it stands like this."""
    expect(page.locator(f'[data-autosave-state="{name}"]')).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_typed_is_saved_and_the_list_of_what_is_missing_follows(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, plan: Plan, step: ActionStep, size: dict[str, int],
    wait_for: Wait,
) -> None:  # fmt: skip
    page = open_page(size)
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    hints = page.locator("#plan-hints li", has_text="走访一号楼")
    expect(hints).to_have_count(1)
    page.locator(f"#cell-step-{step.pk}-due_on").fill(f"{plan.month:%Y-%m}-20")
    page.locator(f"#cell-step-{step.pk}-measure").fill("十户")
    state(page, "saved")
    wait_for(lambda: ActionStep.objects.get(pk=step.pk).measure == "十户")
    expect(hints).to_have_count(0)
    assert fits(page)
    # typed and left at once: the link waits until it is saved
    page.locator("#cell-note-note").fill("马上离开")
    page.locator(".section-tab").nth(1).click()
    page.wait_for_url("**/split/")
    assert Plan.objects.get(pk=plan.pk).note == "马上离开"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_second_of_two_windows_loses_nothing_that_was_typed(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, plan: Plan, size: dict[str, int], wait_for: Wait
) -> None:
    first, second = open_page(DESK), open_page(size)
    for page in (first, second):
        sign_in(page, manager)
        page.goto(f"/plans/{plan.pk}/")
    first.locator("#cell-note-note").fill("先保存的")
    first.locator("#cell-goal-talks").fill("7")
    first.locator("#cell-goal-talks").press("Tab")
    state(first, "saved")
    wait_for(lambda: Plan.objects.get(pk=plan.pk).talks == 7)
    second.locator("#cell-note-note").fill("后输入的")
    second.locator("#cell-note-note").blur()
    state(second, "conflict")
    # both values stand at the field; what the other wrote elsewhere has come along
    expect(second.locator("#plan-note .autosave-note")).to_contain_text("先保存的")
    expect(second.locator("#cell-note-note")).to_have_value("后输入的")
    expect(second.locator("#cell-goal-talks")).to_have_value("7")
    assert Plan.objects.get(pk=plan.pk).note == "先保存的"
    assert fits(second)
    second.locator("#plan-note .autosave-note button").first.click()
    state(second, "saved")
    wait_for(lambda: Plan.objects.get(pk=plan.pk).note == "后输入的")
    # the first took theirs when asked
    first.locator("#cell-note-note").fill("第三次")
    first.locator("#cell-note-note").blur()
    state(first, "conflict")
    first.locator("#plan-note .autosave-note button").nth(1).click()
    expect(first.locator("#cell-note-note")).to_have_value("后输入的")


def test_a_broken_line_keeps_what_was_typed_and_sends_it_when_it_is_back(
    page: Page, sign_in: SignIn, manager: User, plan: Plan, wait_for: Wait
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    page.route("**/cells/", lambda route: route.abort())
    page.locator("#cell-note-note").fill("断网时写的")
    page.locator("#cell-note-note").blur()
    state(page, "no_line")
    assert Plan.objects.get(pk=plan.pk).note == ""
    page.unroute("**/cells/")
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page, "saved")
    wait_for(lambda: Plan.objects.get(pk=plan.pk).note == "断网时写的")


def test_one_who_was_signed_out_meanwhile_keeps_what_was_typed(
    page: Page, sign_in: SignIn, manager: User, plan: Plan, wait_for: Wait
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    page.context.clear_cookies(name="sessionid")
    page.context.clear_cookies(name="__Host-sessionid")
    page.locator("#cell-note-note").fill("退出后写的")
    page.locator("#cell-note-note").blur()
    state(page, "signed_out")
    sign_in(page, manager)
    page.evaluate("dispatchEvent(new Event('focus'))")
    state(page, "saved")
    wait_for(lambda: Plan.objects.get(pk=plan.pk).note == "退出后写的")


def test_a_plan_handed_in_meanwhile_keeps_what_was_typed_on_the_page(
    page: Page, sign_in: SignIn, manager: User, plan: Plan
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    services.submit(plan, plan.version, manager, now=timezone.now())
    page.locator("#cell-note-note").fill("来不及了")
    page.locator("#cell-note-note").blur()
    state(page, "locked")
    expect(page.locator("#cell-note-note")).to_have_value("来不及了")
    assert Plan.objects.get(pk=plan.pk).note == ""


def test_a_steps_text_is_one_line_that_is_seen_whole(
    phone: Page, sign_in: SignIn, manager: User, plan: Plan, step: ActionStep, wait_for: Wait
) -> None:
    sign_in(phone, manager)
    phone.goto(f"/plans/{plan.pk}/")
    what = phone.locator(f"#cell-step-{step.pk}-what")
    low = what.evaluate("element => element.offsetHeight")
    what.fill("在南苑新村开展促销，先走访物业与门卫，\n再逐栋张贴海报，周末两天各安排一场")
    what.press("Enter")
    wait_for(lambda: "门卫， 再逐栋" in ActionStep.objects.get(pk=step.pk).what)
    assert what.evaluate("element => element.offsetHeight") > low
    assert what.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_a_step_is_added_filled_removed_and_put_back(
    page: Page, sign_in: SignIn, manager: User, plan: Plan, wait_for: Wait
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    page.locator("#cell-goal-talks").fill("6")  # not saved yet: it goes first
    page.locator("#plan-steps .card-footer button").click()
    wait_for(lambda: plan.steps.filter(what="").exists())
    made = plan.steps.get(what="")
    assert Plan.objects.get(pk=plan.pk).talks == 6
    what = page.locator(f"#cell-step-{made.pk}-what")
    expect(what).to_be_focused()
    what.fill("走访二号楼")
    what.press("Enter")
    state(page, "saved")
    wait_for(lambda: ActionStep.objects.get(pk=made.pk).what == "走访二号楼")
    page.locator(f"#step-{made.pk} .btn-ghost-danger").click()
    expect(what).to_have_count(0)
    page.locator(".plan-undo button").click()
    expect(what).to_have_value("走访二号楼")


def test_half_a_date_is_not_taken_for_an_emptied_field(
    page: Page, sign_in: SignIn, manager: User, plan: Plan, step: ActionStep, wait_for: Wait
) -> None:
    ActionStep.objects.filter(pk=step.pk).update(due_on=plan.month)
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    day = page.locator(f"#cell-step-{step.pk}-due_on")
    day.focus()
    day.press("Backspace")  # one part of the date
    page.locator("#cell-goal-talks").fill("4")
    page.locator("#cell-goal-talks").blur()
    wait_for(lambda: Plan.objects.get(pk=plan.pk).talks == 4)
    expect(page.locator(f"#step-{step.pk} .autosave-note")).to_be_visible()
    state(page, "fault")
    assert ActionStep.objects.get(pk=step.pk).due_on == plan.month
    day.fill(f"{plan.month:%Y-%m}-15")
    state(page, "saved")
    wait_for(lambda: ActionStep.objects.filter(pk=step.pk, due_on__day=15).exists())


def test_the_plan_can_be_filled_on_a_phone(phone: Page, sign_in: SignIn, manager: User, plan: Plan) -> None:
    sign_in(phone, manager)
    phone.goto(f"/plans/{plan.pk}/")
    expect(phone.locator("#cell-goal-net_adds")).to_be_visible()
    assert fits(phone)
