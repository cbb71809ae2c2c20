"""Today's work: what is due about renewals, and the call that shows a number (C4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Role
from gridops.accounts.services import record_access
from gridops.common.templatetags.gridops import reveal_label
from renewals.forms_contacts import AT_ONCE
from renewals.models import ExpiryWarning, SubscriberNumber
from renewals.rules_work import Group
from renewals.work import CAP, Work, rows_of, shown

WORKERS = (Role.GRID_MANAGER, Role.RENEWAL_SPECIALIST, Role.AGENT_STAFF)


@require_GET
@for_roles(*WORKERS)
def work(request: HttpRequest) -> HttpResponse:
    """What is to be done today, in order, each with why: promises, second visits, calls (C4)."""
    found = Work(signed_in(request), timezone.localdate(), request.GET)
    counts = found.counts()
    warnings, total = found.rows(counts)
    end = found.start + len(warnings)
    context: dict[str, Any] = {
        "work": found,
        "rows": rows_of(warnings, found.today),
        "kinds": [(Group(kind), number, min(number, CAP)) for kind, number in counts.items()],
        "all_due": sum(counts.values()),
        "cap": CAP,
        "end": end,
        "more": total > end,
        "losses": AT_ONCE,
    }
    return render(request, "renewals/work.html", context)


@require_POST
@for_roles(*WORKERS)
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of one row, written down first: to the script as data, without it on a page that calls."""
    user = signed_in(request)
    warning = get_object_or_404(shown(ExpiryWarning.objects.for_user(user).live()), pk=pk)
    subscriber = warning.subscriber
    record_access(request, AccessRecord.Kind.REVEAL, reveal_label(subscriber))
    SubscriberNumber.objects.put_on([subscriber])
    if request.headers.get("Accept") == "application/json":
        words = "" if subscriber.number else _("no phone on record")
        return JsonResponse({"name": subscriber.name, "phone": subscriber.number, "words": words})
    rows = rows_of([warning], timezone.localdate())
    context = {"row": rows[0], "losses": AT_ONCE, "next": reverse("renewals:work")}
    return render(request, "renewals/work_call.html", context)
