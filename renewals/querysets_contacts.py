"""Named questions about contacts, second visits and handovers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.utils import timezone

from gridops.accounts.querysets import M, ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models_contacts import Contact, ContactPhoto, Handover, Reopening, SecondVisit


class ContactsStandError(TypeError):
    """Somebody tried to change or delete what was said; a later contact corrects it instead."""

    def __init__(self) -> None:
        super().__init__("contacts are never changed or deleted, only corrected by a later one")


class OfWarnings(ScopedQuerySet[M]):
    """Rows that are kept about a warning: whoever sees the warning sees them."""

    warning_path = "warning"

    def for_user(self, user: Any) -> Self:
        """Agent staff: of the warnings that are their agent's."""
        if not user.scope.has("agent_staff") or user.scope.everything:
            return super().for_user(user)
        from renewals.models import ExpiryWarning  # the models module imports this one

        return self.filter(**{f"{self.warning_path}__in": ExpiryWarning.objects.for_user(user)})


class ContactQuerySet(OfWarnings["Contact"]):
    """Contacts: only ever added."""

    grid_path = "warning__warning_list__grid"

    def effective(self) -> Self:
        """Those that still count: neither corrected nor taken back."""
        return self.filter(corrected_by__isnull=True).exclude(outcome="void")

    def of_warning(self, warning: int) -> Self:
        """Those about a warning (id), in the order in which they took place."""
        return self.filter(warning=warning).order_by("at", "pk")

    def of_subscriber(self, subscriber: int) -> Self:
        """Those with a subscriber (id) on whatever list, the newest first."""
        return self.filter(subscriber=subscriber).order_by("-at", "-pk")

    def for_course(self) -> Self:
        """With what the page of a warning shows of each: who, photos, what corrected it, the visit it opened."""
        named = ("by", "staff", "agent", "corrected_by", "second_visit__settled_by")
        return self.select_related(*named).prefetch_related("photos")

    def update(self, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise ContactsStandError

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise ContactsStandError

    def delete(self) -> NoReturn:
        """Never."""
        raise ContactsStandError


class ContactPhotoQuerySet(OfWarnings["ContactPhoto"]):
    """Photos of visits."""

    grid_path = "contact__warning__warning_list__grid"
    warning_path = "contact__warning"


class SecondVisitQuerySet(OfWarnings["SecondVisit"]):
    """Second visits."""

    grid_path = "warning__warning_list__grid"

    def owed(self) -> Self:
        """Those not yet settled."""
        return self.filter(settled_at__isnull=True)

    def overdue(self, today: date) -> Self:
        """Those owed since before ``today``."""
        return self.owed().filter(due_on__lt=today)


class HandoverQuerySet(OfWarnings["Handover"]):
    """Handovers."""

    grid_path = "warning__warning_list__grid"


class ReopeningQuerySet(OfWarnings["Reopening"]):
    """Reopenings."""

    grid_path = "warning__warning_list__grid"
