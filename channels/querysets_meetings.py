"""Named questions about meetings and matters."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Q

from channels.choices import MatterState
from channels.rules_matters import WAITING
from gridops.accounts.querysets import M, ScopedQuerySet

if TYPE_CHECKING:
    from channels.models_meetings import AgendaItem, Attendee, Matter, MatterStep, Meeting


class OfAgents(ScopedQuerySet[M]):
    """Rows of a grid, of which agent staff see those that are about their agent."""

    agent_path = ""

    def for_user(self, user: Any) -> Self:
        """Own grids; agent staff: what is about their own agent."""
        if not user.scope.has("agent_staff") or user.scope.everything:
            return super().for_user(user)
        from channels.models import AgentStaff  # the models module imports this one

        own = AgentStaff.objects.filter(user=user).values("agent")
        return self.filter(**{f"{self.agent_path}__in": own})


class MeetingQuerySet(OfAgents["Meeting"]):
    """Meetings."""

    agent_path = "attendees__agent"

    def for_user(self, user: Any) -> Self:
        """Each once."""
        rows = super().for_user(user)
        return rows.distinct() if user.scope.has("agent_staff") else rows


class AgendaItemQuerySet(ScopedQuerySet["AgendaItem"]):
    """Items of agendas."""

    grid_path = "meeting__grid"


class AttendeeQuerySet(ScopedQuerySet["Attendee"]):
    """Who was asked to meetings."""

    grid_path = "meeting__grid"


class MatterQuerySet(OfAgents["Matter"]):
    """Matters."""

    agent_path = "agent"

    def for_user(self, user: Any) -> Self:
        """Those of the own grids, and those that were passed on to the person; agent staff: their agent's."""
        if user.scope.everything or user.scope.has("agent_staff"):
            return super().for_user(user)
        return self.filter(Q(grid__in=user.scope.grid_ids) | Q(owner=user))

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid__unit", "agent", "outlet", "project", "owner")

    def waiting(self) -> Self:
        """Those for whose answer somebody still waits, or has not heard it."""
        return self.filter(state__in=WAITING)

    def untold(self) -> Self:
        """Answered, but whoever asked has not heard it yet."""
        return self.filter(state=MatterState.ANSWERED)

    def late(self, today: date) -> Self:
        """Waiting longer than was said."""
        return self.waiting().filter(due_on__lt=today)

    def due(self, until: date) -> Self:
        """Waiting, and due by ``until``."""
        return self.waiting().filter(due_on__lte=until)

    def owned_by(self, user: Any, today: date) -> Self:
        """Those that the person deals with, or whoever they stand in for."""
        return self.filter(self._owned(user, today))

    @staticmethod
    def _owned(user: Any, today: date) -> Q:
        from gridops.accounts.models import Membership  # the models module imports the querysets

        held = Membership.objects.current(today).deputyships().filter(user=user)
        return Q(owner=user) | Q(owner__in=held.values("stands_in_for"))

    def counts(self, user: Any, today: date) -> dict[str, int]:
        """How many wait, are late, are to be told back, are the person's own; one query."""
        waiting = Q(state__in=WAITING)
        found = self.order_by().aggregate(
            waiting=Count("pk", filter=waiting),
            late=Count("pk", filter=waiting & Q(due_on__lt=today)),
            untold=Count("pk", filter=Q(state=MatterState.ANSWERED)),
            mine=Count("pk", filter=waiting & self._owned(user, today)),
        )
        return dict(found)


class MatterStepQuerySet(OfAgents["MatterStep"]):
    """What was done about matters."""

    grid_path = "matter__grid"
    agent_path = "matter__agent"
