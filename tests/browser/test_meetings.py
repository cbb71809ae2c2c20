"""A meeting written down on a phone."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone
from playwright.sync_api import Page, expect

from channels.models import Agent, Meeting
from channels.services_meetings import plan
from gridops.accounts.models import Grid, User
from tests.browser.conftest import SignIn, fits


def test_a_meeting_is_written_down_on_a_phone(
    phone: Page, grid: Grid, manager: User, agent: Agent, agent_staff_user: User, sign_in: SignIn
) -> None:
    now = timezone.now()
    meeting = plan(Meeting(grid=grid, title="例会", starts_at=now, month=date(2026, 12, 1)), [agent], [], manager, now)
    sign_in(phone, manager)
    phone.goto(f"/channels/meetings/{meeting.pk}/hold/")
    assert fits(phone)
    phone.locator("[data-tick-all]").first.click()
    phone.locator("[name=matter_1_what]").fill("端口不足")
    phone.locator("[value=more]").click()
    expect(phone.locator("[name=matter_4_what]")).to_be_visible()
    expect(phone.locator("[name=matter_1_what]")).to_have_value("端口不足")
    phone.locator("[name=go][value=save]").click()
    expect(phone).to_have_url(re.compile(rf"/channels/meetings/{meeting.pk}/(#\w+)?$"))
    assert fits(phone)
    assert meeting.attendees.filter(present=True).count() == 1
    assert meeting.matters.get().what == "端口不足"
