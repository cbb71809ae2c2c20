"""When things happened in the demo: in working hours, one after the other, never later than now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock

from django.utils import timezone

from gridops.notices.models import Notice

HOURS = (9, 10, 14, 16)
KNOWN_AFTER = timedelta(days=2)  # what people were told before that, they have read


def at(day: date, hour: int = 10) -> datetime:
    """That day, in working hours."""
    return timezone.make_aware(datetime.combine(day, clock(hour)) + timedelta(minutes=20))


def moments(first: date, count: int, now: datetime) -> list[datetime]:
    """The last ``count`` working moments since ``first``; where there are not so many yet, spread until now."""
    today = timezone.localdate(now)
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    past = [moment for day in days for hour in HOURS if (moment := at(day, hour)) < now]
    if len(past) >= count:
        return past[-count:]
    begin = min(at(first, 0), now)
    return [begin + (now - begin) * (n + 1) / (count + 1) for n in range(count)]


@contextmanager
def told(moment: datetime) -> Iterator[None]:
    """What people are told meanwhile was told at ``moment``; older news they have read."""
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    fresh = Notice.objects.filter(pk__gt=last)
    old = moment < timezone.now() - KNOWN_AFTER
    fresh.update(at=moment, **({"read_at": moment + timedelta(hours=2)} if old else {}))
