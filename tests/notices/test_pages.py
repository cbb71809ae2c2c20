"""The bell, the list of one's own notices, and what a person chooses about being reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from gridops.accounts.models import User
from gridops.notices import services_delivery, services_reach
from gridops.notices.models import Delivery, Notice, Reach
from gridops.notices.services import notify, reach_of
from tests.factories import client_of
from tests.notices.conftest import KIND, Hook

Tell = Callable[..., None]
LIST, CHOICES, TRIAL = (reverse(f"notices:{name}") for name in ("list", "settings", "trial"))


@pytest.fixture
def client(person: User) -> Client:
    return client_of(person)


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def sent(**more: str) -> dict[str, str]:
    """The settings page as it is sent: every switch on."""
    switches = {f"on:{kind}:{way}": "on" for kind in (KIND, "tests.other") for way in ("email", "webhook")}
    return {"email_on": "on", "quiet_from": "", "quiet_until": "", "digest_at": "", **switches, **more}


# --- The bell ---


def test_the_bell_counts_what_is_unread(client: Client, tell: Tell) -> None:
    home = reverse("desk:home")
    assert 'aria-label="Notices, none unread"' in text(client, home)
    tell("1")
    assert 'aria-label="1 unread notice"' in text(client, home)
    tell("2")
    tell("3")
    assert 'aria-label="3 unread notices"' in text(client, home)
    for number in range(4, 120):
        tell(str(number))
    assert 'aria-label="More than 99 unread notices"' in text(client, home)


def test_the_bell_costs_one_query_and_none_where_there_is_no_bar(client: Client, tell: Tell) -> None:
    tell("1")

    def about_notices(address: str, **headers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address, headers=headers)
        return sum("notices_notice" in query["sql"] for query in captured)

    assert about_notices(reverse("projects:list")) == 1
    assert about_notices(reverse("projects:list"), hx_request="true", hx_target="list") == 0


# --- The list ---


def test_unread_ones_come_first_then_the_newest(client: Client, tell: Tell) -> None:
    for number in range(4):
        tell(str(number))
        Notice.objects.filter(key=str(number)).update(at=timezone.now() + timedelta(minutes=number))
    Notice.objects.filter(key__in=["1", "3"]).update(read_at=timezone.now())
    assert [notice.key for notice in client.get(LIST).context["page"]] == ["2", "0", "3", "1"]


def test_a_list_of_many_takes_pages_and_the_same_queries(client: Client, tell: Tell) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    tell("few")
    few = queries()
    for number in range(70):
        tell(str(number))
    assert queries() == few
    response = client.get(LIST, {"page": "3"})
    assert len(response.context["page"].object_list) == 11


def test_the_list_shows_one_kind(client: Client, person: User, tell: Tell) -> None:
    tell("1")
    notify([person], "tests.other", "2", lambda: ("Other", ""))
    assert [notice.key for notice in client.get(LIST, {"kind": "tests.other"}).context["page"]] == ["2"]
    assert client.get(LIST, {"kind": "nonsense"}).status_code == 200


def test_opening_a_notice_marks_it_read_and_leads_to_its_page(client: Client, tell: Tell) -> None:
    tell("1", url="/plans/?month=2026-12")
    notice = Notice.objects.get()
    response = client.get(reverse("notices:open", args=[notice.pk]))
    assert response["Location"] == "/plans/?month=2026-12"
    notice.refresh_from_db()
    read_at = notice.read_at
    assert read_at
    client.get(reverse("notices:open", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == read_at


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_notice_leads_nowhere_else(client: Client, tell: Tell, url: str) -> None:
    tell("1")
    Notice.objects.update(url=url)
    assert client.get(reverse("notices:open", args=[Notice.objects.get().pk]))["Location"] == LIST


def test_one_or_all_are_marked_read(client: Client, person: User, tell: Tell) -> None:
    for key in ("1", "2", "3"):
        tell(key)
    first = Notice.objects.get(key="1")
    response = client.post(reverse("notices:read", args=[first.pk]), {"next": f"{LIST}?page=1"})
    assert response["Location"] == f"{LIST}?page=1"
    assert Notice.objects.unread().count() == 2
    last = client.get(LIST).context["last"]
    tell("4")  # came while the page was looked at
    response = client.post(reverse("notices:read-all"), {"last": last, "next": "https://evil.example/"})
    assert response["Location"] == LIST
    assert [notice.key for notice in Notice.objects.unread()] == ["4"]


def test_nobody_reads_or_marks_anothers(person: User, colleague: User, admin_user: User, tell: Tell) -> None:
    tell("1", title="Only mine")
    notice = Notice.objects.get()
    for other in (colleague, admin_user):
        stranger = client_of(other)
        assert stranger.get(reverse("notices:open", args=[notice.pk])).status_code == 404
        assert stranger.post(reverse("notices:read", args=[notice.pk])).status_code == 404
        assert stranger.post(reverse("notices:read-all")).status_code == 302
        assert "Only mine" not in text(stranger, LIST)
    assert Notice.objects.unread().count() == 1


def test_what_a_notice_says_is_never_markup(client: Client, tell: Tell) -> None:
    tell("1", title="<script>alert(1)</script>", body="<img src=x>\nsecond")
    page = text(client, LIST)
    assert "<script>alert(1)" not in page
    assert "&lt;img src=x&gt;<br>second" in page


# --- What a person chooses ---


def test_choices_are_kept(client: Client, person: User) -> None:
    data = sent(quiet_from="22:00", quiet_until="07:00", digest_at="08:15", email_on="")
    del data[f"on:{KIND}:email"]
    assert client.post(CHOICES, data).status_code == 302
    reach = Reach.objects.get(user=person)
    assert (reach.email_on, reach.webhook_on) == (False, False)
    assert (reach.quiet_from, reach.quiet_until, reach.digest_at) == (time(22), time(7), time(8, 15))
    assert reach.muted == {KIND: ["email"]}
    client.post(CHOICES, sent())
    assert Reach.objects.get(user=person).muted == {}


def test_a_first_choice_made_in_two_tabs_is_no_error(person: User) -> None:
    Reach.objects.all().delete()
    first, second = reach_of(person), reach_of(person)
    first.email_on = False
    services_reach.choose(first)
    services_reach.choose(second)
    assert Reach.objects.get().email_on is True


def test_a_kind_that_nothing_knows_at_the_moment_keeps_its_choice(client: Client, person: User) -> None:
    Reach.objects.update(muted={"gone.kind": ["email"]})
    client.post(CHOICES, sent())
    assert Reach.objects.get().muted == {"gone.kind": ["email"]}


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "late", "quiet_until": "22:00"}, "quiet_from"),
        ({"webhook_on": "on"}, "webhook"),
        ({"webhook": "file:///etc/passwd"}, "webhook"),
        ({"webhook": "http://127.0.0.1/s3cret"}, "webhook"),
        ({"webhook": "http://169.254.169.254/latest/"}, "webhook"),
        ({"webhook": "http://[::1]/"}, "webhook"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client: Client, wrong: dict[str, str], at: str) -> None:
    response = client.post(CHOICES, sent(**wrong))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [at]
    assert f'id="id_{at}_error"' in response.content.decode()
    assert "s3cret" not in response.content.decode()
    assert Reach.objects.get().webhook == ""


def test_extra_fields_change_nothing_of_others(client: Client, colleague: User) -> None:
    Reach.objects.create(user=colleague, email_on=False)
    client.post(CHOICES, sent(user=str(colleague.pk), id=str(Reach.objects.get(user=colleague).pk), muted='{"x": 1}'))
    assert Reach.objects.get(user=colleague).email_on is False
    assert Reach.objects.exclude(user=colleague).get().muted == {}


def test_the_webhooks_address_is_shown_masked_kept_when_empty_and_removed_when_asked(
    client: Client, hook: Hook
) -> None:
    client.post(CHOICES, sent(webhook_on="on", webhook=f"{hook.address}/s3cret"))
    reach = Reach.objects.get()
    assert (reach.webhook, reach.webhook_on) == (f"{hook.address}/s3cret", True)
    page = text(client, CHOICES)
    assert "127.0.0.1/…" in page
    assert "s3cret" not in page
    client.post(CHOICES, sent(webhook_on="on"))
    assert Reach.objects.get().webhook == f"{hook.address}/s3cret"
    client.post(CHOICES, sent(forget_webhook="on"))
    assert (Reach.objects.get().webhook, Reach.objects.get().webhook_on) == ("", False)


def test_what_waits_follows_a_new_choice(client: Client, person: User, tell: Tell) -> None:
    Reach.objects.update(digest_at=time(3, 0), webhook_on=True, webhook="wecombot://x")
    tell("1")
    notify([person], "tests.other", "2", lambda: ("Other", ""))
    assert Delivery.objects.count() == 4
    data = sent(forget_webhook="on")
    del data["on:tests.other:email"]
    client.post(CHOICES, data)
    (left,) = Delivery.objects.select_related("notice")
    assert (left.notice.key, left.way) == ("1", "email")
    assert left.not_before <= timezone.now()


# --- A trial, and what went wrong ---


def test_a_trial_says_that_it_got_through(client: Client, hooked: User, hook: Hook) -> None:
    response = client.post(TRIAL, {"way": "webhook"}, follow=True)
    assert "The answer was 200." in response.content.decode()
    assert len(hook.heard) == 1
    client.post(TRIAL, {"way": "webhook"})
    assert len(hook.heard) == 1  # not twice within half a minute


def test_a_trial_says_why_it_did_not_get_through(client: Client, hooked: User, hook: Hook) -> None:
    hook.status = 403
    page = client.post(TRIAL, {"way": "webhook"}, follow=True).content.decode()
    assert "error 403" in page
    assert "s3cret" not in page


@pytest.mark.parametrize("way", ["", "other", "email\0"])
def test_a_trial_by_no_way_goes_nowhere(client: Client, hooked: User, hook: Hook, way: str) -> None:
    client.post(TRIAL, {"way": way})
    assert (mail.outbox, hook.heard) == ([], [])


def test_a_trial_by_e_mail_comes(client: Client, person: User) -> None:
    client.post(TRIAL, {"way": "email"})
    assert [message.to for message in mail.outbox] == [[person.email]]


@pytest.mark.parametrize("way", ["webhook", "nonsense", ""])
def test_a_way_that_is_not_open_is_not_tried(client: Client, way: str) -> None:
    client.post(TRIAL, {"way": way})
    assert not mail.outbox


def test_the_person_sees_what_did_not_reach_them(client: Client, hooked: User, hook: Hook, tell: Tell) -> None:
    hook.status = 503
    tell("1")
    services_delivery.deliver()
    assert "has not got through yet" in text(client, CHOICES)
    Delivery.objects.update(state="failed")
    assert "error 503" in text(client, CHOICES)
    hook.status = 200
    tell("2")
    services_delivery.deliver()
    assert "error 503" not in text(client, CHOICES)


def test_the_admin_sees_who_was_not_reached(admin_user: User, person: User, hooked: User, tell: Tell) -> None:
    runs = reverse("jobs:runs")
    assert "did not reach" not in text(client_of(admin_user), runs)
    User.objects.filter(pk=admin_user.pk).update(language="en")
    tell("1")
    Delivery.objects.update(state="failed", error="The webhook's address answers with the error 503.")
    page = text(client_of(admin_user), runs)
    assert person.name in page
    assert "error 503" in page
    assert "s3cret" not in page


def test_a_site_without_a_mail_server_says_so(client: Client, settings: Settings) -> None:
    assert "No mail server" not in text(client, CHOICES)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "No mail server" in text(client, CHOICES)


def test_the_settings_page_takes_the_same_queries_for_any_number_of_deliveries(client: Client, tell: Tell) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(CHOICES)
        return len(captured)

    tell("1")
    Delivery.objects.update(attempts=1, error="?")
    few = queries()
    for number in range(30):
        tell(f"more {number}")
    Delivery.objects.update(attempts=1, error="?")
    assert queries() == few
