"""One warning: its course, what is recorded about it, corrected, taken up again; photos of visits (C4, N4)."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import just_revealed
from gridops.common.photos import answer_photo
from renewals import services_contacts
from renewals.course_page import course_of
from renewals.forms_contacts import AT_ONCE, SAYABLE, SaidForm
from renewals.models import Contact, ContactPhoto, ExpiryWarning
from renewals.services_contacts import Recorded
from renewals.services_course import reopen as take_up
from renewals.views_work import WORKERS
from renewals.work import rows_of, shown

READERS = (*WORKERS, Role.SUPERVISOR, Role.ADMIN)
REOPENERS = (Role.GRID_MANAGER, Role.RENEWAL_SPECIALIST, Role.SUPERVISOR)


def _warning(request: HttpRequest, pk: int) -> ExpiryWarning:
    found: ExpiryWarning = get_object_or_404(shown(ExpiryWarning.objects.for_user(signed_in(request))), pk=pk)
    return found


# --- Looked at ---


@require_GET
@for_roles(*READERS)
def warning(request: HttpRequest, pk: int) -> HttpResponse:
    """One warning: where it stands, what is next, how it came there."""
    return _page(request, _warning(request, pk))


def _page(request: HttpRequest, found: ExpiryWarning, status: int = 200, **more: Any) -> HttpResponse:
    scope = signed_in(request).scope
    row = rows_of([found], timezone.localdate())[0]
    context = {
        "row": row,
        "warning": found,
        "course": course_of(found),
        "form": SaidForm({"medium": row.medium.value, "outcome": "", "key": row.key}),
        "losses": AT_ONCE,
        "all_losses": SAYABLE,
        "may_record": scope.has(*WORKERS),
        "may_reopen": _reopens(request, found) and found.state in (found.State.LOST, found.State.UNREACHABLE),
        "reader": bool(scope.everything or scope.grid_ids),
        "revealed": just_revealed(request),
    }
    return render(request, "renewals/warning.html", context | more, status=status)


@require_GET
@for_roles(*READERS)
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a visit, large or (``size=small``) small, for those who see its warning."""
    row = get_object_or_404(ContactPhoto.objects.for_user(signed_in(request)), pk=pk)
    try:
        return answer_photo(request, row.small if request.GET.get("size") == "small" else row.image)
    except FileNotFoundError:
        raise Http404 from None


# --- Recorded ---


def _wants_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _form(request: HttpRequest, **given: str) -> SaidForm:
    """What was sent over what is ``given``: by the script as JSON, by a form as fields and photos."""
    if not _wants_json(request):
        return SaidForm(given | request.POST.dict(), request.FILES)
    try:
        told = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        told = None
    known = SaidForm.base_fields.keys() | {"promise", "refusal"}
    if not isinstance(told, dict):
        return SaidForm({})
    return SaidForm(given | {name: value for name, value in told.items() if name in known and isinstance(value, str)})


@require_POST
@for_roles(*WORKERS)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a contact; the same key sent again is answered as the first time."""
    found, form = _warning(request, pk), _form(request)

    def keep() -> Recorded:
        return services_contacts.record(pk, form.said(), signed_in(request), photos=form.pictures)

    return _answer(request, form, found, keep)


@require_POST
@for_roles(*WORKERS)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a contact right by a later one, or take it back."""
    user = signed_in(request)
    wrong = get_object_or_404(Contact.objects.for_user(user), pk=pk)
    # what was wrong is the result, not when it was
    found, form = _warning(request, wrong.warning_id), _form(request, at=wrong.at.isoformat(), medium=wrong.medium)
    return _answer(request, form, found, lambda: services_contacts.correct(pk, form.said(), user))


def _answer(request: HttpRequest, form: SaidForm, found: ExpiryWarning, keep: Any) -> HttpResponse:
    """What was recorded and what is next; or, in words, why not."""
    recorded: Recorded | None = None
    if form.is_valid():
        try:
            recorded = keep()
        except ValidationError as fault:
            _take_faults(form, fault)
    if recorded is None:
        if _wants_json(request):
            return JsonResponse({"error": form.first_error()}, status=422)
        return _page(request, found, 422, form=form, faults=form.all_errors())
    fresh = _warning(request, found.pk)
    row = rows_of([fresh], timezone.localdate())[0]
    contact = recorded.contact
    if _wants_json(request):
        html = render_to_string(
            "renewals/_work_recorded.html", {"row": row, "contact": contact, "losses": AT_ONCE}, request
        )
        return JsonResponse({"html": html, "again": recorded.again})
    messages.success(request, _("Recorded: %(what)s. %(next)s") % {"what": contact, "next": row.next})
    return redirect(_back(request, found.pk))


def _take_faults(form: SaidForm, fault: ValidationError) -> None:
    told = fault.message_dict if hasattr(fault, "error_dict") else {"": fault.messages}
    for name, texts in told.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def _back(request: HttpRequest, pk: int) -> str:
    """The work list as it was filtered, or the warning."""
    wanted = request.POST.get("next", "")
    ours = wanted.partition("?")[0] == reverse("renewals:work")
    return wanted if ours else reverse("renewals:warning", args=[pk])


def _reopens(request: HttpRequest, found: ExpiryWarning) -> bool:
    """Those who answer for its grid; who sees it as the agent's staff only does not, whatever they are elsewhere."""
    scope = signed_in(request).scope
    return scope.has(*REOPENERS) and (scope.everything or found.warning_list.grid_id in scope.grid_ids)


@require_POST
@for_roles(*REOPENERS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a lost or unreachable warning up again, with a reason."""
    found = _warning(request, pk)
    if not _reopens(request, found):
        raise PermissionDenied
    try:
        take_up(pk, signed_in(request), request.POST.get("why", ""), timezone.now())
    except ValidationError as fault:
        return _page(request, found, 422, reopen_error=" ".join(fault.messages), why=request.POST.get("why", ""))
    messages.success(request, _("Reopened."))
    return redirect("renewals:warning", pk)
