"""Writing down what came of a meeting, on a phone (C1, C9)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels.choices import MatterKind
from channels.models import Meeting
from channels.pages_meetings import ROWS, Offered, read, rows_of
from channels.services_agenda import ChangedMeanwhile
from channels.services_matters import due_by_default
from channels.services_meetings import hold
from channels.views_meetings import EDITORS, find_meeting, groups_of
from gridops.accounts.guards import for_roles, signed_in
from gridops.common.ids import read_id
from projects.services import demand_edit

Wrong = dict[str | None, list[str]]
MATTER = ("what", "kind", "about", "due")


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def meeting_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was there, what was explained, what was raised, told and trained; added to later in the same way."""
    subject, user = find_meeting(request, pk), signed_in(request)
    demand_edit(user, subject.grid_id)
    offered = Offered.of(subject, user)
    if request.method == "GET":
        return _page(request, offered)
    if request.POST.get("go") == "more":
        return _page(request, offered, request.POST)
    version = read_id(request.POST.get("version", ""))
    try:
        if version != subject.version:
            raise ChangedMeanwhile  # before ids are read that somebody may have taken off
        hold(subject, read(request.POST, offered), user, timezone.now(), version)
    except ChangedMeanwhile:
        text = _("Somebody changed this meeting meanwhile. What you typed is below: look at it, then save again.")
        again = Offered.of(find_meeting(request, pk), user)
        return _page(request, again, request.POST, {None: [text]}, status=409)
    except ValidationError as refused:
        errors: Any = refused.message_dict if hasattr(refused, "error_dict") else {None: refused.messages}
        return _page(request, offered, request.POST, errors, status=422)
    messages.success(request, _("Written down."))
    return redirect("channels:meeting", pk)


def _page(
    request: HttpRequest,
    offered: Offered,
    data: QueryDict | None = None,
    errors: Wrong | None = None,
    status: int = 200,
) -> HttpResponse:
    subject, wrong = offered.meeting, errors or {}
    names = {f"{kind}_{n}" for kind in ("came", "matter") for n in range(1, 21)}
    context = {
        "meeting": subject,
        "offered": offered,
        "groups": groups_of(offered.attendees),
        "ticked": _ticked(offered, data),
        "note": data.get("note", "") if data else subject.note,
        "came": [_row(data, wrong, f"came_{n}", ("name", "of")) for n in range(1, ROWS + 1)],
        "rows": [
            _row(data, wrong, f"matter_{n}", ("what", "kind", "about", "due")) for n in range(1, _count(data) + 1)
        ],
        "count": _count(data),
        "kinds": MatterKind.choices,
        "due": due_by_default(subject.grid, timezone.localdate()),
        "errors": [text for name, texts in wrong.items() if name not in names for text in texts],
        "learners": [(offered.outlets[pk], found) for pk, found in offered.learners.items() if found],
        "day": timezone.localdate(subject.starts_at),
        "ahead": timezone.localdate(subject.starts_at) > timezone.localdate(),
        "is_cancelled": subject.state == Meeting.State.CANCELLED,
    }
    return render(request, "channels/meeting_hold.html", context, status=status)


def _count(data: QueryDict | None) -> int:
    if data is None:
        return ROWS
    return min(20, rows_of(data) + (ROWS if data.get("go") == "more" else 0))


def _ticked(offered: Offered, data: QueryDict | None) -> dict[str, set[str]]:
    """What is ticked: as it was sent, or as it was written down before."""
    if data is not None:
        return {name: set(data.getlist(name)) for name in ("present", "explained", "answer", "briefing", "trained")}
    return {
        "present": {str(one.pk) for one in offered.attendees if one.present},
        "explained": {str(one.pk) for one in offered.agenda if one.explained},
    }


def _row(
    data: QueryDict | None, wrong: dict[str | None, list[str]], key: str, names: tuple[str, ...]
) -> dict[str, Any]:
    typed = {name: data.get(f"{key}_{name}", "") if data else "" for name in names}
    return {"key": key, "errors": wrong.get(key, []), **typed}
