"""A new project on a phone, from found to in service (F1, F2)."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from projects.models import Preparation, Project, Prospect, ProspectTalk, Stage
from tests import factories
from tests.browser.conftest import SignIn, fits

SAVE = "input[name=save]"


def test_a_new_project_is_followed_on_a_phone_from_found_to_in_service(
    phone: Page, sign_in: SignIn, manager: User
) -> None:
    sign_in(phone, manager)

    # found: noted with its plan; the steps of all stages are there
    phone.goto("/projects/prospects/")
    assert fits(phone)
    phone.locator("a[href='/projects/prospects/new/']").click()
    phone.locator("#id_name").fill("翠湖雅苑三期")
    phone.locator("#id_households").fill("1280")
    phone.locator("#id_building_planned_on").fill("2027-01-10")
    phone.locator("#id_building_months").fill("12")
    assert fits(phone)
    phone.locator(SAVE).click()
    expect(phone.locator("h1")).to_have_text("翠湖雅苑三期")
    expect(phone.locator(".preparation-step")).to_have_count(11)
    assert fits(phone)
    row = Prospect.objects.get()
    assert (str(row.accepted_planned_on), str(row.live_planned_on)) == ("2028-01-10", "2028-01-24")

    talk_and_move_on(phone, manager)
    bring_into_service(phone)
    phone.locator(".page-head a[href*='/projects/prospects/']").click()
    expect(phone.locator("#talks .prose")).to_have_text("与开发商谈妥进场时间")
    assert Prospect.objects.get().stage == Stage.LIVE


def talk_and_move_on(phone: Page, manager: User) -> None:
    """A talk, a step ticked, and on to the next stage: today unless another day is typed."""
    phone.locator("#id_text").fill("与开发商谈妥进场时间")
    phone.locator("#id_with_whom").fill("李经理")
    phone.locator("form[action$='/talks/'] button").click()
    expect(phone.locator("#talks .prose")).to_have_text("与开发商谈妥进场时间")
    phone.locator(".preparation-step form[action$='/tick/'] .btn-icon").first.click()
    expect(phone.locator(".preparation-step .btn-success")).to_have_count(1)
    assert ProspectTalk.objects.get().by == manager
    assert Preparation.objects.get(done_on__isnull=False).done_by == manager

    phone.locator(".page-head a[href$='/move/']").click()
    expect(phone.locator("#id_approval_on")).to_have_value(str(timezone.localdate()))
    phone.locator(SAVE).click()
    expect(phone.locator(".course-now .ti-map-pin")).to_be_visible()
    expect(phone.locator(".course-reached")).to_have_count(1)


def bring_into_service(phone: Page) -> None:
    """Straight into service: the stages between are asked for."""
    phone.locator("main a[href$='to=live']").click()
    for stage in ("agreement", "building", "accepted"):
        expect(phone.locator(f"#id_{stage}_on")).to_have_value("")
        phone.locator(f"#id_{stage}_on").fill(str(timezone.localdate()))
    phone.locator("#id_code").fill("P990001")
    assert fits(phone)
    phone.locator(SAVE).click()
    expect(phone).to_have_url(re.compile(r"/projects/\d+/$"))
    expect(phone.locator("h1")).to_have_text("翠湖雅苑三期")
    made = Project.objects.get()
    assert (made.code, made.households) == ("P990001", 1280)


def test_the_board_becomes_sections_on_a_phone_and_is_filtered(
    phone: Page, sign_in: SignIn, manager: User, grid: Grid
) -> None:
    late = timezone.localdate() - timedelta(days=3)
    factories.make_prospect(grid, "迟了的", next_step="签协议", next_step_on=late)
    factories.make_prospect(grid, "按期的", stage=Stage.BUILDING)
    sign_in(phone, manager)
    phone.goto("/projects/prospects/")
    expect(phone.locator(".board-stages a")).to_have_count(6)
    expect(phone.locator(".board-card")).to_have_count(2)
    phone.locator("#list-form select[name=attention]").select_option("overdue")
    expect(phone.locator(".board-card")).to_have_count(1)
    expect(phone.locator(".board-card .ti-alert-triangle")).to_be_visible()
    assert fits(phone)
