"""Named questions about targets and plans."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from gridops.accounts.models import User
    from plans.models import ActionStep, Plan, PlanComment, ProposedStep, Target, UnitTarget


class TargetQuerySet(ScopedQuerySet["Target"]):
    """Targets handed down."""


class UnitTargetQuerySet(models.QuerySet["UnitTarget", "UnitTarget"]):
    """Targets of whole units."""

    def for_user(self, user: User) -> Self:
        """Those of the person's own units: only who answers for a whole unit sees its figure."""
        return self if user.scope.everything else self.filter(unit__in=user.scope.unit_ids)


class PlanQuerySet(ScopedQuerySet["Plan"]):
    """Monthly plans."""

    def approved_first(self) -> Self:
        """The plan that counts comes first: the approved one, else the latest revision."""
        approved = Case(When(state="approved", then=Value(0)), default=Value(1), output_field=IntegerField())
        return self.order_by(approved, "-revision")

    def handed_in(self) -> Self:
        """Of a grid and month whose plan was handed in: one that was returned, or is being revised, was."""
        return self.exclude(state="draft", revision=1)

    def in_work(self) -> Self:
        """Drafts, submitted and returned ones."""
        return self.filter(state__in=["draft", "submitted", "returned"])

    def current(self) -> Self:
        """One a grid and month: the one in work if there is one, else the approved one."""
        from plans.models import Plan  # the models module imports this one

        work = Plan.objects.in_work().filter(grid=OuterRef("grid"), month=OuterRef("month"))
        return self.filter(Q(state__in=["draft", "submitted", "returned"]) | Q(state="approved") & ~Exists(work))


class ActionStepQuerySet(ScopedQuerySet["ActionStep"]):
    """Action steps."""

    grid_path = "plan__grid"

    def open_in(self, *months: date) -> Self:
        """Those of the approved plans of ``months`` that are not done yet, nor where they were carried from."""
        return self.filter(plan__month__in=months, plan__state="approved", done_on=None, carried_from__done_on=None)


class ProposedStepQuerySet(ScopedQuerySet["ProposedStep"]):
    """Suggested steps."""

    def waiting(self, month: date) -> Self:
        """Those for ``month`` that no plan has taken yet."""
        return self.filter(month=month, taken_at=None)


class PlanCommentQuerySet(ScopedQuerySet["PlanComment"]):
    """Comments on lines of plans."""

    grid_path = "plan__grid"

    def open(self) -> Self:
        """Those that nobody has seen to yet."""
        return self.filter(settled_at=None)
