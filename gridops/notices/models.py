"""What a person is told, and the ways on which it reaches them: in the app, by e-mail, by webhook."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridops.notices.querysets import DeliveryQuerySet, NoticeQuerySet


class Way(models.TextChoices):
    """How a notice leaves the app."""

    EMAIL = "email", pgettext_lazy("way", "e-mail")
    WEBHOOK = "webhook", pgettext_lazy("way", "webhook")


class Notice(models.Model):
    """Something that a person should know, once: the ``key`` says what about. Never holds a subscriber's data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, help_text="see registry.KINDS")
    key = models.CharField(max_length=120)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="a path of ours")
    at = models.DateTimeField(_("when"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint("user", "key", name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_by_user"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at=None)),
        ]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return self.title


class Reach(models.Model):
    """How a person wants to be reached outside the app. Without a row: by e-mail, if they have an address."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reach")
    email_on = models.BooleanField(_("by e-mail"), default=True)
    webhook_on = models.BooleanField(_("by webhook"), default=False)
    webhook = models.CharField(_("address of the webhook"), max_length=500, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=time(21, 30))
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True, default=time(7, 30))
    digest_at = models.TimeField(
        _("all in one message a day, at"), null=True, blank=True, help_text=_("empty: each as it comes")
    )
    muted = models.JSONField(default=dict, blank=True, help_text="kind -> ways on which it is not sent")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reach_quiet_from_and_until",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def address(self, way: str) -> str:
        """Where ``way`` leads, if it is open; nothing: this person is not reached by it."""
        if way == Way.EMAIL:
            return self.user.email if self.email_on else ""
        return self.webhook if way == Way.WEBHOOK and self.webhook_on else ""

    def is_muted(self, kind: str, way: str) -> bool:
        """Whether the person does not want notices of ``kind`` by ``way``."""
        return way in self.muted.get(kind, ())


class Delivery(models.Model):
    """A notice on its way: claimed by a conditional update, tried again a few times, then failed and seen to be."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=10, choices=Way.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("notice", "way", name="delivery_once_per_way")]
        indexes = [models.Index(fields=["not_before"], name="delivery_waiting", condition=Q(state="waiting"))]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
