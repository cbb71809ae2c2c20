"""Named questions about meetings and matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

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


class MatterStepQuerySet(OfAgents["MatterStep"]):
    """What was done about matters."""

    grid_path = "matter__grid"
    agent_path = "matter__agent"
