"""Telling people something, once, each in their own language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation

from gridops.accounts.models import User
from gridops.notices import rules
from gridops.notices.models import Delivery, Notice, Reach, Way
from gridops.notices.registry import KINDS

log = logging.getLogger(__name__)

Say = Callable[[], tuple[str, str]]

KEY_LENGTH, URL_LENGTH = 120, 300
CHUNK = 1_000
# A bell rings this many seconds late and covers whatever is committed until then.
BELL_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told: ``key`` names what it is about, ``say`` speaks the language that is active."""

    user: User
    kind: str
    key: str
    say: Say
    url: str = ""


def notify(people: Iterable[User], kind: str, key: str, say: Say, url: str = "") -> None:
    """Tell ``people`` what ``say`` says (title and text, called in each one's language), in the caller's transaction.

    ``key`` names what it is about: the same person is told the same key once. ``url`` is a path of ours.
    """
    notify_each(Message(user, kind, key, say, url) for user in people)


def notify_each(messages: Iterable[Message]) -> None:
    """Tell many people, each their own, in the caller's transaction and in a handful of queries.

    Disabled people are told nothing. What is new for a person also leaves the app, by the ways they chose.
    """
    told = {(message.user.pk, message.key): message for message in messages if _fits(message)}
    for chunk in _chunks(told.values()):
        _tell(chunk)


def _fits(message: Message) -> bool:
    if message.kind not in KINDS:
        raise LookupError(f"no such kind of notice: {message.kind}")
    if message.url and not is_ours(message.url):
        raise ValueError(f"not a path of ours: {message.url}")
    if len(message.key) > KEY_LENGTH or len(message.url) > URL_LENGTH:
        raise ValueError(f"too long: {message.key} {message.url}")
    return message.user.is_active


def is_ours(url: str) -> bool:
    """Whether ``url`` is a path on this site: browsers read // and a backslash as another host."""
    return url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()


def _chunks(messages: Iterable[Message]) -> Iterator[list[Message]]:
    rest = iter(messages)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _tell(messages: list[Message]) -> None:
    now, people = timezone.now(), {message.user.pk: message.user for message in messages}
    about = Notice.objects.filter(user__in=people, key__in={message.key for message in messages})
    known = set(about.values_list("user_id", "key"))
    fresh = [_notice(message) for message in messages if (message.user.pk, message.key) not in known]
    if not fresh:
        return
    # In one order everywhere: two transactions that tell the same wait for each other, and never both ways.
    fresh.sort(key=lambda notice: (notice.user_id, notice.key))
    for notice in fresh:
        notice.at = now
    with transaction.atomic():
        Notice.objects.bulk_create(fresh, ignore_conflicts=True)
        # What another transaction wrote meanwhile has another moment: that one sends it.
        written = [notice for notice in about.filter(at=now) if (notice.user_id, notice.key) not in known]
        deliveries = _deliveries(written, people, now)
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    if any(delivery.not_before <= now for delivery in deliveries):
        ring()


def _notice(message: Message) -> Notice:
    with translation.override(message.user.language or settings.LANGUAGE_CODE):
        title, body = message.say()
    one_line = " ".join(str(title).split())[:200]
    return Notice(
        user=message.user, kind=message.kind, key=message.key, title=one_line, body=str(body), url=message.url
    )


def _deliveries(notices: list[Notice], people: dict[int, User], now: datetime) -> list[Delivery]:
    """By each way that the person has open and has not closed to this kind."""
    reaches = {reach.user_id: reach for reach in Reach.objects.filter(user__in=people)}
    made = []
    for notice in notices:
        reach = reaches.get(notice.user_id) or Reach()
        reach.user = people[notice.user_id]
        made += [
            Delivery(notice=notice, way=way, not_before=when(reach, now))
            for way in Way.values
            if reach.address(way) and not reach.is_muted(notice.kind, way)
        ]
    return made


def reach_of(user: User) -> Reach:
    """What the person chose, or what holds for those who never did."""
    reach = Reach.objects.filter(user=user).first() or Reach()
    reach.user = user
    return reach


def when(reach: Reach, now: datetime) -> datetime:
    """When what is told ``now`` may be sent to a person."""
    local = timezone.localtime(now)
    return rules.earliest(local, reach.quiet_from, reach.quiet_until, reach.digest_at)


def ring() -> None:
    """Tell the workers once the current transaction is committed. A lost bell costs a minute at most."""
    transaction.on_commit(_ring_now)


def _ring_now() -> None:
    from gridops.notices.tasks import deliver  # tasks import this module

    if not cache.add("notices:bell", True, BELL_SECONDS):
        return  # one is on its way and will see this, too
    try:
        deliver.apply_async(countdown=BELL_SECONDS)
    except Exception:
        log.exception("the broker did not take the bell for notices; they go with the next minute's round")
