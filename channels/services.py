"""Who owns which project: kept in step with the agent that the project ledger names; who changes an agent."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils import timezone

from channels.models import Agent, Ownership
from gridops.accounts.models import Membership, Role, User
from gridops.common.bulk import copy_rows
from projects.models import Project


@transaction.atomic
def assign_owners(day: date) -> int:
    """Bring ownership into line with the ledger's agent names from ``day``; returns how many projects got an owner.

    A project is owned by the one active agent of that name; a name that several agents share, or none, gives no
    owner. Set-based and idempotent: what already fits is not touched, what no longer fits ends the day before.
    """
    unique = Agent.objects.filter(is_active=True).order_by().values("name").annotate(n=Count("pk")).filter(n=1)
    by_name = Agent.objects.filter(name=OuterRef("agent_name"), is_active=True, name__in=unique.values("name"))
    projects = Project.objects.annotate(owner=Subquery(by_name.values("pk")[:1]))

    current = Ownership.objects.filter(ends_on__isnull=True)
    owner_now = projects.filter(pk=OuterRef("project")).values("owner")[:1]
    ending = current.annotate(owner=Subquery(owner_now)).exclude(Q(owner__isnull=False) & Q(owner=F("agent")))
    ids = list(ending.values_list("pk", flat=True))
    Ownership.objects.filter(pk__in=ids, starts_on__gte=day).delete()  # never held a whole day
    Ownership.objects.filter(pk__in=ids).update(ends_on=day - timedelta(days=1))

    open_now = Ownership.objects.filter(ends_on__isnull=True).values("project")
    missing = projects.filter(owner__isnull=False).exclude(pk__in=open_now).values_list("pk", "owner")
    rows = [(project, owner, day) for project, owner in missing.iterator(chunk_size=5_000)]
    return copy_rows(Ownership._meta.db_table, ["project_id", "agent_id", "starts_on"], rows)


def may_edit_agent(user: User, agent: Agent) -> bool:
    """Admins, and the supervisors of the units for which the agent works today, or worked if for none today."""
    if user.scope.everything:
        return True
    today = timezone.localdate()
    supervised = Membership.objects.current(today).filter(user=user, role=Role.SUPERVISOR).values("unit")
    owned = Ownership.objects.filter(agent=agent)
    held = owned.on(today) if owned.on(today).exists() else owned
    return held.filter(project__grid__unit__in=supervised).exists()
