"""The specialist's list beside ours: where they differ, and deciding about it (S7, N1)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, Unit, User
from gridops.common.ids import read_id
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.common.picked import picked_rows
from gridops.workbooks.downloads import download
from renewals.filters_reconcile import DifferenceFilter
from renewals.ledger_reconcile import DIFFERENCES, Differences, put_people_on
from renewals.models import Difference
from renewals.pages_reconcile import deciders, deeds_in_words, figures_of, left_in_words
from renewals.querysets_lists import DifferenceQuerySet
from renewals.services_differences import AT_ONCE, Decided, effects_of
from renewals.services_differences import decide as do_decide
from renewals.services_differences_undo import take_back
from renewals.views import READERS

DECIDERS = (Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
JUST = "just_decided"


@require_GET
@for_roles(*READERS)
def reconcile(request: HttpRequest) -> HttpResponse:
    """On to the unit asked for, or to the first one of the person's."""
    units = Unit.objects.for_user(signed_in(request)).order_by("name")
    asked = request.GET.get("unit", "")
    found = get_object_or_404(units, pk=read_id(asked)) if asked else units.first()
    if found is None:
        return render(request, "renewals/reconcile.html", {"choice": _month(request)})
    params = request.GET.copy()
    params.pop("unit", None)
    query = f"?{params.urlencode()}" if params else ""
    return redirect(reverse("renewals:reconcile-unit", args=[found.pk]) + query)


@require_GET
@for_roles(*READERS)
def unit(request: HttpRequest, unit: int) -> HttpResponse:
    """How a unit's month compares, and where the lists differ."""
    user, choice = signed_in(request), _month(request)
    found = get_object_or_404(Unit.objects.for_user(user), pk=unit)
    listing = _listing(request, found, choice.month)
    if listing.is_part:
        return listing.answer(can_decide=_decides(user, found))
    just = request.session.pop(JUST, None)
    units = list(Unit.objects.for_user(user).order_by("name"))
    context: dict[str, Any] = {
        "listing": listing,
        "choice": choice,
        "unit": found,
        "units": units if len(units) > 1 else [],
        "figures": figures_of(user, found, choice.month),
        "can_decide": _decides(user, found),
        "just": Difference.objects.for_user(user).exclude(decision="").filter(pk=just).first() if just else None,
    }
    return render(request, "renewals/reconcile.html", context)


@require_GET
@for_roles(*READERS)
def export(request: HttpRequest, unit: int) -> HttpResponseBase:
    """The differences that the filters find, as a workbook."""
    found = get_object_or_404(Unit.objects.for_user(signed_in(request)), pk=unit)
    return download(request, _listing(request, found, _month(request).month), "renewals:reconcile")


@require_POST
@for_roles(*DECIDERS)
def decide(request: HttpRequest, unit: int) -> HttpResponse:
    """What the decision would do; once that was seen, doing it."""
    found = get_object_or_404(Unit.objects.for_user(signed_in(request)), pk=unit)
    if not _decides(signed_in(request), found):
        raise PermissionDenied
    month = _posted_month(request)
    back = _back(request, found, month)
    decision, rows = request.POST.get("decision", ""), _chosen(request, found, month)
    if decision not in Difference.Decision.values or rows is None:
        messages.warning(request, _("Tick the differences that are to be decided first."))
        return redirect(back)
    seen = parse_datetime(request.POST.get("seen", ""))
    if not seen:
        return _preview(request, found, month, rows, decision, back)
    ids = list(rows.filter(found_at__lte=seen).values_list("pk", flat=True)) if "every" in request.POST else None
    ids = ids if ids is not None else list(rows.values_list("pk", flat=True))
    note = request.POST.get("note", "").strip()[:200]
    result = do_decide(found, month, ids[:AT_ONCE], decision, note, signed_in(request), timezone.now(), seen=seen)
    _tell(request, result)
    if sum(result.done.values()) == 1 == len(ids):
        request.session[JUST] = ids[0]
    return redirect(back)


@require_POST
@for_roles(*DECIDERS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision back, with what it did."""
    user = signed_in(request)
    row = get_object_or_404(Difference.objects.for_user(user).select_related("unit"), pk=pk)
    if not _decides(user, row.unit):
        raise PermissionDenied
    why = take_back(row.pk, user, timezone.now())
    if why:
        messages.warning(request, _("This decision can't be taken back: %(why)s") % {"why": why})
    else:
        messages.success(request, _("The decision about %(account)s is taken back.") % {"account": row.account})
    return redirect(_back(request, row.unit, Month.of(row.month)))


# --- parts ---


def _decides(user: User, unit: Unit) -> bool:
    """Whether the person is the unit's: who decides elsewhere and only manages a grid of it does not."""
    return user.scope.everything or unit.pk in user.scope.unit_ids


def _month(request: HttpRequest) -> Any:
    return chosen_month(request, Month.of(timezone.localdate()).plus(1))


def _posted_month(request: HttpRequest) -> Month:
    try:
        return Month.parse(request.POST.get("month", ""))
    except ValueError:
        month: Month = _month(request).month
        return month


def _rows(request: HttpRequest, unit: Unit, month: Month) -> DifferenceQuerySet:
    return Difference.objects.for_user(signed_in(request)).filter(unit=unit, month=month.first)


def _listing(request: HttpRequest, unit: Unit, month: Month) -> Differences:
    rows = _rows(request, unit, month).select_related("project__grid", "subscriber", "decided_by")
    filters = DifferenceFilter(request.GET, queryset=rows, user=signed_in(request), unit=unit)
    listing = Differences(request, DIFFERENCES, filters, put_people_on)
    listing.unit = unit
    return listing


def _chosen(request: HttpRequest, unit: Unit, month: Month) -> DifferenceQuerySet | None:
    person = signed_in(request)
    return picked_rows(
        request,
        _rows(request, unit, month),
        lambda query, rows: DifferenceFilter(query, queryset=rows, user=person, unit=unit),
    )


def _preview(
    request: HttpRequest, unit: Unit, month: Month, rows: DifferenceQuerySet, decision: str, back: str
) -> HttpResponse:
    now = timezone.now()
    found = list(rows.undecided().select_related("decided_by")[: AT_ONCE + 1])
    decided = list(rows.exclude(decision="").select_related("decided_by")[:1])
    effects = effects_of(found[:AT_ONCE], decision)
    context: dict[str, Any] = {
        "unit": unit,
        "month": month,
        "decision": decision,
        "title": Difference.Decision(decision).label,
        "count": len(effects),
        "too_many": AT_ONCE if len(found) > AT_ONCE else 0,
        "deeds": deeds_in_words(Counter(one.deed for one in effects if one.deed)),
        "left": left_in_words(Counter(one.left for one in effects if one.left)),
        "decided": deciders(decided),
        "picked": [] if "every" in request.POST else request.POST.getlist("pick"),
        "every": "every" in request.POST,
        "query": request.POST.get("query", ""),
        "seen": now.isoformat(),
        "back": back,
    }
    return render(request, "renewals/reconcile_decide.html", context)


def _tell(request: HttpRequest, result: Decided) -> None:
    number = sum(result.done.values())
    if number:
        said = ngettext("%(n)s difference decided.", "%(n)s differences decided.", number) % {"n": number}
        messages.success(request, " ".join([said, *deeds_in_words(result.done)]))
    if result.left:
        messages.warning(request, " ".join([_("Left open:"), *left_in_words(result.left)]))
    if result.meanwhile:
        said = ngettext(
            "%(n)s was decided by %(who)s meanwhile; that stays.",
            "%(n)s were decided by %(who)s meanwhile; that stays.",
            len(result.meanwhile),
        )
        messages.warning(request, said % {"n": len(result.meanwhile), "who": deciders(result.meanwhile)})
    if result.gone:
        said = ngettext(
            "%(n)s has changed since you looked at it; look again.",
            "%(n)s have changed since you looked at them; look again.",
            result.gone,
        )
        messages.warning(request, said % {"n": result.gone})


def _back(request: HttpRequest, unit: Unit, month: Month) -> str:
    params = QueryDict(request.POST.get("query", "").lstrip("?"), mutable=True)
    params["month"] = str(month)
    return f"{reverse('renewals:reconcile-unit', args=[unit.pk])}?{params.urlencode()}"
