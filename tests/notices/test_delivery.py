"""What is due is sent, once, in one message; what fails is tried again, then seen to have failed."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as product
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django import Settings

from gridops.accounts.models import User
from gridops.notices import services_delivery as services
from gridops.notices.models import Delivery, Notice, Reach
from gridops.notices.services import notify
from gridops.notices.tasks import deliver, forget
from tests.notices.conftest import KIND, Hook

SHANGHAI = ZoneInfo("Asia/Shanghai")
Tell = Callable[..., None]
Travel = time_machine.TimeMachineFixture


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def html_of(message: mail.EmailMessage) -> str:
    """The part of an e-mail that mail programs show."""
    assert isinstance(message, mail.EmailMultiAlternatives)
    return str(message.alternatives[0][0])


def states() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "attempts"))


class Broken(EmailBackend):
    """A mail server that takes the call and fails with ``error``."""

    error: Exception = smtplib.SMTPResponseException(451, b"try later")

    def send_messages(self, messages: Any) -> int:  # noqa: ARG002
        raise self.error


class Away(EmailBackend):
    """A mail server that does not answer; counts the calls."""

    calls = 0
    error: Exception = ConnectionRefusedError(111, "secret.mail.example.cn")

    def open(self) -> bool:
        type(self).calls += 1
        raise self.error


# --- One message ---


def test_an_e_mail_says_what_it_is_about_and_where_to_choose(person: User, tell: Tell) -> None:
    tell("1", title="Plan <b>returned</b>", body="Reason:\n1 & 2")
    assert services.deliver() == 1
    (message,) = mail.outbox
    notice = Notice.objects.get()
    opened = f"{product.SITE_URL}/notices/{notice.pk}/"
    assert (message.to, message.subject) == (["g0001@example.cn"], "[gridops] Plan <b>returned</b>")
    assert f"Plan <b>returned</b>\nReason:\n1 & 2\n{opened}" in message.body
    assert f"{product.SITE_URL}/notices/settings/" in message.body
    assert message.extra_headers["List-Unsubscribe"] == f"<{product.SITE_URL}/notices/settings/>"
    html = html_of(message)
    assert "Plan &lt;b&gt;returned&lt;/b&gt;" in html
    assert "<b>" not in html
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.lease_until, delivery.error) == ("sent", 1, None, "")
    assert delivery.sent_at is not None
    assert services.deliver() == 0


def test_what_is_due_to_one_person_goes_in_one_message(person: User, tell: Tell) -> None:
    for number in range(3):
        tell(str(number))
    assert services.deliver() == 1
    (message,) = mail.outbox
    assert message.subject == "[gridops] 3 notices: Title 0 …"
    assert [message.body.count(f"Title {number}") for number in range(3)] == [1, 1, 1]
    assert states() == [("sent", 1)] * 3


def test_everybody_gets_their_own_in_their_language(person: User, colleague: User) -> None:
    colleague.email = "g0002@example.cn"
    colleague.save()
    Reach.objects.create(user=colleague, quiet_from=None, quiet_until=None)
    notify([person, colleague], KIND, "1", lambda: ("T", "B"))
    notify([person, colleague], KIND, "2", lambda: ("T", "B"))
    assert services.deliver() == 2
    html = {message.to[0]: html_of(message) for message in mail.outbox}
    assert 'lang="en"' in html["g0001@example.cn"]
    assert 'lang="zh-hans"' in html["g0002@example.cn"]


def test_an_address_with_a_line_break_reaches_nobody(person: User, tell: Tell) -> None:
    User.objects.filter(pk=person.pk).update(email="a@example.cn\nBcc: b@example.cn")
    person.refresh_from_db()
    tell("1")
    assert services.deliver() == 0
    assert not mail.outbox
    assert states() == [("waiting", 1)]


def test_a_digest_is_one_message_at_its_time(person: User, tell: Tell, time_machine: Travel) -> None:
    Reach.objects.filter(user=person).update(digest_at=time(8, 0))
    for hour in (9, 12, 20):
        time_machine.move_to(at(24, hour), tick=False)
        tell(str(hour))
        assert services.deliver() == 0
    time_machine.move_to(at(25, 8), tick=False)
    assert services.deliver() == 1
    assert mail.outbox[0].subject == "[gridops] 3 notices: Title 9 …"


def test_quiet_hours_hold_for_what_was_late_or_is_tried_again(person: User, tell: Tell, time_machine: Travel) -> None:
    Reach.objects.filter(user=person).update(quiet_from=time(21, 30), quiet_until=time(7, 30))
    time_machine.move_to(at(24, 21, 29), tick=False)
    tell("1")
    time_machine.move_to(at(24, 21, 31), tick=False)  # the workers were down
    assert services.deliver() == 0
    assert Delivery.objects.get().not_before == at(25, 7, 30)
    assert states() == [("waiting", 0)]
    time_machine.move_to(at(25, 7, 30), tick=False)
    assert services.deliver() == 1


def test_who_was_disabled_or_closed_the_way_meanwhile_gets_nothing(person: User, tell: Tell) -> None:
    tell("1")
    User.objects.filter(pk=person.pk).update(is_active=False)
    deliver()
    assert not mail.outbox
    assert not Delivery.objects.exists()


def test_a_lost_bell_costs_a_minute_and_not_the_message(person: User, tell: Tell) -> None:
    tell("1")  # its bell went nowhere
    assert product.CELERY_BEAT_SCHEDULE["deliver-notices"] == {"task": deliver.name, "schedule": 60.0}
    deliver()
    assert len(mail.outbox) == 1


def test_a_webhook_gets_the_message_as_short_as_it_takes(hooked: User, hook: Hook, tell: Tell) -> None:
    for number in range(40):
        tell(str(number), body="内容" * (500 if number == 1 else 40))
    assert services.deliver() == 1
    ((path, _headers, data),) = hook.heard
    assert path == "/in/s3cret?a=B"
    assert data["title"] == "40 notices: Title 0 …"
    assert len((data["title"] + data["message"]).encode()) < 2_048
    assert data["message"].endswith("gridops")
    assert "more\n" in data["message"]
    assert f"Title 1\n{product.SITE_URL}" in data["message"]  # too long to be told whole
    assert states() == [("sent", 1)] * 40


def test_one_long_text_is_cut_for_a_webhook(hooked: User, hook: Hook, tell: Tell) -> None:
    tell("1", title="题" * 200, body="长" * 3_000)
    services.deliver()
    data = hook.heard[0][2]
    assert 1_800 < len((data["title"] + data["message"]).encode()) < 2_048
    assert f"/notices/{Notice.objects.get().pk}/" in data["message"]


# --- Failing ---


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (smtplib.SMTPResponseException(451, b"try later"), "error 451"),
        (smtplib.SMTPRecipientsRefused({"g0001@example.cn": (550, b"no such user")}), "refuses the e-mail address"),
        (smtplib.SMTPAuthenticationError(535, b"secret"), "does not let gridops in"),
        (smtplib.SMTPServerDisconnected("secret"), "can't be reached"),
        (TimeoutError("secret"), "can't be reached"),
        (KeyError("secret"), "went wrong in gridops"),
    ],
)
def test_a_failure_is_kept_in_words_that_name_no_address(
    person: User, tell: Tell, settings: Settings, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    Broken.error = error
    tell("1")
    assert services.deliver() == 0
    delivery = Delivery.objects.get()
    assert said in delivery.error
    assert (delivery.state, delivery.attempts, delivery.lease_until) == ("waiting", 1, None)
    assert delivery.not_before > timezone.now()
    for word in ("secret", "g0001@", "s3cret"):
        assert word not in delivery.error + caplog.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "secret"), "can't be reached"),
        (smtplib.SMTPAuthenticationError(535, b"secret"), "does not let gridops in"),
    ],
)
def test_a_mail_server_that_is_away_is_called_once_a_round(
    person: User, colleague: User, settings: Settings, error: Exception, said: str
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    Away.calls, Away.error = 0, error
    User.objects.update(language="en")
    person.refresh_from_db()
    User.objects.filter(pk=colleague.pk).update(email="g0002@example.cn")
    colleague.refresh_from_db()
    Reach.objects.create(user=colleague, quiet_from=None, quiet_until=None)
    notify([person, colleague], KIND, "1", lambda: ("T", "B"))
    assert services.deliver() == 0
    assert Away.calls == 1
    assert sorted(states()) == [("waiting", 0), ("waiting", 1)]
    assert said in Delivery.objects.get(attempts=1).error


@pytest.mark.parametrize("way", ["email", "webhook"])
def test_five_failures_with_growing_waits_end_it(
    way: str, hooked: User, hook: Hook, tell: Tell, settings: Settings, time_machine: Travel
) -> None:
    Reach.objects.update(email_on=way == "email", webhook_on=way == "webhook")
    settings.EMAIL_BACKEND, hook.status = f"{__name__}.Broken", 503
    Broken.error = smtplib.SMTPResponseException(451, b"")
    moment = at(24, 12)
    time_machine.move_to(moment, tick=False)
    tell("1")
    for attempt, wait in enumerate([1, 5, 30, 120], start=1):
        assert services.deliver() == 0
        assert states() == [("waiting", attempt)]
        assert services.deliver() == 0  # not before its time
        assert states() == [("waiting", attempt)]
        moment += timedelta(minutes=wait)
        time_machine.move_to(moment, tick=False)
    services.deliver()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", 5)
    assert "503" in delivery.error or "451" in delivery.error
    assert list(Delivery.objects.unreached(at(24, 0))) == [delivery]


def test_what_comes_meanwhile_goes_along_but_keeps_its_own_count(hooked: User, hook: Hook, tell: Tell) -> None:
    hook.status = 503
    tell("1")
    services.deliver()
    tell("2")
    Delivery.objects.update(not_before=timezone.now())
    services.deliver()
    assert states() == [("waiting", 2), ("waiting", 1)]
    first, second = Delivery.objects.order_by("pk")
    assert first.not_before - second.not_before == timedelta(minutes=4)


# --- Claims ---


def test_what_a_killed_worker_held_comes_back_after_its_lease(person: User, tell: Tell, time_machine: Travel) -> None:
    time_machine.move_to(at(24, 12), tick=False)
    tell("1")
    held = services.claim(person.pk, "email")  # and killed here
    assert held is not None
    assert services.claim(person.pk, "email") is None
    assert services.deliver() == 0
    time_machine.shift(product.NOTICE_LEASE_SECONDS + 1)
    assert services.deliver() == 1
    assert states() == [("sent", 2)]
    # the first was only slow: what it records now changes nothing
    services._failed(held, "too late")
    assert states() == [("sent", 2)]


def test_a_message_that_kills_every_worker_ends_as_failed(person: User, tell: Tell, time_machine: Travel) -> None:
    time_machine.move_to(at(24, 12), tick=False)
    tell("1")
    for _ in range(5):
        assert services.claim(person.pk, "email")
        time_machine.shift(product.NOTICE_LEASE_SECONDS + 1)
    assert services.claim(person.pk, "email") is None
    assert services.deliver() == 0
    delivery = Delivery.objects.get()
    assert delivery.state == "failed"
    assert delivery.error


def test_a_round_ends_in_time_and_rings_for_the_rest(person: User, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(services, "ring", lambda: rung.append(True))
    tell("1")
    assert services.deliver(seconds=0) == 0
    assert rung == [True]
    assert states() == [("waiting", 0)]


# --- Letting go ---


def test_old_notices_go_read_ones_first(person: User, tell: Tell, settings: Settings) -> None:
    settings.NOTICE_KEEP_DAYS = 180
    now = timezone.now()
    for key, days, read in [("new", 179, True), ("old", 181, True), ("unread", 181, False), ("ancient", 361, False)]:
        tell(key)
        moment = now - timedelta(days=days)
        Notice.objects.filter(key=key).update(at=moment, read_at=moment if read else None)
    Delivery.objects.update(state="sent")
    forget()
    assert set(Notice.objects.values_list("key", flat=True)) == {"new", "unread"}
    assert list(Delivery.objects.values_list("notice__key", flat=True)) == ["new"]
