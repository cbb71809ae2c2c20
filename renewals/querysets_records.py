"""Named questions about what is kept about subscribers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from gridops.accounts.querysets import M, ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models import Subscriber
    from renewals.models_records import PastContract, SubscriberNote, SubscriberNumber


class OfSubscribers(ScopedQuerySet[M]):
    """Rows that are kept about a subscriber: whoever sees the subscriber sees them."""

    grid_path = "subscriber__project__grid"

    def for_user(self, user: Any) -> Self:
        """Agent staff: of the subscribers that were handed to their agent."""
        if not user.scope.has("agent_staff") or user.scope.everything:
            return super().for_user(user)
        from renewals.models import Subscriber  # the models module imports this one

        return self.filter(subscriber__in=Subscriber.objects.for_user(user))


class PastContractQuerySet(OfSubscribers["PastContract"]):
    """Earlier contracts."""


class SubscriberNumberQuerySet(OfSubscribers["SubscriberNumber"]):
    """Numbers that were tried."""

    def telling(self, subscriber: Any, phone: Any) -> Self:
        """Those that tell which number is to be called, the one that decides first.

        The newest right one; else what was found about the roster's number ``phone``, or about any where it has none.
        """
        decides = Q(is_right=True) | Q(phone=phone) | Q(subscriber__phone="")
        return self.filter(decides, subscriber=subscriber).order_by("-is_right", "-at", "-pk")

    def put_on(self, subscribers: Collection[Subscriber]) -> None:
        """Set ``number`` and ``number_wrong`` on rows that were read without; one query."""
        known: dict[int, SubscriberNumber] = {}
        phones = {row.pk: row.phone for row in subscribers}
        for found in self.filter(subscriber__in=phones).order_by("is_right", "at", "pk"):
            if found.is_right or phones[found.subscriber_id] in ("", found.phone):
                known[found.subscriber_id] = found
        for row in subscribers:
            told = known.get(row.pk)
            row.number = row.phone if told is None else told.phone if told.is_right else ""
            row.number_wrong = told is not None and not told.is_right


class SubscriberNoteQuerySet(OfSubscribers["SubscriberNote"]):
    """Notes."""
