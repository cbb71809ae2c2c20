"""What is found out about a subscriber: numbers, the household, notes (N3)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal
from gridops.common.ids import read_id
from renewals import services_records as services
from renewals.forms_records import ROSTER, HouseholdForm, JudgeForm, NoteForm, NumberForm
from renewals.models import SubscriberNumber
from renewals.views import READERS
from renewals.views_subscribers import show, subscriber_of

EVERYONE = (*READERS, Role.AGENT_STAFF)


def _back(pk: int, part: str) -> HttpResponse:
    return redirect(reverse("renewals:subscriber", args=[pk]) + f"#{part}")


@require_POST
@for_roles(*EVERYONE)
def note_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down something worth knowing."""
    subscriber, form = subscriber_of(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return show(request, subscriber, 422, note_form=form)
    note = form.save(commit=False)
    note.subscriber, note.by = subscriber, signed_in(request)
    note.save()
    messages.success(request, _("Saved."))
    return _back(pk, "notes")


@require_POST
@for_roles(*EVERYONE)
def number_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A number under which the subscriber is reached: from now on it is the one to call."""
    subscriber, form = subscriber_of(request, pk), NumberForm(request.POST)
    if not form.is_valid():
        return show(request, subscriber, 422, number_form=form)
    phone, note = form.cleaned_data["phone"], form.cleaned_data["note"]
    services.set_right(subscriber, phone, signed_in(request), timezone.now(), note)
    messages.success(request, _("This number is called from now on."))
    return _back(pk, "numbers")


@require_POST
@for_roles(*EVERYONE)
def number_judge(request: HttpRequest, pk: int) -> HttpResponse:
    """A number on record is wrong, or right after all."""
    subscriber, form = subscriber_of(request, pk), JudgeForm(request.POST)
    if not form.is_valid():
        return show(request, subscriber, 422)
    asked = form.cleaned_data["number"]
    if asked == ROSTER:
        phone = subscriber.phone
        if subscriber.version != form.cleaned_data["version"] or not phone:
            messages.error(request, _("Somebody changed this record meanwhile. Look at it again."))
            return show(request, subscriber, 409)
    else:
        phone = get_object_or_404(SubscriberNumber, subscriber=subscriber, pk=read_id(asked)).phone
    judge = services.set_right if form.cleaned_data["right"] else services.mark_wrong
    judge(subscriber, phone, signed_in(request), timezone.now())
    right = form.cleaned_data["right"]
    messages.success(request, _("The number counts as right.") if right else _("The number is marked as wrong."))
    return _back(pk, "numbers")


@require_POST
@for_roles(*EVERYONE)
def number_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a number that was tried, once, written down."""
    row = get_object_or_404(SubscriberNumber.objects.for_user(signed_in(request)), pk=pk)
    return answer_reveal(request, row, reverse("renewals:subscriber", args=[row.subscriber_id]), phone=row.phone)


@require_POST
@for_roles(*EVERYONE)
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what became of the household, or take it back."""
    subscriber, user = subscriber_of(request, pk), signed_in(request)
    form = HouseholdForm(request.POST, subscriber=subscriber, user=user, may_merge=user.scope.has(*READERS))
    if not form.is_valid():
        return show(request, subscriber, 422, household_form=form)
    data, now = form.cleaned_data, timezone.now()
    try:
        services.settle_household(
            subscriber, data["household"], user, now, data["duplicate_of"], data["note"], data["version"]
        )
    except ValidationError as fault:
        clash = fault.error_list[0].code == "conflict" if not hasattr(fault, "error_dict") else False
        form.add_error(None, "; ".join(fault.messages))
        return show(request, subscriber, 409 if clash else 422, household_form=form)
    messages.success(request, _("Saved."))
    return _back(pk, "household")
