"""What each night does about a unit's renewals: every step by itself, under the run's fence, and safe to do again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils import timezone

from gridops.accounts.models import Unit
from gridops.common.months import Month
from gridops.jobs.run import Run
from renewals import services_chance
from renewals.models import WarningList
from renewals.services import bring_up_to_date
from renewals.services_roster import first_live, follow_roster, lapse
from renewals.services_tally import counted_today


def see_through(unit: Unit, run: Run) -> None:
    """Follow the roster, bring the lists of this month and the next up to date, lapse, count chances and live lists.

    Lists that nobody has made yet are left to the calendar.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    lists = WarningList.objects.filter(grid__unit=unit)
    coming = [Month.of(today), Month.of(today).plus(1)]
    made = set(lists.filter(month__in=[month.first for month in coming]).values_list("month", flat=True))
    live = list(lists.filter(month__gte=first_live(unit, today)).values_list("pk", flat=True))
    steps: list[Callable[[], object]] = [
        partial(follow_roster, unit, today, now),
        *(partial(bring_up_to_date, unit, month, now) for month in coming if month.first in made),
        partial(lapse, unit, today, now),
        partial(services_chance.refresh, unit, today),
        partial(counted_today, live, today),
    ]
    for number, step in enumerate(steps):
        run.progress(number, len(steps))
        with transaction.atomic():
            run.fence()
            step()
