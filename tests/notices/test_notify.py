"""Who is told what, once, in which language, and by which ways it is to leave the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext as _
from pytest_django import DjangoCaptureOnCommitCallbacks

from gridops.accounts.models import Grid, User
from gridops.notices import services
from gridops.notices.models import Delivery, Notice, Reach
from gridops.notices.services import Message, notify, notify_each
from tests.factories import make_manager
from tests.notices.conftest import KIND

SHANGHAI = ZoneInfo("Asia/Shanghai")
Tell = Callable[..., None]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def ways() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("notice__key", "way"))


def test_the_same_person_is_told_the_same_key_once(person: User, colleague: User, tell: Tell) -> None:
    tell("1")
    tell("1")
    notify([person, person, colleague], KIND, "1", lambda: ("Again", ""))
    assert list(Notice.objects.order_by("pk").values_list("user", "title")) == [
        (person.pk, "Title 1"),
        (colleague.pk, "Again"),
    ]
    assert ways() == [("1", "email")]  # the colleague has no address


def test_each_is_told_in_their_own_language(person: User, colleague: User) -> None:
    notify([person, colleague], KIND, "1", lambda: (_("Saved."), ""))
    assert [notice.title for notice in Notice.objects.order_by("user__employee_no")] == ["Saved.", "已保存。"]


def test_a_disabled_person_is_told_nothing(person: User) -> None:
    person.is_active = False
    notify([person], KIND, "1", lambda: ("Title", ""))
    assert not Notice.objects.exists()


def test_a_kind_that_nobody_registered_is_a_mistake(person: User) -> None:
    with pytest.raises(LookupError):
        notify([person], "unknown", "1", lambda: ("Title", ""))


@pytest.mark.parametrize("url", ["https://example.org/", "//example.org/", "/\\example.org", "plans/", "/a\nb"])
def test_a_notice_leads_to_a_page_of_ours_only(person: User, url: str) -> None:
    with pytest.raises(ValueError, match="path of ours"):
        notify([person], KIND, "1", lambda: ("Title", ""), url)


def test_what_would_not_fit_is_a_mistake_on_every_database(person: User) -> None:
    for key, url in (("k" * 121, ""), ("1", "/" + "x" * 300)):
        with pytest.raises(ValueError, match="too long"):
            notify([person], KIND, key, lambda: ("Title", ""), url)


def test_a_title_is_one_line_and_fits(person: User, tell: Tell) -> None:
    tell("1", title="Bcc: x@example.org\r\nSubject: \t" + "长" * 300)
    title = Notice.objects.get().title
    assert title.startswith("Bcc: x@example.org Subject: 长")
    assert len(title) == 200


# --- By which ways ---


def test_without_a_choice_a_person_with_an_address_is_mailed(person: User, tell: Tell) -> None:
    Reach.objects.all().delete()
    with time_machine.travel(at(24, 12), tick=False):
        tell("1")
    with time_machine.travel(at(24, 22), tick=False):
        tell("2")
    assert list(Delivery.objects.order_by("pk").values_list("way", "not_before")) == [
        ("email", at(24, 12)),
        ("email", at(25, 7, 30)),
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ["email"]),
        ({"email_on": False}, []),
        ({"webhook_on": True}, ["email"]),  # without an address it leads nowhere
        ({"webhook_on": True, "webhook": "wecombot://x"}, ["email", "webhook"]),
        ({"webhook_on": True, "webhook": "wecombot://x", "muted": {KIND: ["email"]}}, ["webhook"]),
        ({"muted": {KIND: ["email", "webhook"]}}, []),
        ({"muted": {"tests.other": ["email"]}}, ["email"]),
    ],
)
def test_what_leaves_the_app_is_what_the_person_chose(
    person: User, tell: Tell, chosen: dict[str, object], expected: list[str]
) -> None:
    Reach.objects.filter(user=person).update(**chosen)
    tell("1")
    assert Notice.objects.count() == 1  # in the app always
    assert [way for _key, way in ways()] == expected


def test_a_days_notices_wait_for_the_time_of_the_one_message(person: User, tell: Tell) -> None:
    Reach.objects.filter(user=person).update(digest_at=time(8, 0))
    for key, moment in {"1": at(24, 7, 59), "2": at(24, 8, 1), "3": at(25, 6)}.items():
        with time_machine.travel(moment, tick=False):
            tell(key)
    assert list(Delivery.objects.order_by("pk").values_list("not_before", flat=True)) == [
        at(24, 8),
        at(25, 8),
        at(25, 8),
    ]


# --- The transaction and the bell ---


def test_what_is_rolled_back_was_never_told(person: User, tell: Tell) -> None:
    with transaction.atomic():
        tell("1")
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rung: list[int] = []
    monkeypatch.setattr("gridops.notices.tasks.deliver.apply_async", lambda **how: rung.append(how["countdown"]))
    return rung


def test_one_bell_rings_for_many_once_they_are_committed(
    tell: Tell, bells: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            tell(str(number))
        assert not bells
    assert bells == [services.BELL_SECONDS]


def test_no_bell_rings_for_what_is_known_or_has_to_wait(
    person: User, tell: Tell, bells: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    tell("1")
    Reach.objects.filter(user=person).update(digest_at=(timezone.localtime() - timedelta(minutes=1)).time())
    with django_capture_on_commit_callbacks(execute=True):
        tell("1")
        tell("2")
    assert not bells


def test_a_broker_that_is_down_breaks_nothing(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def down(**_: object) -> None:
        raise OSError("no broker")

    monkeypatch.setattr("gridops.notices.tasks.deliver.apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        tell("1")
    assert Delivery.objects.due(timezone.now()).count() == 1  # the next minute's round finds it


def test_hundreds_are_told_in_a_handful_of_queries(grid: Grid) -> None:
    people = [make_manager(grid) for _ in range(300)]
    User.objects.update(email="x@example.cn")
    people = list(User.objects.all())

    def queries(count: int, key: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            notify_each(Message(user, KIND, f"{key}:{user.pk}", lambda: ("T", "")) for user in people[:count])
        return len(captured)

    # SQLite takes some hundred rows a statement
    few, many = queries(3, "few"), queries(300, "many")
    assert many <= few + 6 <= 14
    assert Delivery.objects.count() == 303
