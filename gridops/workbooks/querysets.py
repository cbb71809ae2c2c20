"""Named questions about imports."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from gridops.accounts.models import User
    from gridops.workbooks.models import Batch, HeaderMatch, Row


class BatchQuerySet(models.QuerySet["Batch", "Batch"]):
    """Imports."""

    def for_user(self, user: User) -> Self:
        """Admins see all, others what they uploaded."""
        return self if user.scope.everything else self.filter(uploaded_by=user)

    def waiting(self) -> Self:
        """Those that wait for a person's decision."""
        return self.filter(state__in=["matched", "checked"], forgotten_at=None)

    def outlived(self, before: datetime) -> Self:
        """Those uploaded before ``before`` whose files and rows are still kept and that no job is at."""
        working = ["reading", "checking", "applying", "undoing"]
        return self.filter(uploaded_at__lt=before, forgotten_at=None).exclude(state__in=working).order_by("pk")


class RowQuerySet(models.QuerySet["Row", "Row"]):
    """Rows of imports."""

    def refused(self) -> Self:
        """Those with faults."""
        return self.filter(state="refused")

    def changed(self) -> Self:
        """Those that change an object."""
        return self.filter(state="changed")

    def noted(self) -> Self:
        """Those with a value that was read one way of two."""
        return self.filter(notes__isnull=False)


class HeaderMatchQuerySet(models.QuerySet["HeaderMatch", "HeaderMatch"]):
    """Headers mended by hand."""

    def known_to(self, user: User) -> dict[tuple[str, str], str]:
        """(kind, header) -> field, as admins mended them, or the person for themselves, which comes first."""
        rows = self.filter(Q(only_for=None) | Q(only_for=user)).order_by(F("only_for").asc(nulls_first=True))
        return {(kind, header): name for kind, header, name in rows.values_list("kind", "header", "field")}
