"""When a notice may leave the app: quiet hours, one message a day, and how long to wait after a failure.

Moments are aware datetimes in the local zone; times of day are that zone's.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

# Minutes to wait after the first, second … failure; one more failure than this ends it.
WAITS = (1, 5, 30, 120)
MAX_ATTEMPTS = len(WAITS) + 1


def is_quiet(at: time, start: time | None, end: time | None) -> bool:
    """Whether ``at`` lies in the quiet hours: from ``start`` on, until just before ``end``, over midnight if need be.

    The same time twice is no window at all, and neither is one that lacks an end.
    """
    if start is None or end is None or start == end:
        return False
    return start <= at < end if start < end else at >= start or at < end


def after_quiet(moment: datetime, start: time | None, end: time | None) -> datetime:
    """``moment`` itself, or the end of the quiet hours in which it lies."""
    if end is None or not is_quiet(moment.time(), start, end):
        return moment
    return _next(moment, end)


def earliest(now: datetime, start: time | None, end: time | None, digest_at: time | None) -> datetime:
    """When what happens ``now`` may be sent: at the time of the day's one message, never in the quiet hours."""
    return after_quiet(_next(now, digest_at) if digest_at is not None else now, start, end)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` failures; None: not any more."""
    return now + timedelta(minutes=WAITS[max(attempts, 1) - 1]) if attempts < MAX_ATTEMPTS else None


def _next(moment: datetime, at: time) -> datetime:
    """The first moment from ``moment`` on at which the clock shows ``at``."""
    today = datetime.combine(moment.date(), at, tzinfo=moment.tzinfo)
    return today if today >= moment else datetime.combine(moment.date() + timedelta(days=1), at, tzinfo=moment.tzinfo)
