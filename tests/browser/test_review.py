"""A supervisor's evening: the inbox walked through, remarks on lines, many decided at once; desk and phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, Page, expect

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from plans import services
from plans.compare import content_of
from plans.models import ActionStep, Plan, PlanComment, PlanVersion, ProjectShare
from tests import factories
from tests.browser.conftest import DESK, PHONE, SignIn, fits

APPROVE, RETURN = 'button[name="decision"][value="approve"]', 'button[name="decision"][value="return"]'


@pytest.fixture
def plans(unit: Unit, grid: Grid, manager: User) -> list[Plan]:
    """Three plans of next month that wait."""
    month = Month.of(timezone.localdate()).plus(1)
    made = []
    for place in (grid, factories.make_grid(unit, "锦江03网格"), factories.make_grid(unit, "锦江04网格")):
        by = manager if place == grid else factories.make_manager(place)
        now = timezone.now()
        plan = Plan.objects.create(
            grid=place, month=month.first, state="submitted", submitted_at=now, submitted_by=by, net_adds=20
        )
        for project in factories.make_projects(place, 2):
            ProjectShare.objects.create(plan=plan, project=project, net_adds=10)
        ActionStep.objects.create(plan=plan, what="拜访物业", who="张三")
        PlanVersion.objects.create(plan=plan, number=1, at=now, by=by, content=content_of(plan))
        made.append(plan)
    return made


def states(plans: list[Plan]) -> list[str]:
    return [Plan.objects.get(pk=plan.pk).state for plan in plans]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_many_are_chosen_and_approved_at_once(
    open_page: Callable[..., Page], sign_in: SignIn, supervisor: User, plans: list[Plan], size: dict[str, int]
) -> None:
    page = open_page(size)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", answer)
    sign_in(page, supervisor)
    page.goto("/plans/inbox/")
    expect(page.locator(APPROVE)).to_be_disabled()
    assert fits(page)
    page.locator("[data-choose-all] input").check()
    page.locator(f'input[name="plan"][value^="{plans[1].pk}:"]').uncheck()
    expect(page.locator("[data-chosen]")).to_contain_text("2")
    page.locator(APPROVE).click()
    expect(page.locator(f'[data-done="{plans[0].pk}"]')).to_be_visible()
    expect(page.locator(f'[data-done="{plans[2].pk}"]')).to_be_visible()
    assert states(plans) == ["approved", "submitted", "approved"]
    assert len(asked) == 1
    assert "2" in asked[0]
    assert fits(page)


def test_many_are_not_returned_without_a_reason(
    page: Page, sign_in: SignIn, supervisor: User, plans: list[Plan]
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, supervisor)
    page.goto("/plans/inbox/")
    page.locator("[data-choose-all] input").check()
    page.locator(RETURN).click()
    assert page.evaluate("document.querySelector('#id_reason').validity.valueMissing")
    page.locator("#id_reason").fill("请补充雨天预案")
    page.locator(RETURN).click()
    expect(page.locator("[data-done]")).to_have_count(3)
    assert states(plans) == ["returned"] * 3


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_plans_that_wait_are_walked_through_commented_and_decided(
    open_page: Callable[..., Page], sign_in: SignIn, supervisor: User, plans: list[Plan], size: dict[str, int]
) -> None:
    page = open_page(size)
    sign_in(page, supervisor)
    page.goto("/plans/inbox/")
    page.locator(".inbox-table").get_by_role("link", name="锦江01网格").click()
    expect(page.locator("h1")).to_contain_text("锦江01网格")
    assert fits(page)

    # a remark at the goal, without the page being left
    goal = page.locator('details[id="comments-goal:net_adds"]')
    goal.locator("summary").click()
    goal.locator("textarea").fill("为什么只有 20？")
    goal.locator('button[name="line"]').click()
    expect(goal.locator(".comment-text")).to_have_text("为什么只有 20？")
    expect(goal.locator("textarea")).to_have_value("")
    assert PlanComment.objects.get().line == "goal:net_adds"

    # returned with a reason: the next one is there
    page.locator("#id_reason").fill("请看批注")
    page.locator(f'form[action="/plans/{plans[0].pk}/return/"] button').click()
    expect(page.locator("h1")).to_contain_text("锦江03网格")
    page.locator('.walk a[rel="next"]').click()
    expect(page.locator("h1")).to_contain_text("锦江04网格")
    page.locator(f'form[action="/plans/{plans[2].pk}/approve/"] button').click()
    expect(page.locator("h1")).to_contain_text("锦江03网格")
    assert states(plans) == ["returned", "submitted", "approved"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_manager_sees_to_a_comment_and_the_reviewer_sees_what_changed(
    open_page: Callable[..., Page],
    sign_in: SignIn,
    supervisor: User,
    manager: User,
    plans: list[Plan],
    size: dict[str, int],
) -> None:
    plan, step = plans[0], plans[0].steps.get()
    PlanComment.objects.create(plan=plan, line=step.line, text="谁来做？", by=supervisor)
    services.send_back(plan, plan.version, supervisor, reason="请看批注", now=timezone.now())
    page = open_page(size)
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/")
    waits = page.locator("#open-comments")
    expect(waits.locator(".comment-text")).to_have_text("谁来做？")
    waits.locator(".comment button").click()
    expect(waits.locator(".comment")).to_have_count(0)
    assert PlanComment.objects.get().settled_by == manager

    # handed in again with another person: the reviewer sees it marked, and nothing else in "only differences"
    ActionStep.objects.filter(pk=step.pk).update(who="李四")
    now = timezone.now()
    Plan.objects.filter(pk=plan.pk).update(state="submitted", submitted_at=now)
    plan.refresh_from_db()
    PlanVersion.objects.create(plan=plan, number=2, at=now, by=manager, content=content_of(plan))
    review = open_page(size)
    sign_in(review, supervisor)
    review.goto(f"/plans/{plan.pk}/review/?only=1")
    expect(review.locator(".line-changed .changes")).to_contain_text("张三")
    expect(review.locator(".line-changed .changes")).to_contain_text("李四")
    expect(review.locator("tr.line-same")).to_have_count(0)
    review.goto(f"/plans/{plan.pk}/versions/")
    assert fits(review)
    review.locator('form[action$="/compare/"] button').click()
    expect(review.locator(f'[data-line="{step.line}"]')).to_have_attribute("data-kind", "changed")
    assert fits(review)
