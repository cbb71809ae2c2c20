"""Today's work on a phone: taps that go out once, whatever the network does."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from channels.models import Agent
from gridops.accounts.models import User
from projects.models import Project
from renewals.models import Contact
from tests import factories
from tests.browser.conftest import SignIn, fits


def test_taps_without_network_are_kept_and_go_out_once_when_it_is_back(
    phone: Page, agent_staff_user: User, sign_in: SignIn, project: Project, agent: Agent
) -> None:
    today = timezone.localdate()
    first, second, third = (
        factories.make_warning(
            factories.make_subscriber(project, name="王小明"),
            agent=agent,
            expires_on=today + timedelta(days=days),
            next_on=today,
        )
        for days in (1, 2, 3)
    )
    sign_in(phone, agent_staff_user)
    phone.goto("/renewals/work/")
    cards = {row.pk: phone.locator(f"#warning-{row.pk}") for row in (first, second, third)}
    assert fits(phone)

    button = cards[first.pk].locator("[value=no_answer]")
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    button.dblclick()
    expect(cards[first.pk].locator(".work-next")).to_be_visible()
    expect(cards[second.pk]).to_have_attribute("open", "")

    phone.context.set_offline(True)
    cards[second.pk].locator(".work-choice > summary").first.click()
    cards[second.pk].locator("[name=promise]").first.click()
    cards[third.pk].locator("[value=renewed]").click()
    expect(phone.locator("[data-work-queue]")).to_be_visible()
    assert "王小明" not in str(phone.evaluate("JSON.stringify(sessionStorage)"))
    phone.context.set_offline(False)
    for row in (second, third):
        expect(cards[row.pk].locator(".work-next")).to_be_visible()
    expect(phone.locator("[data-work-queue]")).to_be_hidden()

    cards[third.pk].locator(".work-mend > summary").click()
    cards[third.pk].locator("[value=void]").click()
    expect(cards[third.pk].locator("[value=void]")).to_have_count(0)
    said = list(Contact.objects.order_by("pk").values_list("warning", "outcome"))
    assert said == [
        (first.pk, "no_answer"),
        (second.pk, "promised"),
        (third.pk, "renewed"),
        (third.pk, "void"),
    ]
    assert fits(phone)
