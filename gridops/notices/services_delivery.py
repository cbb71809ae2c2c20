"""Sending what is due: claimed under a lease, one message per person and way, tried again a few times.

At least once: a worker that dies after sending and before writing that down leaves the lease to run out, and the
message goes a second time. The other way round it might never go, and a reminder that comes twice harms less than one
that doesn't come. As long as workers live, nothing is sent twice: a claim is a lock and a conditional update.
"""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridops.notices import letters, rules, webhook
from gridops.notices.models import Delivery, Notice, Way
from gridops.notices.querysets import DeliveryQuerySet
from gridops.notices.services import reach_of, ring

log = logging.getLogger(__name__)

ROUND_SECONDS = 50
BUNDLE = 100
PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one message tells one person: claimed by us until ``lease``, which nobody else's claim has."""

    way: str
    deliveries: list[Delivery]
    lease: datetime

    def held(self) -> DeliveryQuerySet:
        """Those that are still ours; what took longer than the lease may be another worker's by now."""
        ids = [delivery.pk for delivery in self.deliveries]
        return Delivery.objects.filter(pk__in=ids, state=Delivery.State.WAITING, lease_until=self.lease)


class Post:
    """The ways out for one round: the mail server is dialled once, and let be when it does not answer."""

    def __init__(self) -> None:
        self._mail: BaseEmailBackend | None = None
        self.closed: set[str] = set()

    def send(self, way: str, address: str, letter: letters.Letter) -> str:
        """Send ``letter``; what came back. ``webhook.Undelivered`` says in words why it did not get through."""
        if way == Way.WEBHOOK:
            return webhook.send(address, letter.title, letter.short_text)
        try:
            letters.send_email(address, letter, self._dialled())
        except webhook.Undelivered:
            self.hang_up()
            raise
        return ""

    def _dialled(self) -> BaseEmailBackend:
        if self._mail is None:
            mail = get_connection()
            try:
                mail.open()
            except Exception as error:
                self.closed.add(Way.EMAIL)
                raise webhook.Undelivered(letters.in_words(error)) from error
            self._mail = mail
        return self._mail

    def hang_up(self) -> None:
        """End the call to the mail server; the next e-mail dials anew."""
        if self._mail is not None:
            mail, self._mail = self._mail, None
            mail.close()


def deliver(seconds: float = ROUND_SECONDS) -> int:
    """Send what is due, for ``seconds`` at most; what is left is rung for. Returns how many messages went out."""
    until, sent, post = time.monotonic() + seconds, 0, Post()
    _end_used_up()
    try:
        while people := list(Delivery.objects.due_to(timezone.now(), post.closed)[:PEOPLE]):
            met = False
            for user_id, way in people:
                if time.monotonic() >= until:
                    ring()
                    return sent
                bundle = None if way in post.closed else claim(user_id, way)
                if bundle is not None:
                    met = True
                    sent += _deliver(bundle, post)
            if not met:
                break  # others are at these
    finally:
        post.hang_up()
    return sent


def claim(user_id: int, way: str) -> Bundle | None:
    """Take all that is due to a person by ``way``, unless others have. An attempt is counted before it is made."""
    now = timezone.now()
    lease = now + timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
    with transaction.atomic():
        due = Delivery.objects.due(now).filter(notice__user=user_id, way=way, attempts__lt=rules.MAX_ATTEMPTS)
        free = due.order_by("pk").select_for_update(skip_locked=True, of=("self",)).only("pk")
        ids = [delivery.pk for delivery in free[:BUNDLE]]
        # The condition once more, on the rows themselves: it decides, whatever the database makes of the lock.
        Delivery.objects.due(now).filter(pk__in=ids).update(lease_until=lease, attempts=F("attempts") + 1)
    ours = Delivery.objects.filter(pk__in=ids, lease_until=lease).select_related("notice__user")
    deliveries = list(ours.order_by("notice__at", "notice"))
    return Bundle(way, deliveries, lease) if deliveries else None


def _deliver(bundle: Bundle, post: Post) -> int:
    """Send one message and write down what became of it. 1 when it went out."""
    user = bundle.deliveries[0].notice.user
    reach = reach_of(user)
    address = reach.address(bundle.way) if user.is_active else ""
    if not address:
        bundle.held().delete()  # no longer wanted
        return 0
    now = timezone.localtime()
    if (later := rules.after_quiet(now, reach.quiet_from, reach.quiet_until)) > now:
        bundle.held().update(not_before=later, lease_until=None, attempts=F("attempts") - 1)
        return 0
    with translation.override(user.language or settings.LANGUAGE_CODE):
        try:
            post.send(bundle.way, address, letters.letter_of([each.notice for each in bundle.deliveries]))
        except webhook.Undelivered as refusal:
            _failed(bundle, str(refusal))
            return 0
        except Exception as error:
            # The text of an error may hold the address: its kind and its course are enough.
            trace = "".join(traceback.format_tb(error.__traceback__))
            log.error("a notice by %s was not sent: %s\n%s", bundle.way, type(error).__name__, trace)
            _failed(bundle, _("Something went wrong in gridops itself."))
            return 0
    bundle.held().update(state=Delivery.State.SENT, sent_at=timezone.now(), lease_until=None, error="")
    return 1


def _failed(bundle: Bundle, error: str) -> None:
    """Try again later, each by its own count of attempts; after the last one, failed."""
    now = timezone.now()
    for attempts in {delivery.attempts for delivery in bundle.deliveries}:
        again = rules.next_try(attempts, now)
        rows = bundle.held().filter(attempts=attempts)
        if again is None:
            rows.update(state=Delivery.State.FAILED, lease_until=None, error=error[:300])
        else:
            rows.update(not_before=again, lease_until=None, error=error[:300])


def _end_used_up() -> None:
    text = _("The worker was lost in every attempt.")
    used_up = Delivery.objects.used_up(timezone.now())
    used_up.update(state=Delivery.State.FAILED, lease_until=None, error=text)


def forget(now: datetime) -> int:
    """Let go of what is old: what became of deliveries, read notices, and in twice the time unread ones too.

    Returns how many notices went.
    """
    keep = timedelta(days=settings.NOTICE_KEEP_DAYS)
    Delivery.objects.ended().filter(notice__at__lt=now - keep).delete()
    return Notice.objects.outlived(now - keep, now - 2 * keep).delete()[1].get("notices.Notice", 0)
