"""Admins see who looked at personal data, and who took some out."""

from __future__ import annotations

import django_filters
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gridops.accounts.guards import for_roles
from gridops.accounts.models import AccessRecord, Role
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.paging import Order


class AccessFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By kind, and by the person who did it."""

    q = django_filters.CharFilter(label=_("Employee number"), method="by_person")
    kind = django_filters.ChoiceFilter(choices=AccessRecord.Kind.choices, label=_("kind"), empty_label=_("all kinds"))

    def by_person(
        self, rows: models.QuerySet[AccessRecord, AccessRecord], _name: str, words: str
    ) -> models.QuerySet[AccessRecord, AccessRecord]:
        """What one person did."""
        return rows.filter(user__employee_no=words.strip())


RECORDS = ListSpec(
    name="access",
    title=_("Access records"),
    columns=[
        Column(_("time"), sort="at"),
        Column(_("person")),
        Column(_("kind")),
        Column(_("subject")),
        Column(_("rows"), number=True),
        Column(_("address")),
    ],
    rows="accounts/_access_rows.html",
    order=Order("at", descending=True),
    empty=_("Nobody has looked at personal data yet."),
    search=_("Employee number"),
    count_up_to=1_000,
)


@for_roles(Role.ADMIN)
def access(request: HttpRequest) -> HttpResponse:
    """Every reveal and export, newest first."""
    rows = AccessRecord.objects.select_related("user")
    listing = Listing[AccessRecord](request, RECORDS, AccessFilter(request.GET, queryset=rows))
    return listing.answer("accounts/access.html")
