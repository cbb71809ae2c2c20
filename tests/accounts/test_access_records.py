"""The page that shows who looked at personal data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import AccessRecord, User

Browser = Callable[[User], Client]


def test_an_admin_sees_who_looked_newest_first_and_can_page_on(
    admin_user: User, manager: User, client_of: Browser
) -> None:
    now = timezone.now()
    for n in range(60):
        AccessRecord.objects.create(kind="reveal", user=manager, subject=f"x:{n}", at=now - timedelta(minutes=n))
    client = client_of(admin_user)
    first = client.get(reverse("accounts:access"))
    listing = first.context["listing"]
    assert [row.subject for row in listing.page.rows] == [f"x:{n}" for n in range(50)]
    assert manager.name in first.content.decode()
    second = client.get(reverse("accounts:access") + listing.next).context["listing"]
    assert [row.subject for row in second.page.rows] == [f"x:{n}" for n in range(50, 60)]


def test_it_is_filtered_by_person_and_kind(admin_user: User, manager: User, client_of: Browser) -> None:
    AccessRecord.objects.create(kind="reveal", user=manager, subject="a")
    AccessRecord.objects.create(kind="export", user=admin_user, subject="b")
    client = client_of(admin_user)
    page = client.get(reverse("accounts:access"), {"q": manager.employee_no}).context["listing"].page
    assert [row.subject for row in page.rows] == ["a"]
    page = client.get(reverse("accounts:access"), {"kind": "export"}).context["listing"].page
    assert [row.subject for row in page.rows] == ["b"]


def test_nobody_else_sees_it(supervisor: User, client_of: Browser) -> None:
    assert client_of(supervisor).get(reverse("accounts:access")).status_code == 403
