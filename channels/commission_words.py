"""Speed tiers and rates in words, for pages, forms and the history alike (P5)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from channels.models import Rate
from channels.rules_commission import Tier
from gridops.common.templatetags.gridops import money


def tier_text(tier: Tier) -> str:
    """The speeds of a tier: ``500M and more``, ``100M to below 500M``, ``any speed``."""
    if tier.below is None:
        return _("%(low)sM and more") % {"low": tier.low} if tier.low else _("any speed")
    if not tier.low:
        return _("below %(below)sM") % {"below": tier.below}
    return _("%(low)sM to below %(below)sM") % {"low": tier.low, "below": tier.below}


def rate_text(rate: Rate) -> str:
    """A rate on one line."""
    return f"{rate.get_paid_for_display()} {tier_text(rate.tier)} {money(rate.amount)}"


def rates_text(rates: Iterable[Rate]) -> str:
    """All rates of a scheme, as its history keeps them."""
    return "; ".join(map(rate_text, rates))
