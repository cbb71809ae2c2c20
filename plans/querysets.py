"""Named questions about targets and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from plans.models import ActionStep, Plan, Target


class TargetQuerySet(ScopedQuerySet["Target"]):
    """Targets handed down."""


class PlanQuerySet(ScopedQuerySet["Plan"]):
    """Monthly plans."""


class ActionStepQuerySet(ScopedQuerySet["ActionStep"]):
    """Action steps."""

    grid_path = "plan__grid"
