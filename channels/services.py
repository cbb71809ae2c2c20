"""Who changes an agent, and who owns the projects of a unit."""

from __future__ import annotations

from django.utils import timezone

from channels.models import Agent, Contract, Ownership
from channels.querysets import OwnershipQuerySet
from channels.querysets_agents import ContractQuerySet
from gridops.accounts.models import Membership, Role, User


def may_edit_agent(user: User, agent: Agent) -> bool:
    """Admins, and the supervisors of the units for which the agent works today, or worked if for none today.

    An agent works where it owns a project or has a contract. One that never worked for anybody is any supervisor's.
    """
    if user.scope.everything:
        return True
    today = timezone.localdate()
    held = Membership.objects.current(today).filter(user=user, role=Role.SUPERVISOR)
    supervised = set(held.values_list("unit", flat=True))
    if not supervised:
        return False
    owned, signed = Ownership.objects.filter(agent=agent), Contract.objects.filter(agent=agent)
    units = _units(owned.on(today), signed.running(today)) or _units(owned, signed)
    return not units or bool(units & supervised)


def supervises(user: User, unit_id: int) -> bool:
    """Admins, and the unit's supervisors of today: they say who owns its projects."""
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR, unit=unit_id)
    return user.scope.everything or held.exists()


def _units(owned: OwnershipQuerySet, signed: ContractQuerySet) -> set[int]:
    by_project = owned.order_by().values_list("project__grid__unit", flat=True)
    return set(by_project.union(signed.order_by().values_list("unit", flat=True)))
