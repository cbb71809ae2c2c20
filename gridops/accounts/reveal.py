"""Showing one person's number in clear: written down first, then shown once."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.templatetags.gridops import reveal_label

KEY = "revealed"


def answer_reveal(request: HttpRequest, row: models.Model, back: str, **shown: str) -> HttpResponse:
    """Record that ``row`` is revealed, then show ``name`` and ``phone``: in place, or once on the page ``back``."""
    label = reveal_label(row)
    record_access(request, AccessRecord.Kind.REVEAL, label)
    htmx: Any = getattr(request, "htmx", None)
    if htmx:
        return render(request, "common/_revealed.html", shown)
    request.session[KEY] = label
    return redirect(back)


def just_revealed(request: HttpRequest) -> str:
    """The label and id of the row that the request before this one revealed; asked once, then forgotten."""
    label: str = request.session.pop(KEY, "") if KEY in request.session else ""
    return label
