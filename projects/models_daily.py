"""What the running month has brought so far, day by day: the unit's daily report (日通报), or what people note."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.workbooks.models import ImportedRow
from projects.querysets_daily import DailyResultQuerySet


class DailyResult(ImportedRow):
    """A project's figures of the month up to and with ``day``: each counts from the month's first day.

    ``ports_used`` is what was in use on the day. A day without a row, and a field without a value, is not known.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, db_index=False, related_name="daily_results", verbose_name=_("project")
    )
    day = models.DateField(_("day"))
    installs = models.IntegerField(_("new installs"), null=True, blank=True)
    net_adds = models.IntegerField(_("net adds"), null=True, blank=True)
    renewals = models.PositiveIntegerField(_("renewals"), null=True, blank=True)
    ports_used = models.PositiveIntegerField(_("ports in use"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = DailyResultQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "project__code"]
        constraints = [
            models.UniqueConstraint("project", "day", name="daily_result_once"),
            models.CheckConstraint(
                name="daily_result_says_something",
                condition=Q(installs__isnull=False)
                | Q(net_adds__isnull=False)
                | Q(renewals__isnull=False)
                | Q(ports_used__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["day", "project"], name="daily_result_by_day")]
        verbose_name = _("result of a day")
        verbose_name_plural = _("results of days")

    def __str__(self) -> str:
        return f"{self.project} {self.day}"
