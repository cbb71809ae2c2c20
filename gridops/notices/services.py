"""Telling people something, once, each in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils import timezone, translation

from gridops.accounts.models import User
from gridops.notices.models import Notice
from gridops.notices.registry import KINDS

Say = Callable[[], tuple[str, str]]


def notify(people: Iterable[User], kind: str, key: str, say: Say, url: str = "") -> None:
    """Tell ``people`` what ``say`` says (title and text, called in each one's language), in the caller's transaction.

    ``key`` names what it is about: the same person is told the same key once. ``url`` is a path of ours.
    """
    if kind not in KINDS:
        raise LookupError(f"no such kind of notice: {kind}")
    now, rows = timezone.now(), []
    for user in people:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            title, body = say()
        rows.append(Notice(user=user, kind=kind, key=key, title=title[:200], body=body, url=url, at=now))
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
