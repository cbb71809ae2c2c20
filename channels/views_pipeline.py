"""Shops to win: found, led step by step until they sell; board and table (C10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from channels import rules_pipeline as rules
from channels.choices import Stage
from channels.filters_outlets import PipelineFilter
from channels.forms_outlets import FoundForm, StepForm
from channels.ledger_outlets import STAGE_WORDS
from channels.models import Outlet
from channels.querysets import OutletQuerySet
from channels.services_outlets import STALE, Stale, add_found, step
from channels.views import READERS
from channels.views_outlets import EDITORS, editable_outlet, page_of
from gridops.accounts.guards import for_roles, signed_in
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.months import Month
from gridops.common.paging import Order
from gridops.workbooks.downloads import download
from projects.services import demand_edit, editable_grids

CARDS = 30  # a stage
PIPELINE = ListSpec(
    name="pipeline",
    title=gettext_lazy("Shops to win"),
    columns=[
        Column(gettext_lazy("outlet code"), lambda row: row.code, sort="code"),
        Column(gettext_lazy("outlet name"), lambda row: row.name, sort="name"),
        Column(gettext_lazy("grid"), lambda row: row.grid.name),
        Column(gettext_lazy("address"), lambda row: row.address),
        Column(gettext_lazy("shop owner"), lambda row: row.owner_name, page=False),
        Column(gettext_lazy("stage"), lambda row: STAGE_WORDS[row.stage]),
        Column(gettext_lazy("at this stage since"), lambda row: row.since),
        Column(gettext_lazy("days at this stage"), lambda row: row.days, number=True),
        Column(gettext_lazy("remark"), lambda row: row.last_note),
    ],
    rows="channels/_pipeline_rows.html",
    order=Order("code", descending=True),
    empty=gettext_lazy("No shop is on the way. Add one that you found near a project."),
    search=gettext_lazy("Code, name or address"),
    export="channels:pipeline-export",
)


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """The shops at a stage, those that have stood there longest first."""

    stage: Stage
    count: int
    cards: list[Outlet]


def _days(today: date) -> Any:
    def decorate(rows: list[Outlet]) -> None:
        for row in rows:
            since = row.since  # type: ignore[attr-defined]
            row.days = max(0, (today - since).days) if since else None  # type: ignore[attr-defined]

    return decorate


def _listing(request: HttpRequest) -> Listing[Outlet]:
    user = signed_in(request)
    rows = Outlet.objects.for_user(user).on_the_way().with_last_step().in_list()
    filters = PipelineFilter(request.GET, queryset=rows, user=user)
    return Listing(request, PIPELINE, filters, decorate=_days(timezone.localdate()))


@require_GET
@for_roles(*READERS)
def pipeline(request: HttpRequest) -> HttpResponse:
    """The board: a column a stage (C10)."""
    user, today = signed_in(request), timezone.localdate()
    listing = _listing(request)
    found: OutletQuerySet = listing.queryset  # type: ignore[assignment]
    counts = dict(found.order_by().values_list("stage").annotate(Count("pk")))
    columns = [BoardColumn(stage, counts.get(stage, 0), _cards(found, stage, today)) for stage in rules.OPEN]
    month = Month.of(today)
    won = Outlet.objects.for_user(user).selling().filter(opened_on__range=(month.first, today))
    figures = {
        "open": sum(counts.get(stage, 0) for stage in rules.OPEN),
        "won": won.count(),
        "given_up": counts.get(Stage.GIVEN_UP, 0),
    }
    context = {"columns": columns, "figures": figures, "month": month.first, "may_add": bool(editable_grids(user))}
    if listing.is_part:
        return render(request, "channels/_pipeline_board.html", {"listing": listing, **context})
    return render(request, "channels/pipeline.html", {"listing": listing, **context})


def _cards(found: OutletQuerySet, stage: Stage, today: date) -> list[Outlet]:
    rows = list(found.filter(stage=stage).order_by(F("since").asc(nulls_last=True), "pk")[:CARDS])
    _days(today)(rows)
    for row in rows:
        row.next_stage = Stage(following) if (following := rules.following(row.stage)) else None  # type: ignore[attr-defined]
    return rows


@require_GET
@for_roles(*READERS)
def table(request: HttpRequest) -> HttpResponse:
    """All of them as a list, those given up among them."""
    may_add = bool(editable_grids(signed_in(request)))
    return _listing(request).answer("channels/pipeline_table.html", may_add=may_add)


@require_GET
@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:pipeline-table")


@for_roles(*EDITORS)
def found(request: HttpRequest) -> HttpResponse:
    """Add a shop that may become an outlet."""
    user = signed_in(request)
    form = FoundForm(request.POST or None, user=user)
    back = reverse("channels:pipeline")
    if request.method == "POST" and form.is_valid():
        demand_edit(user, form.instance.grid_id)
        data = form.cleaned_data
        made = add_found(form.save(commit=False), data["on"], data["remark"], user)
        form.save_m2m()
        messages.success(request, _("%(name)s was added as %(code)s.") % {"name": made.name, "code": made.code})
        return redirect(page_of(made))
    context = {"form": form, "back": back}
    return render(request, "channels/pipeline_found.html", context, status=422 if form.errors else 200)


@for_roles(*EDITORS)
def move(request: HttpRequest, pk: int, stage: str) -> HttpResponse:
    """Lead an outlet to another stage: when, and what was said."""
    subject, user, today = editable_outlet(request, pk), signed_in(request), timezone.localdate()
    try:
        way = rules.transition(subject.stage, stage)
    except rules.StepFault:
        if stage not in Stage.values:
            raise Http404 from None
        messages.info(request, STALE)
        return redirect(page_of(subject))
    form = StepForm(request.POST or None, outlet=subject, step=way)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            step(subject, data["version"], stage, data["on"], data["note"], user, today, data.get("code", ""))
        except Stale:
            form.add_error(None, STALE)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, _("%(name)s: %(stage)s.") % {"name": subject.name, "stage": Stage(stage).label})
            return redirect(page_of(subject))
    context = {
        "form": form,
        "outlet": subject,
        "way": way,
        "stage": Stage(stage),
        "skipped": [Stage(one) for one in rules.skipped(subject.stage, stage)],
        "unwon": subject.stage == Stage.SELLING,
        "back": page_of(subject),
    }
    return render(request, "channels/pipeline_move.html", context, status=422 if form.errors else 200)
