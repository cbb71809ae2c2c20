"""For monitoring: whether what should run is running."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridops.jobs.calendar import Alarm, alarms
from gridops.jobs.models import Job

log = logging.getLogger(__name__)

# Work that waits longer than this has no worker.
WAITING_TOO_LONG_SECONDS = 15 * 60


@require_safe
@never_cache
@login_not_required
def health(_request: HttpRequest) -> JsonResponse:
    """Counts only, no names: 200 when all is well, 503 when the database is away or something due has not happened."""
    try:
        found = _findings()
    except DatabaseError:
        log.exception("the database does not answer")
        return JsonResponse({"ok": False, "database": False}, status=503)
    ok = not found["overdue_runs"] and found["oldest_waiting_seconds"] < WAITING_TOO_LONG_SECONDS
    return JsonResponse({"ok": ok, "database": True, **found}, status=200 if ok else 503)


def _findings() -> dict[str, Any]:
    now = timezone.now()
    oldest = Job.objects.unheld(now).order_by("asked_at").values_list("asked_at", flat=True).first()
    counts = dict.fromkeys((Alarm.MISSING, Alarm.LATE, Alarm.FAILED, Alarm.FAULTS), 0)
    for alarm in alarms():
        counts[alarm.what] += 1
    return {
        "oldest_waiting_seconds": round((now - oldest).total_seconds()) if oldest else 0,
        "overdue_runs": counts[Alarm.MISSING] + counts[Alarm.LATE],
        "failed_runs": counts[Alarm.FAILED],
        "runs_with_faults": counts[Alarm.FAULTS],
    }
