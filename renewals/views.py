"""Warning lists: by grid and month, and the warnings on one list (S7, C4)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.accounts.reveal import just_revealed
from gridops.common.lists import Listing
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from renewals.filters_warnings import WarningFilter
from renewals.ledger import WARNINGS
from renewals.models import ExpiryWarning, SubscriberNumber, WarningList
from renewals.pages_lists import added, lists_of, shares_of
from renewals.querysets import WarningQuerySet

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)


@for_roles(*READERS, Role.AGENT_STAFF)
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of a month, one a grid, with how each agent stands; agent staff are led to their own work."""
    user = signed_in(request)
    if not user.scope.has(*READERS):
        return redirect("renewals:work")
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today).plus(1))
    grids = Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name")
    rows = lists_of(grids, choice.first, today)
    total = added(row.total for row in rows)
    return render(request, "renewals/lists.html", {"choice": choice, "rows": rows, "total": total, "today": today})


def _put_numbers(rows: list[ExpiryWarning]) -> None:
    SubscriberNumber.objects.put_on([row.subscriber for row in rows])


@for_roles(*READERS)
def warning_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The warnings of one list, the next to expire first, by what the filters say, and how each agent stands."""
    user = signed_in(request)
    found = get_object_or_404(WarningList.objects.for_user(user).select_related("grid__unit"), pk=pk)
    rows: WarningQuerySet = ExpiryWarning.objects.for_user(user).filter(warning_list=found)
    withdrawn = rows.filter(state=ExpiryWarning.State.WITHDRAWN).count()
    shown = rows.select_related("subscriber__project", "agent", "staff")
    listing = Listing(request, WARNINGS, WarningFilter(request.GET, queryset=shown, listed=found), _put_numbers)
    shares = shares_of([found.pk], timezone.localdate())[found.pk]
    return listing.answer(
        "renewals/warnings.html",
        list=found,
        shares=shares,
        total=added(share.counts for share in shares),
        withdrawn=withdrawn,
        warnings=listing.page.rows,
        page=listing.page,
        revealed=just_revealed(request),
        today=timezone.localdate(),
    )
