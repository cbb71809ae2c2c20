"""Named questions about people and territory, and the one way in for every scoped row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from gridops.accounts.scope import Scope

if TYPE_CHECKING:
    from gridops.accounts.models import Absence, Grid, Membership, Unit, User

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M, M]):
    """Rows that belong to a grid. A model states its path to the grid once, in ``grid_path``."""

    grid_path: ClassVar[str] = "grid"

    def for_user(self, user: Any) -> Self:
        """The rows that ``user`` may see. A row without a grid is visible to admins only."""
        scope: Scope = user.scope
        if scope.everything:
            return self
        return self.filter(**{f"{self.grid_path}__in": scope.grid_ids})


class UnitQuerySet(models.QuerySet["Unit", "Unit"]):
    """Units."""

    def with_grids(self) -> Self:
        """Those that have a grid: only they have monthly work."""
        return self.filter(grids__isnull=False).distinct().order_by("pk")

    def served_by(self, user: User, role: str, day: date) -> Self:
        """Those for which ``user`` holds ``role`` on ``day``."""
        return self.filter(memberships__in=_current_memberships(day).filter(user=user, role=role)).distinct()

    def held(self, pk: int) -> Unit:
        """The unit, held until the transaction ends: what is done for a whole unit is done one after the other.

        Nobody waits for it who only names the unit in a row of theirs.
        """
        return self.select_for_update(no_key=True).get(pk=pk)

    def for_user(self, user: User) -> Self:
        """Own units: by role in the unit, or as manager of one of its grids."""
        if user.scope.everything:
            return self
        return self.filter(Q(pk__in=user.scope.unit_ids) | Q(grids__in=user.scope.grid_ids)).distinct()


class GridQuerySet(ScopedQuerySet["Grid"]):
    """Grids."""

    grid_path = "pk"

    def managed_by(self, user: User, day: date) -> Self:
        """Those that ``user`` answers for on ``day``."""
        return self.filter(memberships__in=_current_memberships(day).filter(user=user, role="grid_manager")).distinct()


class UserQuerySet(models.QuerySet["User", "User"]):
    """People."""

    def answering(self, role: str, day: date, **place: Any) -> Self:
        """Active people who hold ``role`` in a ``grid`` or ``unit`` on ``day``, deputies among them."""
        held = _current_memberships(day).filter(role=role, **place)
        return self.filter(is_active=True, memberships__in=held).distinct()

    def end_sessions(self) -> int:
        """Sign them out everywhere: their rights have changed."""
        return self.update(session_epoch=F("session_epoch") + 1)

    def holding(self, role: str, day: date) -> Self:
        """Active people who hold ``role`` on ``day``."""
        return self.filter(is_active=True, memberships__in=_current_memberships(day).filter(role=role)).distinct()


class MembershipQuerySet(models.QuerySet["Membership", "Membership"]):
    """Memberships."""

    def current(self, day: date) -> Self:
        """Those that hold on ``day``."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def lasting(self, day: date) -> Self:
        """Those that hold on ``day`` or will begin after it."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def overlapping(self, first: date, last: date) -> Self:
        """Those that hold on some day from ``first`` to ``last``."""
        return self.lasting(first).filter(starts_on__lte=last)

    def own(self) -> Self:
        """Those that people hold for themselves."""
        return self.filter(stands_in_for=None)

    def deputyships(self) -> Self:
        """Those held for somebody who is away."""
        return self.filter(stands_in_for__isnull=False)

    def stood_in_for(self, user: User, role: str, **place: Any) -> User | None:
        """Whom ``user`` stands in for in ``role`` at ``place``, of these; None when the role is also their own."""
        rows = list(self.filter(user=user, role=role, **place).select_related("stands_in_for").order_by("starts_on"))
        return None if any(row.stands_in_for_id is None for row in rows) else rows[0].stands_in_for if rows else None

    def people_by_place(self, role: str, day: date) -> dict[int, list[User]]:
        """Unit or grid -> the active people who hold ``role`` there on ``day``, deputies among them; one query."""
        found: dict[int, dict[int, User]] = {}
        rows = self.current(day).filter(role=role, user__is_active=True).select_related("user").order_by("pk")
        for row in rows:
            found.setdefault(row.grid_id or row.unit_id or 0, {})[row.user_id] = row.user
        return {place: list(people.values()) for place, people in found.items()}

    def manager_names(self, grids: Any, day: date) -> dict[int, str]:
        """Grid -> name of its manager on ``day``: of several the latest; a deputy's where there is nobody else."""
        held = self.current(day).filter(role="grid_manager", grid__in=grids).order_by("starts_on", "pk")
        rows = held.values_list("grid", "user__name", "stands_in_for")
        # what comes later is kept: the deputies come first
        return {grid: name for grid, name, _away in sorted(rows, key=lambda row: row[2] is None) if grid is not None}

    def scope_of(self, user: User, day: date) -> Scope:
        """What ``user``'s memberships of ``day`` add up to; unit roles see all grids of the unit."""
        rows = list(self.current(day).filter(user=user).values_list("role", "unit_id", "grid_id", "unit__grids"))
        roles = frozenset(role for role, *_ in rows)
        return Scope(
            everything="admin" in roles,
            grid_ids=frozenset(g for _, _, own, of_unit in rows for g in (own, of_unit) if g is not None),
            unit_ids=frozenset(unit for _, unit, _, _ in rows if unit is not None),
            roles=roles,
        )


class AbsenceQuerySet(models.QuerySet["Absence", "Absence"]):
    """Leaves of people."""

    def for_user(self, user: Any) -> Self:
        """One's own; supervisors see those of the people of their unit, admins all.

        Of who came or left: what touches the time in which they worked there.
        """
        if user.scope.everything:
            return self
        if not user.scope.has("supervisor"):
            return self.filter(user=user)
        from gridops.accounts.models import Membership  # the models module imports this one

        units, begins = user.scope.unit_ids, dict[str, Any](day=OuterRef("starts_on"))
        held = Membership.objects.filter(Q(unit__in=units) | Q(grid__unit__in=units), user=OuterRef("user"))
        then = held.lasting(**begins).filter(starts_on__lte=OuterRef("ends_on"))
        return self.filter(Exists(then) | Q(user=user))

    def overlapping(self, first: date, last: date) -> Self:
        """Those with a day from ``first`` to ``last``."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


def _current_memberships(day: date) -> MembershipQuerySet:
    from gridops.accounts.models import Membership  # the models module imports this one

    return Membership.objects.current(day)
