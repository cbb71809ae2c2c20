"""Writing campaigns: new, changed, published, taken back, ended early, copied, with files (C7)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import services_campaigns
from channels.forms_campaigns import CampaignEditForm, CampaignForm, EndForm, FileForm
from channels.models import Campaign, CampaignFile
from channels.querysets_campaigns import WRITERS
from channels.services_campaigns import audience
from channels.views_campaigns import campaign_of, writable
from gridops.accounts.guards import for_roles, signed_in
from gridops.common import versions
from gridops.workbooks.trail import trail


def _back(campaign: Campaign) -> HttpResponse:
    return redirect("channels:campaign", campaign.pk)


def _refused(request: HttpRequest, fault: ValidationError) -> None:
    for text in fault.messages:
        messages.error(request, text)


@for_roles(*WRITERS)
def campaign_new(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    user, today = signed_in(request), timezone.localdate()
    form = CampaignForm(request.POST or None, user=user, today=today, initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        form.instance.made_by = user
        made = form.save()
        messages.success(request, _("Kept as a draft. Look at it, then publish it."))
        return _back(made)
    context = {"form": form, "back": reverse("channels:campaigns"), "campaign": None}
    return render(request, "channels/campaign_edit.html", context)


@for_roles(*WRITERS)
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign. The page says who will be told of it; 409 when someone was there in between."""
    subject, user, found = writable(request, pk), signed_in(request), None
    published, name = subject.published_at is not None, subject.name
    form = CampaignEditForm(request.POST or None, instance=subject, user=user, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        if services_campaigns.save_changes(form, user, timezone.now()):
            messages.success(request, _("Saved."))
            return _back(subject)
        found = versions.conflict(form, trail(form.instance))
    context = {
        "form": found.form if found else form,
        "conflict": found,
        "campaign": Campaign(pk=pk, name=name),
        "audience": audience(subject) if published else None,
        "back": reverse("channels:campaign", args=[pk]),
    }
    return render(request, "channels/campaign_edit.html", context, status=409 if found else 200)


@require_POST
@for_roles(*WRITERS)
def campaign_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a draft hold, and have it told."""
    subject = writable(request, pk)
    try:
        told = services_campaigns.publish(subject, signed_in(request), timezone.now())
    except ValidationError as fault:
        _refused(request, fault)
    else:
        text = ngettext("Published. %(count)s has to hear of it.", "Published. %(count)s have to hear of it.", told)
        messages.success(request, text % {"count": told})
    return _back(subject)


@require_POST
@for_roles(*WRITERS)
def campaign_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a campaign on an earlier day."""
    subject = writable(request, pk)
    form = EndForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Name its last day."))
        services_campaigns.end(subject, form.cleaned_data["last"], signed_in(request), timezone.now())
    except ValidationError as fault:
        _refused(request, fault)
    else:
        messages.success(request, _("Ended early. Those who know it are to be told."))
    return _back(subject)


@require_POST
@for_roles(*WRITERS)
def campaign_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft again of one that has not begun."""
    subject = writable(request, pk)
    try:
        services_campaigns.take_back(subject, signed_in(request), timezone.now())
    except ValidationError as fault:
        _refused(request, fault)
    else:
        messages.success(request, _("A draft again. Those who were told of it are to be told."))
    return _back(subject)


@require_POST
@for_roles(*WRITERS)
def campaign_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft like it, to be changed; of another unit's or of all units' only where the person may write those."""
    made = services_campaigns.copy(writable(request, pk), signed_in(request), timezone.now())
    messages.success(request, _("Copied to a draft: change its dates and texts."))
    return redirect("channels:campaign-edit", made.pk)


@require_POST
@for_roles(*WRITERS)
def campaign_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    subject = writable(request, pk)
    try:
        services_campaigns.drop_draft(subject)
    except ValidationError as fault:
        _refused(request, fault)
        return _back(subject)
    messages.success(request, _("The draft is deleted."))
    return redirect("channels:campaigns")


@require_POST
@for_roles(*WRITERS)
def campaign_file_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A file to go with a campaign."""
    subject = writable(request, pk)
    form = FileForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["file"].as_data())
        services_campaigns.add_file(subject, form.cleaned_data["file"], signed_in(request), timezone.now())
    except ValidationError as fault:
        _refused(request, fault)
    else:
        messages.success(request, _("The file is kept."))
    return _back(subject)


@require_POST
@for_roles(*WRITERS)
def campaign_file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away."""
    file = get_object_or_404(CampaignFile.objects.for_user(signed_in(request)), pk=pk)
    subject = writable(request, file.campaign_id)
    services_campaigns.remove_file(file)
    messages.success(request, _("The file is taken away."))
    return _back(campaign_of(request, subject.pk))
