"""Named questions about commission."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, DecimalField, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from channels.querysets_meetings import OfAgents
from gridops.accounts.models import Unit

if TYPE_CHECKING:
    from channels.models_commission import Paid, Rate, Scheme, Weighing


class SchemeQuerySet(models.QuerySet["Scheme", "Scheme"]):
    """Schemes of the own units, and of all."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see; agent staff: of the units for which their agent works.

        What goes with a campaign is seen by those who see the campaign.
        """
        if user.scope.everything:
            return self
        from channels.models import Campaign, Ownership  # the models module imports this one

        known = self.filter(Q(campaign__isnull=True) | Q(campaign__in=Campaign.objects.for_user(user)))
        if user.scope.has("agent_staff"):
            units: Any = Ownership.objects.units_of_staff(user)
            return known.filter(Q(unit__isnull=True) | Q(unit__in=units), payee="agent")
        return known.filter(Q(unit__isnull=True) | Q(unit__in=Unit.objects.for_user(user)))

    def on(self, day: date) -> Self:
        """Those in force on ``day``."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def meeting(self, first: date, last: date | None) -> Self:
        """Those in force on any day from ``first`` to ``last`` (None: without end)."""
        found = self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))
        return found if last is None else found.filter(starts_on__lte=last)

    def of_unit(self, unit: Unit | int | None) -> Self:
        """Those that hold in ``unit``: its own, and those of all units."""
        return self.filter(Q(unit__isnull=True) | Q(unit=unit))

    def shown(self) -> Self:
        """With what a list shows of each."""
        return self.select_related("unit", "campaign").annotate(rate_count=Count("rates"))


class RateQuerySet(models.QuerySet["Rate", "Rate"]):
    """Rates: with their scheme."""

    def for_user(self, user: Any) -> Self:
        """Of schemes that the person may see."""
        from channels.models import Scheme  # the models module imports this one

        return self.filter(scheme__in=Scheme.objects.for_user(user))


class PaidQuerySet(OfAgents["Paid"]):
    """Commission paid: by project; agent staff see their own agent's."""

    grid_path = "project__grid"
    agent_path = "agent"

    def between(self, first: date, last: date) -> Self:
        """Paid in months from ``first`` to ``last``, first days of both."""
        return self.filter(month__gte=first, month__lte=last)

    def sums(self, *by: str) -> list[dict[str, Any]]:
        """Per value of fields ``by``: ``paid`` in yuan, and ``back``, what of it was taken back (<= 0).

        ``pieces``: how many it was paid for, as far as that is said; ``counted``: what was paid where it is.
        """
        amount = DecimalField(max_digits=16, decimal_places=2)
        taken = Sum("amount", filter=Q(amount__lt=0), output_field=amount)
        found = self.order_by().values(*by) if by else self.order_by().annotate(all=Value(1)).values("all")
        rows = found.annotate(
            paid=Sum("amount", output_field=amount),
            pieces=Sum("quantity"),
            counted=Sum("amount", filter=Q(quantity__isnull=False), output_field=amount),
            back=Coalesce(taken, Value(Decimal(0), amount)),
        )
        return list(rows)

    def shown(self) -> Self:
        """With what a list shows of each."""
        return self.select_related("agent", "project__grid").annotate(unit_name=F("project__grid__unit__name"))


class WeighingQuerySet(models.QuerySet["Weighing", "Weighing"]):
    """Weighings: seen in the unit for which they were made, and by the agent."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see: the own unit's, of agents in scope; agent staff: their agent's."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            return self.filter(agent__staff__user=user)
        from channels.models import Agent  # the models module imports this one

        return self.filter(unit__in=Unit.objects.for_user(user), agent__in=Agent.objects.for_user(user))
