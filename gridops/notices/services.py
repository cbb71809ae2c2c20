"""Telling people something, once, each in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone, translation

from gridops.accounts.models import User
from gridops.notices.models import Notice
from gridops.notices.registry import KINDS

Say = Callable[[], tuple[str, str]]


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
    """Tell many people, each their own, in the caller's transaction; however many, a constant number of queries."""
    now, rows = timezone.now(), []
    for message in messages:
        if message.kind not in KINDS:
            raise LookupError(f"no such kind of notice: {message.kind}")
        with translation.override(message.user.language or settings.LANGUAGE_CODE):
            title, body = message.say()
        rows.append(
            Notice(
                user=message.user,
                kind=message.kind,
                key=message.key,
                title=title[:200],
                body=body,
                url=message.url,
                at=now,
            )
        )
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
