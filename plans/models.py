"""Targets handed down, the monthly plan with its splits and steps, and its review (S1, S2, S6, S7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent
from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from gridops.workbooks.models import ImportedRow
from plans.querysets import (
    ActionStepQuerySet,
    PlanQuerySet,
    ProposedStepQuerySet,
    TargetQuerySet,
    UnitTargetQuerySet,
)
from projects.models import Project


class Goals(models.Model):
    """The six goals of S1, as handed down or as planned. Utilisation is a number from 0 to 100."""

    installs = models.IntegerField(_("new installs"), null=True, blank=True)
    net_adds = models.IntegerField(_("net adds"), null=True, blank=True)
    renewals = models.PositiveIntegerField(_("renewals"), null=True, blank=True)
    port_utilisation = models.DecimalField(
        _("port utilisation (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    talks = models.PositiveIntegerField(_("new-project talks"), null=True, blank=True)
    new_outlets = models.PositiveIntegerField(_("new outlets"), null=True, blank=True)

    class Meta:
        abstract = True


GOALS = ("installs", "net_adds", "renewals", "port_utilisation", "talks", "new_outlets")


def goal_label(goal: str) -> str:
    """What people call a goal."""
    field: models.Field[Any, Any] = Plan._meta.get_field(goal)  # type: ignore[assignment]
    return str(field.verbose_name)


# What a share can be made of: the factors of S6, as people read them.
FACTOR_LABELS = {
    "existing": _("existing users"),
    "free_ports": _("free ports"),
    "unserved": _("occupied households not yet ours"),
    "adjustment": _("adjustment"),
}


class UnitTarget(Goals):
    """What a unit has to bring in a month, before it is split over its grids (O1). A grid's is a ``Target``."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="unit_targets", verbose_name=_("unit"))
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = UnitTargetQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "unit__name"]
        constraints = [
            models.UniqueConstraint("unit", "month", name="unit_target_once_per_month"),
            models.CheckConstraint(name="unit_target_month_first_day", condition=Q(month__day=1)),
        ]
        verbose_name = _("target of the unit")
        verbose_name_plural = _("targets of the units")

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m}"


class Target(Goals, ImportedRow):
    """What the unit hands down to a grid for a month (O1)."""

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="targets", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    by_hand = models.JSONField(
        default=list, db_default=[], blank=True, editable=False, help_text="goals that a split leaves as they are"
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "grid__name"]
        constraints = [
            models.UniqueConstraint("grid", "month", name="target_once_per_month"),
            models.CheckConstraint(name="target_month_first_day", condition=Q(month__day=1)),
        ]
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def __str__(self) -> str:
        return f"{self.grid} {self.month:%Y-%m}"


class Plan(Goals):
    """A grid's work plan for a month. Approved ones are locked; a change after that is a new revision (S1)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        SUPERSEDED = "superseded", _("superseded")

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="plans", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    revision_reason = models.CharField(_("reason for the revision"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.TextField(_("notes"), blank=True)
    handed_down = models.JSONField(
        default=dict, db_default={}, editable=False, help_text="goal -> the target that the plan has taken over"
    )
    shortfall = models.PositiveIntegerField(_("net adds that no project can hold"), default=0)
    drafted_at = models.DateTimeField(_("drafted"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "grid__name", "-revision"]
        constraints = [
            models.UniqueConstraint("grid", "month", "revision", name="plan_revision_once"),
            models.UniqueConstraint(
                "grid", "month", name="plan_one_in_work", condition=Q(state__in=["draft", "submitted", "returned"])
            ),
            models.UniqueConstraint("grid", "month", name="plan_one_approved", condition=Q(state="approved")),
            models.CheckConstraint(name="plan_month_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="plan_revision_has_reason", condition=Q(revision=1) | ~Q(revision_reason="")),
            models.CheckConstraint(
                name="plan_nobody_reviews_own",
                condition=Q(reviewed_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(reviewed_by=models.F("submitted_by")),
            ),
        ]
        verbose_name = _("monthly plan")
        verbose_name_plural = _("monthly plans")

    def __str__(self) -> str:
        return f"{self.grid} {self.month:%Y-%m}"

    @property
    def is_editable(self) -> bool:
        """Whether its manager may still change it."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)


class ProjectShare(models.Model):
    """What a project is to bring of the grid's net adds (S6)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="project_shares")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("project"))
    net_adds = models.IntegerField(_("net adds"))
    is_manual = models.BooleanField(_("set by hand"), default=False, db_default=False)
    adjustment = models.SmallIntegerField(
        _("adjustment"), default=0, db_default=0, help_text=_("points added to the project's weight, of 100 for all")
    )
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    why = models.JSONField(default=dict, help_text="factor -> what it contributed, in net adds")
    done = models.IntegerField(_("result"), null=True, blank=True)

    class Meta:
        ordering = ["project__code"]
        constraints = [models.UniqueConstraint("plan", "project", name="share_once_per_project")]

    @property
    def line(self) -> str:
        """Its name among the lines of a plan that can be commented on."""
        return f"share:{self.project_id}"


class AgentShare(models.Model):
    """How many expiring subscribers an agent is to keep; no agent: the manager's own pool (S7)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="agent_shares")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agent"))
    expiring = models.PositiveIntegerField(_("contracts expiring"))
    renewals = models.PositiveIntegerField(_("renewals"))

    class Meta:
        ordering = ["agent__code"]
        constraints = [models.UniqueConstraint("plan", Coalesce("agent", 0), name="share_once_per_agent")]

    @property
    def line(self) -> str:
        """Its name among the lines of a plan that can be commented on."""
        return f"agent:{self.agent_id or 0}"


class ActionStep(models.Model):
    """A step of the plan: what, where, who, by when, how it is measured (S1); carried over when unfinished (S2)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="steps")
    what = models.CharField(_("step"), max_length=200)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    who = models.CharField(_("person responsible"), max_length=60, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    measure = models.CharField(_("how it is measured"), max_length=120, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_note = models.CharField(_("what came of it"), max_length=200, blank=True, db_default="")
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    goal = models.CharField(
        max_length=20, blank=True, db_default="", editable=False, help_text="the goal that the month fell short of"
    )
    carried_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="carried_to")
    improvement = models.CharField(_("improvement measure"), max_length=300, blank=True)

    objects = ActionStepQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint("plan", "carried_from", name="carried_over_once"),
            models.UniqueConstraint(
                "plan", "goal", name="fell_short_once", condition=~Q(goal="") & Q(carried_from=None)
            ),
        ]
        verbose_name = _("action step")
        verbose_name_plural = _("action steps")

    def __str__(self) -> str:
        return self.what

    @property
    def line(self) -> str:
        """Its name among the lines of a plan that can be commented on."""
        return f"step:{self.pk}"


class ProposedStep(models.Model):
    """A step that an analysis suggests for a grid's plan of a month: in the plan, or waiting for its draft (P4, S1).

    ``taken_at`` says when it went into a plan; ``step`` is that step, gone when someone removed it there.
    """

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="proposed_steps", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    what = models.CharField(_("step"), max_length=200)
    measure = models.CharField(_("how it is measured"), max_length=120, blank=True)
    finding = models.CharField(max_length=40, blank=True, help_text=_("what stood out, as the analysis names it"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    taken_at = models.DateTimeField(_("taken into the plan"), null=True, blank=True)
    step = models.ForeignKey(ActionStep, models.SET_NULL, null=True, blank=True, related_name="proposals")

    objects = ProposedStepQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint("grid", "month", Coalesce("project", 0), "what", name="proposed_once"),
            models.UniqueConstraint(
                "grid", "month", Coalesce("project", 0), "finding",
                name="proposed_once_per_finding", condition=~Q(finding=""),
            ),
            models.CheckConstraint(name="proposed_month_first_day", condition=Q(month__day=1)),
        ]  # fmt: skip
        verbose_name = _("suggested step")
        verbose_name_plural = _("suggested steps")

    def __str__(self) -> str:
        return self.what


class Outcome(models.Model):
    """What became of a goal when its month was over, as settled into the plan (S2). Numbers, utilisation 0 to 100."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="outcomes")
    goal = models.CharField(max_length=20, choices=[(name, name) for name in GOALS])
    planned = models.DecimalField(_("planned"), max_digits=12, decimal_places=2)
    done = models.DecimalField(_("result"), max_digits=12, decimal_places=2, null=True, blank=True)
    source = models.CharField(max_length=20, blank=True, help_text="where the result was read, see results.Source")
    as_of = models.DateField(_("as of"), null=True, blank=True)
    missing = models.PositiveIntegerField(default=0, db_default=0, help_text="projects that had not reported")

    class Meta:
        constraints = [models.UniqueConstraint("plan", "goal", name="outcome_once_per_goal")]

    @property
    def label(self) -> str:
        """The goal's name."""
        return goal_label(self.goal)

    @property
    def source_title(self) -> str:
        """Where the result was read, in words."""
        from plans.results import source_title  # results reads plans, among others

        return source_title(self.source)

    @property
    def is_provisional(self) -> bool:
        """Whether figures may still come: some project, or the last days of the month, had not been reported."""
        complete = self.as_of is not None and self.as_of >= Month.of(self.plan.month).last
        return self.done is None or self.missing > 0 or not complete

    @property
    def short(self) -> Decimal:
        """What the result lacks of the plan; 0 when it is reached, or not known."""
        return max(self.planned - self.done, Decimal(0)) if self.done is not None else Decimal(0)


class PlanEvent(models.Model):
    """What was done with a plan, by whom, when, and why: never changed, never deleted.

    ``late`` of a plan taken back is that of the submission taken back: it no longer counts as handed in on time.
    """

    class Action(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        SUBMITTED = "submitted", _("submitted")
        WITHDRAWN = "withdrawn", _("taken back")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        REVISED = "revised", _("revised")
        SETTLED = "settled", _("settled")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="events")
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    late = models.BooleanField(_("late"), default=False)
    stands_in_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deputy of")
    )

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="plan_return_has_reason", condition=~Q(action__in=["returned", "revised"]) | ~Q(reason="")
            )
        ]


from plans.models_review import PlanComment, PlanVersion  # noqa: E402

__all__ = [
    "FACTOR_LABELS",
    "GOALS",
    "ActionStep",
    "AgentShare",
    "Goals",
    "Outcome",
    "Plan",
    "PlanComment",
    "PlanEvent",
    "PlanVersion",
    "ProjectShare",
    "ProposedStep",
    "Target",
    "UnitTarget",
    "goal_label",
]

auditlog.register(UnitTarget, exclude_fields=["version"])
auditlog.register(Target, exclude_fields=["version", "created_batch", "by_hand"])
auditlog.register(Plan, exclude_fields=["version", "handed_down"])
auditlog.register(ProjectShare, exclude_fields=["why"])  # follows from the rest
auditlog.register(ActionStep)
auditlog.register(ProposedStep)
