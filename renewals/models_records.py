"""What is kept about a subscriber beside the roster: earlier contracts, numbers that were tried, notes (N3)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.workbooks.models import Batch
from renewals.querysets_records import PastContractQuerySet, SubscriberNoteQuerySet, SubscriberNumberQuerySet


class PastContract(models.Model):
    """A contract as it was before the roster brought a later expiry. The running one stands on the subscriber."""

    subscriber = models.ForeignKey("renewals.Subscriber", models.CASCADE, db_index=False, related_name="past_contracts")
    expires_on = models.DateField(_("expires on"))
    product = models.CharField(_("product"), max_length=60, blank=True)
    speed_mbps = models.PositiveIntegerField(_("speed (Mbit/s)"), null=True, blank=True)
    monthly_fee = models.DecimalField(_("monthly fee (yuan)"), max_digits=8, decimal_places=2, null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced"), default=timezone.now)
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )

    objects = PastContractQuerySet.as_manager()

    class Meta:
        ordering = ["-expires_on"]
        constraints = [models.UniqueConstraint("subscriber", "expires_on", name="past_contract_once")]
        verbose_name = _("earlier contract")
        verbose_name_plural = _("earlier contracts")

    def __str__(self) -> str:
        return f"{self.subscriber} {self.expires_on}"


class SubscriberNumber(models.Model):
    """A phone number of a subscriber that people found right or wrong; it goes before the roster's.

    The number to call is the newest right one, else the roster's unless that one was found wrong.
    """

    subscriber = models.ForeignKey("renewals.Subscriber", models.CASCADE, db_index=False, related_name="numbers")
    phone = models.CharField(_("phone"), max_length=20)
    is_right = models.BooleanField(_("right"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    note = models.CharField(_("remark"), max_length=200, blank=True)

    objects = SubscriberNumberQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint("subscriber", "phone", name="number_once_per_subscriber")]
        indexes = [models.Index(fields=["phone"], name="number_by_phone", opclasses=["varchar_pattern_ops"])]
        verbose_name = _("number")
        verbose_name_plural = _("numbers")

    def __str__(self) -> str:
        return f"{self.subscriber_id}"


class SubscriberNote(models.Model):
    """Something worth knowing about a subscriber, as somebody wrote it down."""

    subscriber = models.ForeignKey("renewals.Subscriber", models.CASCADE, related_name="notes")
    text = models.CharField(_("note"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = SubscriberNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:40]
