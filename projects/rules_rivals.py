"""Which of a rival's offers are in force, as pure values (P3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Offer(Protocol):
    """What the rules look at."""

    pk: int
    seen_on: date
    text: str

    @property
    def operator_id(self) -> int:
        """Whose it is."""


AnyOffer = TypeVar("AnyOffer", bound=Offer)


def in_force(offers: Iterable[AnyOffer]) -> list[AnyOffer]:
    """Of the newest offers of each operator and kind, those still in force, the newest first.

    An empty text says that the operator offers nothing any more: it ends all that was seen of that operator before,
    of whatever kind.
    """
    ordered = sorted(offers, key=lambda offer: (offer.seen_on, offer.pk), reverse=True)
    ended: set[int] = set()
    kept = []
    for offer in ordered:
        if offer.operator_id in ended:
            continue
        if offer.text:
            kept.append(offer)
        else:
            ended.add(offer.operator_id)
    return kept
