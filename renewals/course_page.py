"""How a warning came to stand where it stands, as its page shows it: one line of time, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from renewals.choices import Outcome
from renewals.models import Contact, ExpiryWarning

DAY_END = time(23, 59)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``kind`` says which of the templates' pieces shows ``row``."""

    kind: str
    at: datetime
    row: Any
    is_day: bool = False


def course_of(warning: ExpiryWarning) -> list[Event]:
    """Listing, handovers, contacts, reopenings and what the roster found; in a constant number of queries."""
    contacts = list(Contact.objects.of_warning(warning.pk).for_course())
    # one that only takes another back is told there
    events = [Event("contact", row.at, row) for row in contacts if row.outcome != Outcome.VOID]
    people = ("by", "from_agent", "to_agent", "from_staff", "to_staff")
    events += [Event("handover", row.at, row) for row in warning.handovers.select_related(*people)]
    events += [Event("reopening", row.at, row) for row in warning.reopenings.select_related("by")]
    events.append(Event("listed", warning.listed_at, warning))
    for kind, day in (("confirmed", warning.confirmed_on), ("lapsed", _lapsed(warning))):
        if day:
            events.append(Event(kind, timezone.make_aware(datetime.combine(day, DAY_END)), warning, is_day=True))
    if warning.withdrawn_at:
        events.append(Event("withdrawn", warning.withdrawn_at, warning))
    return sorted(events, key=lambda event: event.at)[::-1]  # of two at the same time the later one first, too


def _lapsed(warning: ExpiryWarning) -> date | None:
    return warning.lost_on if warning.state == warning.State.LOST and warning.loss == "lapsed" else None
