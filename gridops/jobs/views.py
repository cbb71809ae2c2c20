"""How far a job is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from gridops.accounts.guards import signed_in
from gridops.jobs.models import Job


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a job for whoever asked for it: a part that asks again each second, or a page of its own.

    When the job has ended the surrounding page is loaded anew, since there is more to see than the progress.
    """
    job = get_object_or_404(Job.objects.for_user(signed_in(request)), pk=pk)
    if not request.headers.get("HX-Request"):
        return render(request, "jobs/progress.html", {"job": job})
    if not job.is_open:
        return HttpResponseClientRefresh()
    announce = job.state == Job.State.RUNNING and request.GET.get("said", "") != job.progress.step
    return render(request, "jobs/_progress_body.html", {"job": job, "announce": announce})
