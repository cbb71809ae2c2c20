"""Named questions about campaigns, news and briefings (C6, C7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from gridops.accounts.models import Unit

if TYPE_CHECKING:
    from channels.briefing_words import About
    from channels.models import Agent, Outlet
    from channels.models_campaigns import Briefing, Campaign, CampaignFile, News, NewsEntry

WRITERS = ("supervisor", "admin")
IN_FORCE, COMING, OVER, DRAFT = "in-force", "coming", "over", "draft"


class CampaignQuerySet(models.QuerySet["Campaign", "Campaign"]):
    """Campaigns: those of all units and of the own; drafts for those who write them."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see; agent staff: of the units for which their agent works.

        Drafts are seen by those who write them: a unit's by its supervisors, those of all units by admins.
        """
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            from channels.models import Ownership  # the models module imports this one

            units: Any = Ownership.objects.units_of_staff(user)
        else:
            units = Unit.objects.for_user(user).values("pk")
        written = Unit.objects.served_by(user, "supervisor", timezone.localdate()).values("pk")
        of_units = Q(unit__isnull=True) | Q(unit__in=units)
        return self.filter(Q(published_at__isnull=False) & of_units | Q(unit__in=written))

    def current(self, day: date) -> Self:
        """Published, and in force on ``day``."""
        return self.filter(published_at__isnull=False, starts_on__lte=day, ends_on__gte=day)

    def to_be_told(self, day: date) -> Self:
        """Published, and in force after ``day``: those that are told, whether they run already or will."""
        return self.filter(published_at__isnull=False, ends_on__gt=day)

    def for_unit(self, unit: int) -> Self:
        """Those of a unit, and of all."""
        return self.filter(Q(unit__isnull=True) | Q(unit=unit))

    def for_outlet(self, outlet: Outlet, day: date) -> Self:
        """Those in force on ``day`` of which ``outlet`` has to know (C7); its grid is read with it, or by a query."""
        return self.current(day).for_unit(outlet.grid.unit_id).order_by("starts_on", "pk")

    def in_state(self, state: str, day: date) -> Self:
        """Those in force, coming, over, or not published, on ``day``."""
        if state == DRAFT:
            return self.filter(published_at__isnull=True)
        published = self.filter(published_at__isnull=False)
        if state == COMING:
            return published.filter(starts_on__gt=day)
        return published.filter(ends_on__lt=day) if state == OVER else self.current(day)

    def with_state(self, day: date) -> Self:
        """Annotate ``standing`` for an order: in force, coming, drafts, over."""
        order = Case(
            When(published_at__isnull=True, then=Value(2)),
            When(ends_on__lt=day, then=Value(3)),
            When(starts_on__gt=day, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
        return self.annotate(standing=order).order_by("standing", "ends_on", "name", "pk")


def campaigns_of(outlets: Iterable[Outlet], day: date) -> dict[int, list[Campaign]]:
    """Outlet -> the campaigns in force on ``day`` of which it has to know (C7); two queries however many."""
    from channels.models import Campaign, Outlet  # the models module imports this one

    found = list(Campaign.objects.current(day).order_by("starts_on", "pk"))
    units = Outlet.objects.filter(pk__in=[outlet.pk for outlet in outlets]).values_list("pk", "grid__unit")
    return {pk: [one for one in found if one.unit_id in (None, unit)] for pk, unit in units}


class CampaignFileQuerySet(models.QuerySet["CampaignFile", "CampaignFile"]):
    """Files of campaigns: with their campaign."""

    def for_user(self, user: Any) -> Self:
        """Of campaigns that the person may see."""
        from channels.models import Campaign  # the models module imports this one

        return self.filter(campaign__in=Campaign.objects.for_user(user))


class NewsQuerySet(models.QuerySet["News", "News"]):
    """News."""


class NewsEntryQuerySet(models.QuerySet["NewsEntry", "NewsEntry"]):
    """Entries of the history that are told already."""


class BriefingQuerySet(models.QuerySet["Briefing", "Briefing"]):
    """Who has to be told of what."""

    def for_user(self, user: Any) -> Self:
        """Of outlets in the person's grids; of agents what is about projects in them, or a campaign of the unit's.

        Agent staff are those who are told: they have no list of it.
        """
        scope = user.scope
        if scope.everything:
            return self
        if not (scope.grid_ids or scope.unit_ids):
            return self.none()
        from channels.models import Campaign, Ownership  # the models module imports this one

        held = Ownership.objects.on(timezone.localdate()).for_user(user).filter(agent=OuterRef("agent"))
        of_agents = Q(news__project__grid__in=scope.grid_ids) | Q(
            Exists(held), news__campaign__in=Campaign.objects.for_user(user)
        )
        return self.filter(Q(outlet__grid__in=scope.grid_ids) | Q(of_agents, agent__isnull=False))

    def open(self) -> Self:
        """Those still to be told."""
        return self.filter(told_at__isnull=True, replaced_by__isnull=True)

    def live(self, day: date) -> Self:
        """Those still to be told on ``day`` by somebody: the outlet sells, the agent works, the campaign isn't over."""
        sells = Q(outlet__is_active=True, outlet__stage="selling")
        over = Q(news__campaign__ends_on__lt=day) & ~Q(news__changes__has_key="ended")
        return self.open().filter(sells | Q(agent__is_active=True)).exclude(over)

    def of_outlets(self, outlets: Iterable[int]) -> Self:
        """Those of some outlets, by their ids."""
        return self.filter(outlet__in=list(outlets))

    def of_agents(self, agents: Iterable[int]) -> Self:
        """Those of some agents, by their ids."""
        return self.filter(agent__in=list(agents))

    def told_since(self, moment: datetime) -> Self:
        """Those told from ``moment`` on, the newest first."""
        return self.filter(told_at__gte=moment).order_by("-told_at", "-pk")

    def about(self) -> list[About]:
        """These in words of the language that is active, in their order; two queries."""
        from channels.briefing_words import in_words  # it reads the models, whose module imports this one

        return in_words(self)

    def count_by_grid(self, day: date) -> dict[int, tuple[int, int, int]]:
        """Grid -> of how many of its outlets these are, of how many some were due before ``day``, how many were."""
        rows, late = self.filter(outlet__isnull=False).order_by().values(place=F("outlet__grid")), Q(due_on__lt=day)
        outlets = {"n": Count("outlet", distinct=True), "k": Count("outlet", filter=late, distinct=True)}
        found: Any = rows.annotate(**outlets, late=Count("pk", filter=late))
        return {row["place"]: (row["n"], row["k"], row["late"]) for row in found}
