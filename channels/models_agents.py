"""What stands in an agent's file beside staff and projects: contracts, and how projects changed hands."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.querysets_agents import ContractQuerySet, OwnerChangeQuerySet
from gridops.accounts.models import Unit
from projects.models import Project


class Contract(models.Model):
    """An agent's contract with a unit, from a day until a day, both included. ``file`` is the signed paper."""

    agent = models.ForeignKey(
        "channels.Agent", models.CASCADE, db_index=False, related_name="contracts", verbose_name=_("agent")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="agent_contracts", verbose_name=_("unit"))
    number = models.CharField(_("contract number"), max_length=40)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    note = models.CharField(_("remark"), max_length=300, blank=True)
    file = models.FileField(_("file"), upload_to="contracts/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.UniqueConstraint("agent", "number", name="contract_number_once_per_agent"),
            models.CheckConstraint(name="contract_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["unit", "ends_on"], name="agent_contract_by_end")]
        verbose_name = _("agent contract")
        verbose_name_plural = _("agent contracts")

    def __str__(self) -> str:
        return self.number


class OwnerChange(models.Model):
    """A project given to another agent by hand, from a day on; ``to_agent`` None: to nobody, the manager's own pool.

    One for a day to come waits (``done_at`` None), and ownership and open work stay as they are until then. ``moved``
    says how much open work went along, by the name of the hook that moved it.
    """

    project = models.ForeignKey(
        Project, models.CASCADE, db_index=False, related_name="owner_changes", verbose_name=_("project")
    )
    from_agent = models.ForeignKey(
        "channels.Agent", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("agent before")
    )
    to_agent = models.ForeignKey(
        "channels.Agent", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("new agent")
    )
    starts_on = models.DateField(_("from"))
    why = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    moved = models.JSONField(default=dict, blank=True)

    objects = OwnerChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint("project", name="owner_change_waits_once", condition=Q(done_at__isnull=True))
        ]
        indexes = [
            models.Index(fields=["project", "-made_at"], name="owner_change_by_project"),
            models.Index(fields=["starts_on"], name="owner_change_waiting", condition=Q(done_at__isnull=True)),
        ]
        verbose_name = _("change of owner")
        verbose_name_plural = _("changes of owner")

    def __str__(self) -> str:
        return f"{self.project} {self.starts_on}"


auditlog.register(Contract, exclude_fields=["version"])
