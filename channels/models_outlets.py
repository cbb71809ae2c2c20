"""What stands in an outlet's file: how it was won, what it sold by month, who was trained in ordering (C9, C10)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import Stage
from channels.querysets_outlets import OutletMonthQuerySet, StageMoveQuerySet
from channels.querysets_trainings import OrderTrainingQuerySet
from gridops.workbooks.models import ImportedRow


class StageMove(models.Model):
    """A step on the way to winning a shop. Only ever added."""

    outlet = models.ForeignKey("channels.Outlet", models.CASCADE, db_index=False, related_name="moves")
    from_stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    on = models.DateField(_("day"))
    note = models.CharField(_("remark"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = StageMoveQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        indexes = [models.Index(fields=["outlet", "on"], name="stage_move_by_outlet")]
        verbose_name = _("step of winning an outlet")
        verbose_name_plural = _("steps of winning an outlet")

    def __str__(self) -> str:
        return f"{self.outlet} {self.get_stage_display()}"


class OutletMonth(ImportedRow):
    """What an outlet sold in a month and was paid, by the billing system's roster (C10)."""

    outlet = models.ForeignKey(
        "channels.Outlet", models.CASCADE, db_index=False, related_name="months", verbose_name=_("outlet")
    )
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    orders = models.PositiveIntegerField(_("orders taken"), null=True, blank=True)
    commission = models.DecimalField(
        _("commission paid (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = OutletMonthQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "outlet__code"]
        constraints = [
            models.UniqueConstraint("outlet", "month", name="outlet_month_once"),
            models.CheckConstraint(name="outlet_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month", "outlet"], name="outlet_month_by_month")]
        verbose_name = _("outlet's month")
        verbose_name_plural = _("outlets' months")

    def __str__(self) -> str:
        return f"{self.outlet} {self.month:%Y-%m}"


class OrderTraining(models.Model):
    """A person of an outlet was shown how to order by phone (96868), valid until a day (C9). Only ever added.

    ``person`` is a name, not a row: rosters replace the counter staff, what was learnt stays. The newest counts.
    """

    outlet = models.ForeignKey(
        "channels.Outlet", models.CASCADE, db_index=False, related_name="trainings", verbose_name=_("outlet")
    )
    person = models.CharField(_("person"), max_length=60)
    on = models.DateField(_("trained on"))
    valid_until = models.DateField(_("to be renewed by"))
    visit = models.ForeignKey("channels.Visit", models.PROTECT, null=True, blank=True, related_name="trainings")
    meeting = models.ForeignKey("channels.Meeting", models.PROTECT, null=True, blank=True, related_name="trainings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="recorded by mistake")

    objects = OrderTrainingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(name="training_valid_after", condition=Q(valid_until__gte=F("on"))),
            models.UniqueConstraint(
                "outlet", "person", "on", name="training_once_a_day", condition=Q(withdrawn_at__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["outlet", "person", "-on"], name="training_by_person")]
        verbose_name = _("training in ordering by phone")
        verbose_name_plural = _("trainings in ordering by phone")

    def __str__(self) -> str:
        return f"{self.outlet} {self.on}"


auditlog.register(OrderTraining)
auditlog.register(OutletMonth, exclude_fields=["version", "created_batch"])
