"""Named questions about meetings and matters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Q
from django.utils import timezone

from channels.choices import MatterState
from channels.rules_matters import WAITING
from gridops.accounts.querysets import M, ScopedQuerySet

if TYPE_CHECKING:
    from channels.models import Agent
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

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid__unit", "project")

    def between(self, first: date, last: date) -> Self:
        """Those that begin on a day from ``first`` to ``last``."""
        begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
        return self.filter(starts_at__gte=begin, starts_at__lt=end)

    def unwritten(self, today: date) -> Self:
        """Planned for a day that is over: nobody said whether they were held."""
        begin = timezone.make_aware(datetime.combine(today, time.min))
        return self.filter(state="planned", starts_at__lt=begin)


class AgendaItemQuerySet(ScopedQuerySet["AgendaItem"]):
    """Items of agendas."""

    grid_path = "meeting__grid"


class AttendeeQuerySet(ScopedQuerySet["Attendee"]):
    """Who was asked to meetings."""

    grid_path = "meeting__grid"

    def counts(self, meetings: Iterable[Meeting]) -> dict[int, tuple[int, int]]:
        """Meeting -> how many were asked, and how many of them were there; one query."""
        rows = self.filter(meeting__in=[one.pk for one in meetings]).order_by().values_list("meeting")
        found = rows.annotate(asked=Count("pk"), there=Count("pk", filter=Q(present=True)))
        return {meeting: (asked, there) for meeting, asked, there in found}


class MatterQuerySet(OfAgents["Matter"]):
    """Matters: seen by those who work for their grid; whoever no longer does sees none, also of those they dealt with.

    Agent staff see their agent's.
    """

    agent_path = "agent"

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

    def count_by_agent(self, agents: Iterable[Agent]) -> dict[int, int]:
        """How many of these each agent has, by agent id; one query."""
        rows = self.filter(agent__in=[agent.pk for agent in agents]).order_by().values_list("agent")
        return dict(rows.annotate(Count("pk")))

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
