"""Named questions about contacts, second visits and handovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models_contacts import Contact, ContactPhoto, Handover, Reopening, SecondVisit


class ContactQuerySet(ScopedQuerySet["Contact"]):
    """Contacts."""

    grid_path = "warning__warning_list__grid"


class ContactPhotoQuerySet(ScopedQuerySet["ContactPhoto"]):
    """Photos of visits."""

    grid_path = "contact__warning__warning_list__grid"


class SecondVisitQuerySet(ScopedQuerySet["SecondVisit"]):
    """Second visits."""

    grid_path = "warning__warning_list__grid"


class HandoverQuerySet(ScopedQuerySet["Handover"]):
    """Handovers."""

    grid_path = "warning__warning_list__grid"


class ReopeningQuerySet(ScopedQuerySet["Reopening"]):
    """Reopenings."""

    grid_path = "warning__warning_list__grid"
