"""Rules about who changes a project, and what the unit hands down."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from gridops.accounts.models import Grid, Membership, Role, User


def may_edit(user: User, grid_id: int) -> bool:
    """The grid's manager, the unit's supervisor and admins change what lies in a grid (design, section 5)."""
    if user.scope.everything:
        return True
    by_role = Q(role=Role.GRID_MANAGER, grid=grid_id) | Q(role=Role.SUPERVISOR, unit__grids=grid_id)
    return Membership.objects.current(timezone.localdate()).filter(by_role, user=user).exists()


def editable_grids(user: User) -> frozenset[int]:
    """The grids in which ``may_edit`` holds, in one query at most."""
    if user.scope.everything:
        return frozenset(Grid.objects.values_list("pk", flat=True))
    if user.scope.roles <= {Role.GRID_MANAGER, Role.SUPERVISOR}:
        return user.scope.grid_ids
    held = Membership.objects.current(timezone.localdate()).filter(user=user)
    rows = held.filter(role__in=[Role.GRID_MANAGER, Role.SUPERVISOR]).values_list("grid", "unit__grids")
    return frozenset(grid for row in rows for grid in row if grid is not None)


def demand_edit(user: User, grid_id: int) -> None:
    """Answer 403 to those who may only look."""
    if not may_edit(user, grid_id):
        raise PermissionDenied


def demand_supervisor(user: User, unit_id: int) -> None:
    """Answer 403 to all but admins and the unit's supervisors of today: what the unit hands down is theirs (O1)."""
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR, unit=unit_id)
    if not user.scope.everything and not held.exists():
        raise PermissionDenied
