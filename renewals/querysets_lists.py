"""Named questions about the specialist's list, differences and filled lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef, Q

from gridops.accounts.querysets import ScopedQuerySet
from gridops.workbooks.models import Batch, Row

if TYPE_CHECKING:
    from renewals.models_lists import Difference, ReturnedLine, SpecialistLine


class SpecialistLineQuerySet(ScopedQuerySet["SpecialistLine"]):
    """Rows of the specialist's list."""

    grid_path = "project__grid"


class DifferenceQuerySet(ScopedQuerySet["Difference"]):
    """Differences."""

    grid_path = "project__grid"

    def undecided(self) -> Self:
        """Those that wait for a decision."""
        return self.filter(decision="")


class ReturnedLineQuerySet(ScopedQuerySet["ReturnedLine"]):
    """Rows of filled lists."""

    def for_user(self, user: Any) -> Self:
        """Those about a warning that the person may see, whether or not a contact came of them."""
        if user.scope.everything:
            return self
        from renewals.models import ExpiryWarning  # the models module imports this one

        about = {"month": OuterRef("month"), "subscriber__account": OuterRef("account")}
        return self.filter(Exists(ExpiryWarning.objects.for_user(user).filter(**about)))

    def of_batch(self, batch: Batch) -> Self:
        """Those that the import made, or changed."""
        changed = Row.objects.filter(batch=batch).changed().values("object_id")
        return self.filter(Q(created_batch=batch) | Q(pk__in=changed))

    def left_out(self) -> Self:
        """Those that no contact came of, or whose change did not become a correction."""
        return self.exclude(why_not="")
