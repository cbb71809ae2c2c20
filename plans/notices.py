"""Whom the course of a plan concerns, and what they are told (S1)."""

from __future__ import annotations

from plans.models import PlanEvent


def tell(event: PlanEvent) -> None:
    """Tell those whom a step of a plan's course concerns, in the caller's transaction."""
