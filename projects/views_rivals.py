"""Rivals: a project's timeline, what is seen, corrected, answered; their moves over all projects in scope."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.common.lists import Listing
from gridops.common.paging import Order, paginate
from gridops.common.photos import answer_photo
from gridops.common.versions import VersionedForm
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_history
from projects import services_rivals as services
from projects.filters_rivals import MoveFilter, OfferFilter
from projects.forms_rivals import AnswerForm, MeasureForm, NewOfferForm, OfferForm, PhotosForm
from projects.ledger_rivals import MOVES
from projects.models import CounterMeasure, Operator, Project, RivalOffer, RivalPhoto
from projects.rules_rivals import in_force
from projects.services import demand_edit, may_edit
from projects.views import EDITORS, READERS, project_of

MEASURES_SHOWN = 20


def _editable_project(request: HttpRequest, pk: int) -> Project:
    project = project_of(request, pk)
    demand_edit(signed_in(request), project.grid_id)
    return project


def _offer(request: HttpRequest, pk: int) -> RivalOffer:
    rows = RivalOffer.objects.for_user(signed_in(request)).select_related("project__grid", "operator")
    return get_object_or_404(rows, pk=pk)


def _editable_offer(request: HttpRequest, pk: int) -> RivalOffer:
    offer = _offer(request, pk)
    demand_edit(signed_in(request), offer.project.grid_id)
    return offer


def _timeline(project_id: int) -> str:
    return reverse("projects:rivals", args=[project_id])


def _called(offer: RivalOffer) -> str:
    return f"{offer.project.name} · {offer.operator.name}"


# --- Looked at ---


def _moves(request: HttpRequest) -> Listing[RivalOffer]:
    user = signed_in(request)
    rows = RivalOffer.objects.for_user(user).shown().select_related("project__grid")
    return Listing(request, MOVES, MoveFilter(request.GET, queryset=rows, user=user))


@require_GET
@for_roles(*READERS)
def moves(request: HttpRequest) -> HttpResponse:
    """The newest moves of rivals in the person's scope (P3)."""
    return _moves(request).answer("projects/rival_moves.html", today=timezone.localdate())


@require_GET
@for_roles(*READERS)
def moves_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _moves(request), "projects:rival-moves")


@require_GET
@for_roles(*READERS)
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What rivals offer in a project: in force now, and as it came, newest first (P3)."""
    project, user, today = project_of(request, pk), signed_in(request), timezone.localdate()
    rows = RivalOffer.objects.filter(project=project)
    current = in_force(rows.newest_of_kinds(today).shown())
    filters = OfferFilter(request.GET, queryset=rows.shown())
    page = paginate(filters.qs, Order("seen_on", descending=True), request.GET)
    for offer in page.rows:
        services.mark_own(offer, user)
    context = {
        "project": project,
        "operators": _by_operator(current),
        "tariffs": sorted((row for row in current if row.monthly_fee is not None), key=attrgetter("monthly_fee")),
        "measures": CounterMeasure.objects.filter(project=project).select_related("by")[:MEASURES_SHOWN],
        "form": filters.form,
        "page": page,
        "may_edit": may_edit(user, project.grid_id),
        "today": today,
    }
    return render(request, "projects/rivals.html", context)


def _by_operator(current: list[RivalOffer]) -> list[tuple[Operator, list[RivalOffer]]]:
    """The operators in use, and others that offer something, each with what is in force."""
    named = {operator.pk: operator for operator in Operator.objects.all()}
    offers: dict[int, list[RivalOffer]] = {pk: [] for pk, operator in named.items() if operator.is_active}
    for offer in current:
        offers.setdefault(offer.operator_id, []).append(offer)
    return [(named[pk], rows) for pk, rows in offers.items()]


@require_GET
@for_roles(*READERS)
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo, large or (``size=small``) small, for those who see its project."""
    row = get_object_or_404(RivalPhoto.objects.for_user(signed_in(request)), pk=pk)
    try:
        return answer_photo(request, row.small if request.GET.get("size") == "small" else row.image)
    except FileNotFoundError:
        raise Http404 from None


@require_GET
@for_roles(*READERS)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what in an offer, and when."""
    offer = _offer(request, pk)
    return answer_history(request, offer, _called(offer), _timeline(offer.project_id))


# --- Changed ---


def _form_page(
    request: HttpRequest, form: Any, project: Project, heading: str, *, status: int = 0, **more: Any
) -> HttpResponse:
    context = {"form": form, "project": project, "heading": heading, "back": _timeline(project.pk), **more}
    status = status or (409 if more.get("conflict") else 422 if form.errors else 200)
    return render(request, "projects/rival_form.html", context, status=status)


@for_roles(*EDITORS)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what was seen, with photos."""
    project, user = _editable_project(request, pk), signed_in(request)
    offer = RivalOffer(project=project, seen_on=timezone.localdate())
    asked = request.GET.get("operator", "")
    initial = {"operator": asked} if asked.isdecimal() and len(asked) < 10 else {}
    form = NewOfferForm(request.POST or None, request.FILES or None, instance=offer, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.add_offer(form.instance, form.pictures, user)
        messages.success(request, _("Saved."))
        return redirect(_timeline(pk))
    return _form_page(request, form, project, _("What did you see?"))


@for_roles(*EDITORS)
def add_photos(request: HttpRequest, pk: int) -> HttpResponse:
    """More photos of an offer."""
    offer = _editable_offer(request, pk)
    form = PhotosForm(request.POST, request.FILES) if request.method == "POST" else PhotosForm()
    if request.method == "POST" and form.is_valid():
        try:
            services.add_photos(offer, form.pictures, signed_in(request))
        except ValidationError as fault:
            form.add_error("photos", fault)
        else:
            messages.success(request, _("Saved."))
            return redirect(_timeline(offer.project_id))
    return _form_page(request, form, offer.project, _("Add photos"), offer=offer)


def _edit(
    request: HttpRequest, form: VersionedForm[RivalOffer], offer: RivalOffer, what: str, shown: RivalOffer | None = None
) -> HttpResponse:
    found, project = None, offer.project
    heading = f"{what} · {offer.operator.name}"
    if request.method == "POST" and form.is_valid():
        found = services.save_offer(form, signed_in(request))
        if found is None:
            messages.success(request, _("Saved."))
            return redirect(_timeline(project.pk))
    return _form_page(request, found.form if found else form, project, heading, conflict=found, offer=shown)


@for_roles(*EDITORS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an offer; its history keeps what stood there."""
    offer = _editable_offer(request, pk)
    return _edit(request, OfferForm(request.POST or None, instance=offer), offer, _("Correct"))


@for_roles(*EDITORS)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what we do against an offer, and since when."""
    offer = _editable_offer(request, pk)
    shown = RivalOffer.objects.shown().get(pk=pk)
    return _edit(request, AnswerForm(request.POST or None, instance=offer), offer, _("Our answer"), shown)


@for_roles(*EDITORS)
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what we suggest against the rivals of a project; what was suggested before stays in its history."""
    project, today = _editable_project(request, pk), timezone.localdate()
    newest = CounterMeasure.objects.filter(project=project).latest(today).first()
    form, heading = MeasureForm(request.POST or None, newest=newest), _("Suggested measure")
    if request.method == "POST" and form.is_valid():
        newer = services.suggest(project, **form.cleaned_data, by=signed_in(request), day=today)
        if newer is None:
            messages.success(request, _("Saved."))
            return redirect(_timeline(pk))
        form.is_overtaken_by(newer)
        return _form_page(request, form, project, heading, status=409)
    return _form_page(request, form, project, heading)


@require_POST
@for_roles(*EDITORS)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """An offer was found unchanged today: one tap."""
    offer = _editable_offer(request, pk)
    services.see_again(offer, signed_in(request), timezone.localdate())
    messages.success(request, _("Noted: unchanged as of today."))
    return redirect(_timeline(offer.project_id))


@require_POST
@for_roles(*EDITORS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own entry of today."""
    offer = _editable_offer(request, pk)
    if services.remove_offer(offer, signed_in(request)):
        messages.success(request, _("The entry was taken back."))
    else:
        messages.warning(request, _("Only your own entry of today, not yet answered, can be taken back."))
    return redirect(_timeline(offer.project_id))


@require_POST
@for_roles(*EDITORS)
def remove_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own photo of today."""
    user = signed_in(request)
    row = get_object_or_404(RivalPhoto.objects.for_user(user).select_related("offer__project"), pk=pk)
    demand_edit(user, row.offer.project.grid_id)
    if services.remove_photo(row, user):
        messages.success(request, _("The photo was taken back."))
    else:
        messages.warning(request, _("Only a photo that you added today can be taken back."))
    return redirect(_timeline(row.offer.project_id))
