"""What rivals offer in our projects, seen when and where, and what we answer: a history, not just the latest (P3)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.workbooks.models import ImportedRow
from projects.querysets_rivals import CounterMeasureQuerySet, OperatorQuerySet, RivalOfferQuerySet, RivalPhotoQuerySet


class Operator(models.Model):
    """A rival that has a column of its own in the ledger of rivals (P3); which there are is data, edited by admins."""

    name = models.CharField(_("operator"), max_length=20, unique=True)
    position = models.PositiveSmallIntegerField(_("place in the order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("operator")
        verbose_name_plural = _("operators")

    def __str__(self) -> str:
        return self.name


class RivalOffer(ImportedRow):
    """What an operator was seen to offer in a project on a day. Empty text: seen to offer nothing any more.

    ``seen_again_on`` is the last day on which it was found unchanged.
    """

    class Kind(models.TextChoices):
        TARIFF = "tariff", _("products and tariffs")
        PROMOTION = "promotion", _("promotion")
        PUBLICITY = "publicity", _("publicity")
        NETWORK = "network", _("change of network")

    class Source(models.TextChoices):
        RESIDENT = "resident", _("resident")
        POSTER = "poster", _("poster or leaflet")
        SHOP = "shop", _("rival's shop or stall")
        AGENT = "agent", _("agent")
        PROPERTY = "property", _("property company")
        ONLINE = "online", _("online")
        OTHER = "other", _("other")

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, db_index=False, related_name="rival_offers", verbose_name=_("project")
    )
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="offers", verbose_name=_("operator"))
    seen_on = models.DateField(_("seen on"))
    seen_again_on = models.DateField(_("seen again on"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TARIFF, db_default="tariff")
    text = models.CharField(_("what they offer"), max_length=500, blank=True)
    monthly_fee = models.DecimalField(_("monthly fee (yuan)"), max_digits=8, decimal_places=2, null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, blank=True)
    answer = models.CharField(_("our answer"), max_length=500, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = RivalOfferQuerySet.as_manager()

    removable = False  # set for pages: whether its reader may take it back

    class Meta:
        ordering = ["-seen_on", "-pk"]
        indexes = [
            models.Index(fields=["project", "operator", "-seen_on", "-id"], name="offer_latest"),
            models.Index(fields=["-seen_on", "-id"], name="offer_by_day"),
        ]
        constraints = [
            models.CheckConstraint(name="offer_answer_has_day", condition=Q(answered_on__isnull=True) | ~Q(answer=""))
        ]
        verbose_name = _("rival's offer")
        verbose_name_plural = _("rivals' offers")

    def __str__(self) -> str:
        return f"{self.operator} {self.seen_on}"


class RivalPhoto(models.Model):
    """A photo of an offer; re-encoded, so that nothing of the camera is kept."""

    offer = models.ForeignKey(RivalOffer, models.CASCADE, related_name="photos")
    image = models.FileField(upload_to="rivals/%Y/%m/")
    small = models.FileField(upload_to="rivals/%Y/%m/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = RivalPhotoQuerySet.as_manager()

    removable = False  # set for pages: whether its reader may take it back

    class Meta:
        ordering = ["pk"]


class CounterMeasure(ImportedRow):
    """What we suggest against a project's rivals (建议应对措施, P3), from a day until the next one."""

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, db_index=False, related_name="counter_measures", verbose_name=_("project")
    )
    noted_on = models.DateField(_("noted on"))
    text = models.CharField(_("suggested measure"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = CounterMeasureQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_on", "-pk"]
        indexes = [models.Index(fields=["project", "-noted_on", "-id"], name="measure_latest")]
        verbose_name = _("suggested measure")
        verbose_name_plural = _("suggested measures")

    def __str__(self) -> str:
        return f"{self.project} {self.noted_on}"

    @property
    def state(self) -> str:
        """Which one it is, as it stands: other after each change."""
        return f"{self.pk}-{self.version}"


auditlog.register(Operator)
auditlog.register(RivalOffer, exclude_fields=["version", "created_batch", "recorded_at"])
auditlog.register(RivalPhoto, include_fields=["offer", "image", "by"])
auditlog.register(CounterMeasure, exclude_fields=["version", "created_batch", "recorded_at"])
