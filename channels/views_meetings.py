"""Meetings: the list, planning, one with its agenda, moving, cancelling, on paper (C1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels.choices import AgendaKind
from channels.forms_meetings import MeetingForm
from channels.ledger_meetings import MEETINGS, MeetingFilter
from channels.models import Attendee, Meeting
from channels.services_agenda import ChangedMeanwhile, Typed, keep_agenda
from channels.services_meetings import cancel, plan_again
from channels.views import READERS
from channels.views_matters import EVERYONE, SUBJECTS, asked_grid, is_staff, without_export
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role, User
from gridops.common import versions
from gridops.common.forms import without_nul
from gridops.common.ids import read_id
from gridops.common.lists import Listing
from gridops.common.months import Month
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_history
from gridops.workbooks.trail import trail
from projects.services import demand_edit, editable_grids, may_edit

EDITORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)
# of all projects and outlets together: names of other agents' stand in these
OF_OTHERS = (AgendaKind.FIGURES, AgendaKind.GOAL, AgendaKind.TRAINING)
MONTH_TURNS = 20  # from this day on, a meeting is about the next month's goals (*ours*)


def _counted(rows: list[Meeting]) -> None:
    counts = Attendee.objects.counts(rows)
    for row in rows:
        row.asked, row.there = counts.get(row.pk, (0, 0))  # type: ignore[attr-defined]


def _listing(request: HttpRequest) -> Listing[Meeting]:
    user = signed_in(request)
    rows = MeetingFilter(request.GET, queryset=Meeting.objects.for_user(user).in_list(), user=user)
    return Listing(request, without_export(MEETINGS, user), rows, decorate=_counted)


def find_meeting(request: HttpRequest, pk: int) -> Meeting:
    """The meeting, if the person may see it."""
    rows = Meeting.objects.for_user(signed_in(request)).select_related("grid__unit", "project", "made_by")
    return get_object_or_404(rows, pk=pk)


@require_GET
@for_roles(*EVERYONE)
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings and trainings in the person's scope; agent staff: those to which their agent was asked."""
    user = signed_in(request)
    unwritten = Meeting.objects.for_user(user).unwritten(timezone.localdate()).count()
    context = {"unwritten": unwritten, "is_staff": is_staff(user), "may_plan": user.scope.has(*EDITORS)}
    return _listing(request).answer("channels/meetings.html", **context)


@require_GET
@for_roles(*READERS)
def meetings_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:meetings")


# --- Planning ---


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Plan a meeting; in several grids, the grid comes first."""
    user = signed_in(request)
    grids = list(Grid.objects.filter(pk__in=editable_grids(user)).select_related("unit").order_by("unit__name", "name"))
    grid = asked_grid(request, grids)
    form, status = None, 200
    if grid:
        form = MeetingForm(request.POST or None, instance=Meeting(grid=grid), initial=_initial(request), user=user)
        if request.method == "POST":
            if form.is_valid():
                made = form.save()
                messages.success(request, _("Planned. The agenda below is proposed; change it as you like."))
                return redirect("channels:meeting", made.pk)
            status = 422
    kept = [(name, request.GET[name]) for name in (*SUBJECTS, "kind") if name in request.GET]
    context = {"form": form, "grids": grids if len(grids) > 1 else [], "grid": grid, "kept": kept}
    return render(request, "channels/meeting_form.html", context, status=status)


def _initial(request: HttpRequest) -> dict[str, Any]:
    today = timezone.localdate()
    month = Month.of(today).plus(1 if today.day >= MONTH_TURNS else 0)
    named = {f"{name}s": [pk] for name in ("agent", "outlet") if (pk := read_id(request.GET.get(name, "")))}
    project = read_id(request.GET.get("project", "")) or None
    training = request.GET.get("kind") == "training"
    return {"month": month.first, "project": project, "is_training": training, **named}


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def meeting_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a meeting or change who is asked; whoever comes second sees what changed and keeps what they typed."""
    subject, user = find_meeting(request, pk), signed_in(request)
    demand_edit(user, subject.grid_id)
    if subject.state == Meeting.State.HELD:
        messages.error(request, _("This meeting was held; what came of it can be added to."))
        return redirect("channels:meeting", pk)
    form, found = MeetingForm(request.POST or None, instance=subject, user=user), None
    if request.method == "POST" and form.is_valid():
        if versions.save(form):
            messages.success(request, _("Saved."))
            return redirect("channels:meeting", pk)
        found = versions.conflict(form, trail(subject))
    status = 409 if found else 422 if form.errors else 200
    context = {"form": found.form if found else form, "conflict": found, "meeting": subject, "grid": subject.grid}
    return render(request, "channels/meeting_form.html", context, status=status)


# --- One meeting ---


@require_GET
@for_roles(*EVERYONE)
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: who is asked, what is said, what came of it."""
    return _page(request, find_meeting(request, pk))


def _page(
    request: HttpRequest, subject: Meeting, error: str = "", typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    edits = may_edit(user, subject.grid_id)
    context = {
        "meeting": subject,
        "groups": groups_of(attendees_for(user, subject)),
        "agenda": [(row, typed.texts.get(row.pk) if typed else None) for row in agenda_for(user, subject)],
        "typed": typed,
        "error": error,
        "matters": _matters(user, subject),
        "trainings": [] if is_staff(user) else subject.trainings.standing().select_related("outlet"),
        "told": [] if is_staff(user) else subject.briefings.all().about()[:50],
        "may_edit": edits,
        "may_hold": edits and subject.state != Meeting.State.CANCELLED,
        "has_begun": timezone.localdate(subject.starts_at) <= timezone.localdate(),
        "is_staff": is_staff(user),
    }
    return render(request, "channels/meeting.html", context, status=status)


def _matters(user: User, subject: Meeting) -> Any:
    rows = subject.matters.for_user(user) if is_staff(user) else subject.matters.all()
    return rows.select_related("owner", "agent", "outlet", "project").order_by("pk")


def attendees_for(user: User, subject: Meeting) -> Any:
    """Who was asked; agent staff see their own agent's."""
    rows = subject.attendees.select_related("agent", "outlet")
    return rows.filter(agent__staff__user=user) if is_staff(user) else rows


def groups_of(rows: Any) -> list[tuple[Any, list[Attendee]]]:
    """People by the agent or outlet to which they belong; agents first."""
    found: dict[Any, list[Attendee]] = {}
    for row in sorted(rows, key=lambda one: one.agent is None):
        found.setdefault(row.agent or row.outlet, []).append(row)
    return list(found.items())


def agenda_for(user: User, subject: Meeting) -> Any:
    """What is said; agent staff see what is for all, and what is about their own agent."""
    rows = subject.agenda.select_related("project", "campaign", "matter")
    if not is_staff(user):
        return rows
    own = Q(project__ownerships__agent__staff__user=user, project__ownerships__ends_on__isnull=True)
    free = Q(project__isnull=True, matter__isnull=True) & ~Q(kind__in=OF_OTHERS)
    return rows.filter(own | free | Q(matter__agent__staff__user=user)).distinct()


@require_GET
@for_roles(*READERS)
def meeting_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who moved or changed a meeting, and when."""
    subject = find_meeting(request, pk)
    return answer_history(request, subject, subject.title, reverse("channels:meeting", args=[pk]))


@require_POST
@for_roles(*EDITORS)
def meeting_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the agenda as it was typed and ordered; propose it anew where that was asked for."""
    subject = find_meeting(request, pk)
    demand_edit(signed_in(request), subject.grid_id)
    typed, version = _typed(request, subject), read_id(request.POST.get("version", ""))
    if subject.state != Meeting.State.PLANNED:
        return _page(request, subject, _("Only the agenda of a planned meeting can be changed."), typed, 422)
    try:
        keep_agenda(subject, typed, version)
    except ChangedMeanwhile:
        text = _("Somebody changed this meeting meanwhile. What you typed is below: look at it, then save again.")
        return _page(request, find_meeting(request, pk), text, typed, 409)
    if typed.propose:
        messages.success(request, _("Proposed anew; what you typed stays."))
    return redirect(f"{request.path.removesuffix('agenda/')}#agenda")


def _typed(request: HttpRequest, subject: Meeting) -> Typed:
    data, go = request.POST, request.POST.get("go", "")
    rows = {row.pk for row in subject.agenda.all()}
    named = {name.partition("_")[::2] for name in data if name.startswith(("text_", "place_", "drop_"))}
    if {read_id(number) for _name, number in named} - rows and data.get("version") == str(subject.version):
        raise Http404  # where the version is an older one, somebody dropped it meanwhile
    verb, _colon, number = go.partition(":")
    return Typed(
        texts={pk: without_nul(data[f"text_{pk}"]) for pk in rows if f"text_{pk}" in data},
        places={pk: place for pk in rows if (place := read_id(data.get(f"place_{pk}", "")))},
        dropped=frozenset(pk for pk in rows if f"drop_{pk}" in data),
        new=without_nul(data.get("new", "")),
        move=(read_id(number), -1 if verb == "up" else 1) if verb in ("up", "down") else None,
        propose=go == "propose",
    )


@require_POST
@for_roles(*EDITORS)
def meeting_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a planned meeting with a reason, or plan a cancelled one again."""
    subject, user = find_meeting(request, pk), signed_in(request)
    demand_edit(user, subject.grid_id)
    version = read_id(request.POST.get("version", ""))
    try:
        if request.POST.get("go") == "again":
            plan_again(subject, user, version)
        else:
            cancel(subject, without_nul(request.POST.get("why", "")), user, version)
    except ChangedMeanwhile:
        messages.error(request, _("Somebody changed this meeting meanwhile; look at it first."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("channels:meeting", pk)


@require_GET
@for_roles(*READERS)
def meeting_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The invitation with its agenda, and the list to sign, for print."""
    subject, user = find_meeting(request, pk), signed_in(request)
    context = {
        "meeting": subject,
        "groups": groups_of(attendees_for(user, subject)),
        "agenda": agenda_for(user, subject),
    }
    return render(request, "channels/meeting_paper.html", context)
