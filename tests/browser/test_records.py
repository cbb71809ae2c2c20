"""A subscriber's record on a phone: a wrong number marked, the right one added and revealed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from gridops.accounts.models import AccessRecord, User
from renewals.models import Subscriber, SubscriberNumber
from tests.browser.conftest import SignIn, fits


def test_a_wrong_number_is_marked_and_the_right_one_called_instead(
    phone: Page, manager: User, sign_in: SignIn, subscriber: Subscriber
) -> None:
    sign_in(phone, manager)
    phone.goto(f"/renewals/subscribers/{subscriber.pk}/")
    assert fits(phone)
    numbers = phone.locator("#numbers")
    numbers.locator("button[name=right]").click()
    expect(numbers.locator(".bg-red-lt")).to_have_count(1)
    numbers.locator("input[name=phone]").fill("188 0000 0001")
    numbers.locator("form button").last.click()
    expect(numbers.locator("button[name=right]")).to_have_count(2)
    assert list(SubscriberNumber.objects.values_list("phone", "is_right")) == [
        ("18800000001", True),
        (subscriber.phone, False),
    ]
    numbers.locator(".phone button").first.click()
    expect(numbers.locator("a[href='tel:18800000001']")).to_be_visible()
    assert AccessRecord.objects.filter(kind="reveal").count() == 1
