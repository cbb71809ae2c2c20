"""The month that a page is about: chosen in its address, and kept from page to page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from gridops.common.months import Month

KEPT = "month"
FIRST, LAST = Month(1901, 1), Month(2199, 12)  # each has a month before and after it


@dataclass(frozen=True, slots=True)
class MonthChoice:
    """The month shown and its neighbours, for the picker of a page (``common/_month.html``)."""

    month: Month

    @property
    def first(self) -> date:
        """Its first day."""
        return self.month.first

    @property
    def previous(self) -> str:
        """The month before, as an address writes it."""
        return str(self.month.plus(-1))

    @property
    def next(self) -> str:
        """The month after, as an address writes it."""
        return str(self.month.plus(1))


def chosen_month(request: HttpRequest, default: Month) -> MonthChoice:
    """The month of ``?month=``, else the one chosen last in this session, else ``default``."""
    if asked := request.GET.get(KEPT, ""):
        month = _read(asked)
        if month is None:
            return MonthChoice(default)
        if request.session.get(KEPT) != str(month):
            request.session[KEPT] = str(month)
        return MonthChoice(month)
    return MonthChoice(_read(request.session.get(KEPT, "")) or default)


def asked_month(request: HttpRequest, default: Month) -> MonthChoice:
    """The month of ``?month=``, else ``default``; neither kept nor taken from other pages (a calendar opens today)."""
    return MonthChoice(_read(request.GET.get(KEPT, "")) or default)


def _read(text: str) -> Month | None:
    try:
        month = Month.parse(text)
    except ValueError:
        return None
    return month if FIRST <= month <= LAST else None
