"""New projects: the board, the table, one of them, its form and history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.common.months import Month
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects import forms_prospects as forms
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.filters_prospects import BoardFilter, ProspectFilter
from projects.ledger_prospects import PROSPECTS, set_standing, standing
from projects.models import Preparation, PreparationTemplate, Prospect, ProspectTalk, Stage
from projects.services import demand_edit, may_edit
from projects.views import EDITORS, READERS

CARDS = 25  # of a stage, on the board; the table has all


def prospect_of(request: HttpRequest, pk: int) -> Prospect:
    """The new project, if it is in the person's scope."""
    rows = Prospect.objects.for_user(signed_in(request)).select_related("grid__unit", "project")
    return get_object_or_404(rows, pk=pk)


def _listing(request: HttpRequest, filters: type[BoardFilter]) -> Listing[Prospect]:
    user = signed_in(request)
    rows = Prospect.objects.for_user(user).in_list()
    return Listing(request, PROSPECTS, filters(request.GET, queryset=rows, user=user), decorate=set_standing)


def _figures(request: HttpRequest) -> dict[str, Any]:
    """What stands above the board: of the person's whole scope, whatever is filtered."""
    user, today = signed_in(request), timezone.localdate()
    rows = Prospect.objects.for_user(user)
    stages = rows.under_way().per_stage()
    late = rows.next_step_due(today).exclude(next_step_on=today).count()
    return {
        "under_way": sum(many for many, _homes in stages.values()),
        "households": sum(homes for _many, homes in stages.values()),
        "overdue": late + Preparation.objects.for_user(user).overdue(today).count(),
        "unseen": rows.not_looked_at(Month.of(today)).count(),
        "talks": ProspectTalk.objects.for_user(user).of_month(Month.of(today)).count(),
    }


@for_roles(*READERS)
def board(request: HttpRequest) -> HttpResponse:
    """The pipeline: a column a stage (F1, F2)."""
    if request.GET.get("view") == "table":
        query = request.GET.copy()
        query.pop("view")
        return redirect(f"{reverse('projects:prospect-table')}?{query.urlencode()}")
    listing = _listing(request, BoardFilter)
    rows: Any = listing.queryset.filter(closed_on__isnull=True)
    cards = list(rows.first_of_stages(CARDS))
    set_standing(cards)
    counts = rows.per_stage()
    columns = [
        {
            "stage": stage,
            "label": label,
            "count": counts.get(stage, (0, 0))[0],
            "households": counts.get(stage, (0, 0))[1],
            "cards": [card for card in cards if card.stage == stage],
        }
        for stage, label in Stage.choices
    ]
    context = {"listing": listing, "columns": columns, "may_add": _may_add(request)}
    if listing.is_part:
        return render(request, "projects/_prospect_board.html", context)
    return render(request, "projects/prospects.html", {**context, "figures": _figures(request)})


def _may_add(request: HttpRequest) -> bool:
    return signed_in(request).scope.has(*EDITORS)


@for_roles(*READERS)
def table(request: HttpRequest) -> HttpResponse:
    """All new projects, as a list."""
    return _listing(request, ProspectFilter).answer("projects/prospect_table.html", may_add=_may_add(request))


@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request, ProspectFilter), "projects:prospect-table")


@for_roles(*READERS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One new project: its course, what is to be prepared, talks, what comes next."""
    return show(request, prospect_of(request, pk))


def show(
    request: HttpRequest, prospect: Prospect, *, talk: Any = None, step: Any = None, status: int = 200
) -> HttpResponse:
    """Its page, with the forms as they were sent when they held a fault."""
    today = timezone.localdate()
    steps = list(prospect.preparations.select_related("done_by").all())
    late = sum(1 for row in steps if row.done_on is None and row.due_on and row.due_on < today)
    context = {
        "prospect": prospect,
        "standing": standing(prospect, today, late),
        "course": rules.milestones(prospect.stage, prospect.planned, prospect.actual),
        "labels": dict(Stage.choices),
        "months_taken": rules.months_taken(prospect.building_on, prospect.accepted_on),
        "groups": [
            {"label": label, "steps": [row for row in steps if row.stage == stage]}
            for stage, label in Stage.choices
            if any(row.stage == stage for row in steps)
        ],
        "talks": prospect.talks.select_related("by"),
        "rivals": prospect.rivals.all(),
        "talk_form": talk or forms.TalkForm(),
        "step_form": step or forms.StepForm(initial={"stage": rules.following(prospect.stage) or Stage.LIVE}),
        "other_stages": [(stage, label) for stage, label in Stage.choices if stage != prospect.stage],
        "today": today,
        "may_edit": may_edit(signed_in(request), prospect.grid_id),
        "revealed": just_revealed(request),
    }
    return render(request, "projects/prospect.html", context, status=status)


@for_roles(*EDITORS)
def new(request: HttpRequest) -> HttpResponse:
    """Note a compound that is to be won (F1)."""
    form = forms.ProspectForm(request.POST or None, instance=Prospect(), user=signed_in(request))
    back = reverse("projects:prospects")
    if request.method == "POST" and form.is_valid():
        demand_edit(signed_in(request), form.instance.grid_id)
        try:
            with transaction.atomic():
                row = form.save()
        except IntegrityError:
            form.add_error("name", _("The grid has a new project of this name already."))
        else:
            messages.success(request, _("Noted. Its preparation steps are below."))
            _tell_followed(request, form)
            return redirect("projects:prospect", row.pk)
    return render(request, "projects/prospect_form.html", {"form": form, "back": back, "title": _("Add a new project")})


def _tell_followed(request: HttpRequest, form: forms.ProspectForm) -> None:
    for name in form.followed:
        text = _("%(what)s was worked out from the other days: %(day)s.")
        day = getattr(form.instance, name)
        messages.info(request, text % {"what": form.fields[name].label, "day": day.isoformat()})


@for_roles(*EDITORS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a new project; whoever comes second sees what changed and keeps what they typed."""
    prospect, user = prospect_of(request, pk), signed_in(request)
    demand_edit(user, prospect.grid_id)
    name = prospect.name
    form = forms.ProspectForm(request.POST or None, instance=prospect, user=user)
    answer = answer_edit(request, form, name, reverse("projects:prospect", args=[pk]))
    _tell_followed(request, form)
    return answer


@for_roles(*READERS)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what in a new project, and when."""
    prospect = prospect_of(request, pk)
    return answer_history(request, prospect, prospect.name, reverse("projects:prospect", args=[pk]))


@require_POST
@for_roles(*READERS)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the contact's number in clear, once, written down."""
    prospect = prospect_of(request, pk)
    return answer_reveal(request, prospect, reverse("projects:prospect", args=[pk]), phone=prospect.contact_phone)


@for_roles(Role.ADMIN)
def preparations(request: HttpRequest) -> HttpResponse:
    """The preparation steps that every new project gets; new ones reach those under way at once (F2)."""
    formset = forms.TemplateFormSet(
        request.POST or None, queryset=PreparationTemplate.objects.order_by("position", "pk")
    )
    if request.method == "POST" and formset.is_valid():
        with transaction.atomic():
            services.templates_changed(formset.save())
        messages.success(request, _("Saved. All new projects under way have the steps now."))
        return redirect("projects:preparations")
    context = {"formset": formset, "helper": forms.templates_helper()}
    return render(request, "projects/preparations.html", context)
