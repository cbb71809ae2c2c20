"""Named questions about what is kept about subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models_records import PastContract, SubscriberNote, SubscriberNumber


class PastContractQuerySet(ScopedQuerySet["PastContract"]):
    """Earlier contracts."""

    grid_path = "subscriber__project__grid"


class SubscriberNumberQuerySet(ScopedQuerySet["SubscriberNumber"]):
    """Numbers that were tried."""

    grid_path = "subscriber__project__grid"


class SubscriberNoteQuerySet(ScopedQuerySet["SubscriberNote"]):
    """Notes."""

    grid_path = "subscriber__project__grid"
