"""What is paid for what, by which scheme, on a day; beginning and ending schemes (P5, C7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from channels.choices import PaidFor
from channels.models import Campaign, Rate, Scheme
from gridops.accounts.models import Unit


@dataclass(frozen=True, slots=True)
class InForce:
    """The rates that hold in a unit on a day for those who are paid as ``payee``.

    ``general`` hold for every sale, ``campaigns`` for a sale under that campaign, in place of the general ones.
    """

    general: tuple[Rate, ...]
    campaigns: dict[Campaign, tuple[Rate, ...]]

    def find(self, paid_for: str, speed: int, campaign: Campaign | None = None) -> Rate | None:
        """What is paid for one of ``paid_for`` of that speed; a campaign that says nothing of it leaves the general."""
        own = self.campaigns.get(campaign, ()) if campaign else ()
        return _first(own, paid_for, speed) or _first(self.general, paid_for, speed)


def rates_of(unit: Unit | int | None, payee: str, day: date) -> InForce:
    """The rates in force in ``unit`` on ``day``; two queries.

    *Ours*: for what a unit's own scheme speaks of, those of all units do not count.
    """
    rows = Scheme.objects.of_unit(unit).filter(payee=payee).on(day)
    found = list(rows.select_related("campaign", "unit").prefetch_related("rates"))
    campaigns = dict.fromkeys(one.campaign for one in found if one.campaign)
    return InForce(
        _choose([one for one in found if one.campaign is None]),
        {campaign: _choose([one for one in found if one.campaign == campaign]) for campaign in campaigns if campaign},
    )


def _choose(schemes: Sequence[Scheme]) -> tuple[Rate, ...]:
    """The rates of the units' own schemes, and those of all units for what these do not speak of."""
    chosen: list[Rate] = []
    spoken: set[str] = set()
    for own in (True, False):
        rates = [rate for one in schemes if (one.unit_id is not None) == own for rate in one.rates.all()]
        chosen += [rate for rate in rates if rate.paid_for not in spoken]
        spoken |= {rate.paid_for for rate in rates}
    return tuple(sorted(chosen, key=lambda rate: (PaidFor.values.index(rate.paid_for), rate.speed_from)))


def _first(rates: Iterable[Rate], paid_for: str, speed: int) -> Rate | None:
    return next((rate for rate in rates if rate.paid_for == paid_for and rate.tier.holds(speed)), None)
