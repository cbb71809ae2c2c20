"""Scheduled runs, for admins: what ran, how it went, and once more."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.common.months import Month
from gridops.jobs import calendar, services
from gridops.jobs.forms import RunFilterForm, RunMonthForm
from gridops.jobs.models import Job
from gridops.notices.services_reach import unreached

PAGE_ROWS = 50


@require_GET
@for_roles(Role.ADMIN)
def runs(request: HttpRequest) -> HttpResponse:
    """Every scheduled run, by month, kind and unit; what is due and has not happened, and who could not be told."""
    form = RunFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = Job.objects.scheduled().chosen(**chosen).with_faults().select_related("unit", "requested_by")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "alarms": calendar.alarms(), "unreached": unreached(timezone.now())}
    return render(request, "jobs/runs.html", context)


@require_GET
@for_roles(Role.ADMIN)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: its course, and the faults of each grid."""
    rows = Job.objects.for_user(signed_in(request)).scheduled().with_faults().select_related("unit", "requested_by")
    job = get_object_or_404(rows, pk=pk)
    return render(request, "jobs/run.html", {"job": job, "faults": job.faults.all()})


@require_POST
@for_roles(Role.ADMIN)
def run_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Do an ended run once more."""
    job = get_object_or_404(Job.objects.for_user(signed_in(request)).scheduled(), pk=pk)
    if services.run_again(job):
        calendar.forget_alarms()
        messages.success(request, _("The run was started again."))
    else:
        messages.info(request, _("This run is not over yet; it takes its course."))
    return redirect("jobs:run", pk=pk)


@for_roles(Role.ADMIN)
def run_month(request: HttpRequest) -> HttpResponse:
    """Run monthly work for a month, whether or not it ran before: what is missing is made, nothing is made twice."""
    form = RunMonthForm(request.POST or None, initial={"month": Month.of(timezone.localdate()).plus(1)})
    if request.method == "POST" and form.is_valid():
        kind, month = form.cleaned_data["kind"], form.cleaned_data["month"]
        started = calendar.run_month(kind, month, form.units(), signed_in(request))
        calendar.forget_alarms()
        text = ngettext("%(n)d run was started.", "%(n)d runs were started.", started)
        messages.success(request, text % {"n": started})
        return redirect(f"{reverse('jobs:runs')}?kind={kind}&month={month}")
    return render(request, "jobs/run_month.html", {"form": form})
