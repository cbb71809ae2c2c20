"""Tasks about renewals: the list, a new one, and ticking off (S7)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Membership
from gridops.accounts.rulebook import rule
from gridops.accounts.services_calendar import workday_after
from gridops.common.ids import read_id
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from renewals.anomalies import words_of
from renewals.forms_tasks import DoneForm, TaskForm
from renewals.models import RenewalTask
from renewals.services_tasks import Refused, finish, make_by_hand, now_asked, take_up_again
from renewals.views import READERS

OPEN, DONE = "open", "done"
SHOWN = 300


@require_GET
@for_roles(*READERS)
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks of the person's grids: a month's, or all months' open ones."""
    user, today = signed_in(request), timezone.localdate()
    choice = chosen_month(request, Month.of(today))
    grids = list(Grid.objects.for_user(user).order_by("unit__name", "name"))
    grid = next((one for one in grids if one.pk == read_id(request.GET.get("grid", ""))), None)
    rows = RenewalTask.objects.for_user(user).filter(month=choice.first)
    if grid:
        rows = rows.filter(grid=grid)
    left = rows.still_open().count()
    counts = {OPEN: left, DONE: rows.count() - left}
    state = request.GET.get("state", OPEN)
    state = state if state in (OPEN, DONE) else OPEN
    rows = rows.still_open() if state == OPEN else rows.exclude(done_on=None).order_by("-done_on", "-pk")
    elsewhere = RenewalTask.objects.for_user(user).still_open().exclude(month=choice.first)
    shown = rows.select_related("grid__unit", "agent", "project", "made_by", "done_by")[:SHOWN]
    context = {
        "choice": choice,
        "grids": grids if len(grids) > 1 else [],
        "grid": grid,
        "state": state,
        "states": [(OPEN, _("open"), counts[OPEN]), (DONE, _("done"), counts[DONE])],
        "rows": [(task, words_of(task.kind, task.numbers), task.is_late(today)) for task in shown],
        "managers": Membership.objects.manager_names(grids, today),
        "elsewhere": elsewhere.months(),
    }
    return render(request, "renewals/tasks.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def task_new(request: HttpRequest) -> HttpResponse:
    """Make a task by hand."""
    user, today = signed_in(request), timezone.localdate()
    due = workday_after(today, rule("renewal_task_days"))
    first = {"month": chosen_month(request, Month.of(today)).month, "due_on": due}
    form = TaskForm(user, request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        make_by_hand(data["grid"], data["month"], now_asked(data["what"], data["due_on"], user), data["agent"])
        messages.success(request, _("The task was made; the grid's manager has been told."))
        return redirect(f"{reverse('renewals:tasks')}?month={data['month']}")
    return render(request, "renewals/task_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@for_roles(*READERS)
def task_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a task off, with what came of it."""
    task = get_object_or_404(RenewalTask.objects.for_user(signed_in(request)), pk=pk)
    form = DoneForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please say in a few words what came of it."))
        return _back(task, OPEN)
    try:
        finish(task, form.cleaned_data["result"], signed_in(request), timezone.localdate())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Ticked off."))
    return _back(task, OPEN)


@require_POST
@for_roles(*READERS)
def task_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Not done after all."""
    task = get_object_or_404(RenewalTask.objects.for_user(signed_in(request)), pk=pk)
    try:
        take_up_again(task)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _back(task, DONE)
    return _back(task, OPEN)


def _back(task: RenewalTask, state: str) -> HttpResponse:
    return redirect(f"{reverse('renewals:tasks')}?month={task.month:%Y-%m}&state={state}#task-{task.pk}")
