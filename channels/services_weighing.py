"""Keeping weighings: made, saved over the version that was seen, copied (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from channels.models import Agent, Weighing
from channels.rules_weighing import Case, as_json
from channels.weighing_facts import first_case
from gridops.accounts.models import Role, Unit, User
from gridops.common.months import Month

WEIGHERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN, Role.AGENT_STAFF)


class Changed(Exception):
    """Somebody saved the weighing in between."""


def begin(user: User, agent: Agent, unit: Unit, month: date, title: str, today: date) -> Weighing:
    """A new one, its first case filled with what is known."""
    case = first_case(user, agent, unit, Month.of(month), today)
    called = title or f"{agent.name} {month:%Y-%m}"[:80]
    return Weighing.objects.create(
        agent=agent, unit=unit, month=month, title=called, cases=[as_json(case)], made_by=user, made_at=timezone.now()
    )


@transaction.atomic
def save_weighing(weighing: Weighing, expected: int, title: str, cases: Sequence[Case]) -> None:
    """Store title and cases; ``Changed`` when the stored version is not the one that was seen."""
    moved = Weighing.objects.filter(pk=weighing.pk, version=expected).update(
        version=expected + 1, title=title, cases=[as_json(case) for case in cases]
    )
    if not moved:
        raise Changed


def copy_weighing(weighing: Weighing, by: User, title: str) -> Weighing:
    """Another one with the same figures."""
    return Weighing.objects.create(
        agent=weighing.agent,
        unit=weighing.unit,
        project=weighing.project,
        month=weighing.month,
        title=title[:80],
        cases=weighing.cases,
        made_by=by,
    )
