"""Pages that every ledger row has: its form, with the conflict shown where two people edit it, and its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gridops.common import versions
from gridops.common.versions import VersionedForm
from gridops.workbooks.trail import trail, trail_page


def answer_edit(
    request: HttpRequest, form: VersionedForm[Any], subject: str, back: str, template: str = "common/edit.html"
) -> HttpResponse:
    """The form of a row called ``subject``; once saved, on to ``back``; 409 when someone was there in between."""
    found = None
    if request.method == "POST" and form.is_valid():
        if versions.save(form):
            messages.success(request, _("Saved."))
            return redirect(back)
        found = versions.conflict(form, trail(form.instance))
    context = {"form": found.form if found else form, "conflict": found, "subject": subject, "back": back}
    return render(request, template, context, status=409 if found else 200)


def answer_history(request: HttpRequest, row: models.Model, subject: str, back: str) -> HttpResponse:
    """Who changed what in a row called ``subject``, and when."""
    context = {"subject": subject, "back": back, "trail": trail_page(request, row)}
    return render(request, "common/history.html", context)
