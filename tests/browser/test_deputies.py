"""A deputy is named, approves in the other's name; what was returned rings the manager's bell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from gridops.notices.models import Notice
from plans import services
from plans.models import Plan, PlanEvent
from tests.browser.conftest import DESK, PHONE, SignIn, fits


def handed_in(grid: Grid, manager: User) -> Plan:
    """A plan for next month that waits for review."""
    plan = Plan.objects.create(grid=grid, month=Month.of(timezone.localdate()).plus(1).first)
    plan.steps.create(what="走访物业", who=manager.name, due_on=plan.month)
    services.submit(plan, plan.version, manager, now=timezone.now())
    return plan


def test_a_deputy_is_named_and_approves_in_the_others_name(
    open_page: Callable[..., Page], sign_in: SignIn, grid: Grid, manager: User, supervisor: User, specialist: User
) -> None:
    plan, page = handed_in(grid, manager), open_page(DESK)
    sign_in(page, supervisor)
    page.goto("/deputies/")
    today = timezone.localdate()
    page.locator("#id_deputy").select_option(str(specialist.pk))
    page.locator("#id_starts_on").fill(today.isoformat())
    page.locator("#id_ends_on").fill((today + timedelta(days=4)).isoformat())
    page.locator("input[name=save]").click()
    expect(page.locator(".alert-success")).to_contain_text(specialist.name)
    expect(page.locator("form[action$='/end/'] button")).to_be_visible()

    deputy = open_page(DESK)
    sign_in(deputy, User.objects.get(pk=specialist.pk))
    deputy.goto("/")
    expect(deputy.locator(".alert-info")).to_contain_text(supervisor.name)
    deputy.goto(f"/plans/{plan.pk}/review/")
    deputy.locator("form[action$='/approve/'] button").click()
    expect(deputy.locator(".alert-success")).to_be_visible()
    event = PlanEvent.objects.get(action=PlanEvent.Action.APPROVED)
    assert (event.by, event.stands_in_for) == (specialist, supervisor)


def test_a_returned_plan_rings_the_managers_bell_and_leads_to_the_plan(
    open_page: Callable[..., Page], sign_in: SignIn, grid: Grid, manager: User, supervisor: User
) -> None:
    plan = handed_in(grid, manager)
    services.send_back(plan, plan.version, supervisor, reason="写清负责人", now=timezone.now())
    page = open_page(PHONE)
    sign_in(page, manager)
    page.goto("/notices/")
    notice = Notice.objects.get(user=manager, kind="plans.answer")
    expect(page.get_by_text("写清负责人").first).to_be_visible()
    page.locator(f"a[href='/notices/{notice.pk}/']").first.click()
    page.wait_for_url(f"**/plans/{plan.pk}/")
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_the_calendar_fits_a_phone_and_marks_today(
    open_page: Callable[..., Page], sign_in: SignIn, grid: Grid, manager: User
) -> None:
    for size in (PHONE, DESK):
        page = open_page(size)
        sign_in(page, manager)
        page.goto("/")
        page.locator("a[href^='/calendar/']:visible").first.click()
        expect(page.locator("[aria-current=date]")).to_be_visible()
        assert fits(page)
