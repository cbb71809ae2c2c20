"""Named questions about subscribers and their warnings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import BooleanField, Case, Count, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from channels.models import AgentStaff
from gridops.accounts.querysets import ScopedQuerySet
from gridops.common.months import Month
from renewals.choices import OPEN

if TYPE_CHECKING:
    from gridops.accounts.models import Unit
    from renewals.models import ExpiryWarning, Subscriber, WarningList

HELD_AT_ONCE = 900  # SQLite binds no more than 999 values on old builds
ALIKE_MOST = 10  # ours: so many records at most may be one household


class SubscriberQuerySet(ScopedQuerySet["Subscriber"]):
    """Subscribers."""

    grid_path = "project__grid"

    def for_user(self, user: Any) -> Self:
        """Those of own grids; agent staff see those handed to their agent on a warning list, whatever came of it."""
        if not user.scope.has("agent_staff") or user.scope.everything:
            return super().for_user(user)
        from renewals.models import ExpiryWarning  # the models module imports this one

        handed = ExpiryWarning.objects.live().filter(subscriber=OuterRef("pk"), agent__staff__user=user)
        return self.filter(Q(project__grid__in=user.scope.grid_ids) | Exists(handed))

    def hold(self, ids: Collection[int]) -> None:
        """Lock these records until the transaction ends, in the one order, before any list. SQLite does so anyway."""
        known = sorted(ids)
        for at in range(0, len(known), HELD_AT_ONCE):
            part = self.filter(pk__in=known[at : at + HELD_AT_ONCE]).order_by("pk")
            list(part.select_for_update(no_key=True).values_list("pk", flat=True))

    def with_number(self) -> Self:
        """``number``: the one to call; ``number_wrong``: there is none, since the one on record was found wrong.

        The newest that people found right goes before the roster's; the roster's counts unless it was found wrong.
        """
        from renewals.models_records import SubscriberNumber  # the models module imports this one

        known = SubscriberNumber.objects.telling(OuterRef("pk"), OuterRef("phone"))
        right = Case(When(is_right=True, then=F("phone")), default=Value(""))
        wrong = Case(When(is_right=True, then=Value(False)), default=Value(True), output_field=BooleanField())
        return self.annotate(
            number=Coalesce(Subquery(known.values_list(right)[:1]), F("phone")),
            number_wrong=Coalesce(Subquery(known.values_list(wrong)[:1]), Value(False)),
        )

    def number_wrong(self) -> Self:
        """Those who can't be called since the number on record was found wrong."""
        from renewals.models_records import SubscriberNumber  # the models module imports this one

        tried = SubscriberNumber.objects.filter(is_right=False).order_by().values("subscriber")
        return self.filter(pk__in=tried).with_number().filter(number_wrong=True)

    def without_number(self) -> Self:
        """Those of whom no number is known, right or wrong."""
        return self.filter(phone="", numbers__isnull=True)

    def undoubled(self) -> Self:
        """Active ones that nobody has found to be a duplicate."""
        return self.filter(status="active").exclude(household="duplicate")

    def alike(self, way: str) -> Any:
        """Groups of a project's records with the same ``phone`` or ``address``, each known by its ``first`` (id).

        What more than a few have in common stands for "unknown" in a roster, not for one household.
        """
        rows = self.undoubled().exclude(**{way: ""}).order_by().values("project", way)
        rows = rows.annotate(first=Min("pk"), number_alike=Count("pk"))
        return rows.filter(number_alike__gt=1, number_alike__lte=ALIKE_MOST).order_by("first")

    def within(self, projects: Collection[int]) -> Self:
        """Those of ``projects``, ids that the caller took from the person's scope: stays on one index."""
        return self.filter(project__in=projects)

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        own = ("account", "name", "phone", "address", "product", "speed_mbps", "monthly_fee", "started_on")
        return self.select_related("project").only(
            *own, "expires_on", "status", "household", "project__code", "project__name", "project__grid_id"
        )

    def edge(self, projects: Collection[int], descending: bool, wanted: int) -> date | None:
        """An expiry date that the first ``wanted`` rows in order of expiry do not pass; None: there are fewer.

        The index holds each project's rows in order of expiry, not the grid's. The ``wanted``-th row of any one
        project lies at or beyond the ``wanted``-th of all; so the nearest of these bounds what must be read.
        """
        from projects.models import Project

        own = self.filter(project=OuterRef("pk"), expires_on__isnull=False).values("expires_on")
        own = own.order_by("-expires_on" if descending else "expires_on")[wanted - 1 : wanted]
        edges = Project.objects.filter(pk__in=projects).order_by().values_list(Subquery(own), flat=True)
        found = [edge for edge in edges if edge is not None]
        return (max(found) if descending else min(found)) if found else None


class WarningListQuerySet(ScopedQuerySet["WarningList"]):
    """Warning lists."""

    def hold(self, ids: Collection[int]) -> None:
        """Lock these lists until the transaction ends, in the one order; whoever changes their warnings does so first.

        Rows that refer to them may be added meanwhile. SQLite's transactions hold everything already.
        """
        list(self.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))

    def running(self, unit: Unit, day: date) -> Self:
        """Those of ``unit`` since the month before ``day``'s."""
        return self.filter(grid__unit=unit, month__gte=Month.of(day).plus(-1).first)

    def counts_by_grid(self) -> dict[int, tuple[int, int, int]]:
        """By grid: the list, how many live warnings it holds, how many of them no agent owns. For one month's lists."""
        live = ~Q(warnings__state="withdrawn")
        rows = self.annotate(
            listed=Count("warnings", filter=live), pool=Count("warnings", filter=live & Q(warnings__agent=None))
        )
        return {grid: (pk, n, pool) for grid, pk, n, pool in rows.values_list("grid", "pk", "listed", "pool")}

    def unsettled(self, grids: Any, month: date) -> dict[int, int | None]:
        """Grid -> what its renewal split of ``month`` lacks: None without a list, else contracts without an agent (S7).

        Grids whose split is done are not in it.
        """
        counts = self.filter(grid__in=grids, month=month).counts_by_grid()
        pools = {grid.pk: counts[grid.pk][2] if grid.pk in counts else None for grid in grids}
        return {grid: pool for grid, pool in pools.items() if pool != 0}


class WarningQuerySet(ScopedQuerySet["ExpiryWarning"]):
    """Warnings."""

    grid_path = "warning_list__grid"

    def for_user(self, user: Any) -> Self:
        """Those of own grids; agent staff see those assigned to their agent."""
        if not user.scope.has("agent_staff") or user.scope.everything:
            return super().for_user(user)
        staff = AgentStaff.objects.filter(user=user)
        return self.filter(Q(warning_list__grid__in=user.scope.grid_ids) | Q(agent__in=staff.values("agent")))

    def live(self) -> Self:
        """Those not withdrawn."""
        return self.exclude(state="withdrawn")

    def worked(self) -> Self:
        """Those that are still worked at."""
        return self.filter(state__in=OPEN)

    def for_sheet(self) -> Any:
        """What stands in a row of an agent's list, as values; ``number`` is the one to call."""
        from renewals.models import Subscriber  # the models module imports this one

        own = Subscriber.objects.with_number().filter(pk=OuterRef("subscriber")).values("number")  # type: ignore[misc]
        told = ("account", "name", "address", "project__name", "product", "monthly_fee")
        return self.annotate(number=Subquery(own)).values(
            "month", "expires_on", "state", "number", *(f"subscriber__{name}" for name in told)
        )

    def to_do(self, step: str, first: date | None, last: date) -> Self:
        """Open ones whose next ``step`` is due by ``last`` (not before ``first``); by an index of the work lists."""
        rows = self.filter(next_step=step, next_on__lte=last, state__in=OPEN)
        return rows.filter(next_on__gte=first) if first else rows
