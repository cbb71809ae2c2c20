"""What a person chose about being reached, and a trial of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone, translation

from gridops.accounts.models import User
from gridops.notices import letters
from gridops.notices.models import Delivery, Reach, Way
from gridops.notices.services import reach_of, ring, when
from gridops.notices.services_delivery import Post

TRIAL_SECONDS = 30
UNREACHED_DAYS = 7
UNREACHED_ROWS = 500


@transaction.atomic
def choose(reach: Reach) -> None:
    """Keep what a person chose; what still waits for them follows it."""
    if reach._state.adding:  # perhaps chosen in another tab meanwhile
        reach.pk = Reach.objects.get_or_create(user=reach.user)[0].pk
    reach.save()
    waiting = Delivery.objects.filter(notice__user=reach.user, state=Delivery.State.WAITING, lease_until=None)
    for way in Way.values:
        mine = waiting.filter(way=way)
        muted = [kind for kind in reach.muted if reach.is_muted(kind, way)]
        (mine.filter(notice__kind__in=muted) if reach.address(way) else mine).delete()
    # What was put off by a failure is tried again at the next occasion, too: the address may have been mended.
    waiting.update(not_before=when(reach, timezone.now()))
    ring()


def may_try(session: SessionBase, now: datetime) -> bool:
    """Whether a person may send themselves a trial message now: not twice within half a minute.

    Kept in the session, which all processes of the web server see, and at once: before the message is on its way.
    """
    if now.timestamp() - session.get("notices_tried", 0) < TRIAL_SECONDS:
        return False
    session["notices_tried"] = now.timestamp()
    session.save()
    return True


def try_out(user: User, way: str) -> str:
    """Send a trial message; what came back. ``Undelivered`` says why it did not get through."""
    post = Post()
    with translation.override(user.language or settings.LANGUAGE_CODE):
        try:
            return post.send(way, reach_of(user).address(way), letters.trial())
        finally:
            post.hang_up()


def unreached(now: datetime) -> list[Delivery]:
    """Whom the last week's notices did not reach, and why: each person's newest failure."""
    failed = Delivery.objects.unreached(now - timedelta(days=UNREACHED_DAYS))[:UNREACHED_ROWS]
    found: dict[int, Delivery] = {}
    for delivery in failed:
        found.setdefault(delivery.notice.user_id, delivery)
    return list(found.values())
