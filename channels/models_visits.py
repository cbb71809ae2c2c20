"""What is done for an outlet in a week: visits, calls, and the manager's round (C5 to C8)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import Piece
from channels.querysets_visits import (
    CallQuerySet,
    RoundQuerySet,
    RoundStopQuerySet,
    VisitCampaignQuerySet,
    VisitPhotoQuerySet,
    VisitQuerySet,
    VisitsStandError,
)

MOST_ORDERS = MaxValueValidator(10_000)
NEVER_ALONE = Q(longitude__isnull=True, latitude__isnull=True) | Q(longitude__isnull=False, latitude__isnull=False)


class Standing(models.Model):
    """Said once by somebody on a day. Never changed, never deleted: a later one corrects it (``corrects``).

    ``key`` is made on the phone: sent twice, it is kept once. A correction that only takes back is ``void``.
    ``by`` said it; ``first_by``, only of a correction, is who was there: corrected by another it stays theirs. So does
    ``first_recorded_at``: correcting hides no delay.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    first_recorded_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("remark"), max_length=500, blank=True)
    void = models.BooleanField(_("recorded by mistake"), default=False)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    why = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("of a correction"))

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; one that is there stands as it was said."""
        if not self._state.adding:
            raise VisitsStandError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise VisitsStandError

    @property
    def whose(self) -> Any:
        """Who was there, whoever said it last."""
        return self.first_by or self.by

    @property
    def first_said_at(self) -> datetime:
        """When it was recorded, whenever it was corrected since."""
        return self.first_recorded_at or self.recorded_at


class Visit(Standing):
    """The manager came to an outlet (C5): what was found, said, left.

    Places are degrees (WGS 84), distances metres. Of the yes-or-no questions None means: not looked at.
    """

    outlet = models.ForeignKey(
        "channels.Outlet", models.PROTECT, db_index=False, related_name="visits", verbose_name=_("outlet")
    )
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(null=True, blank=True, help_text=_("radius in metres"))
    distance_m = models.PositiveIntegerField(_("distance from the shop (m)"), null=True, blank=True)
    far_reason = models.CharField(_("why so far from the shop"), max_length=200, blank=True)
    orders = models.PositiveIntegerField(
        _("orders since the last visit"), null=True, blank=True, validators=[MOST_ORDERS]
    )
    commission = models.DecimalField(
        _("commission received since the last visit (yuan)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    knows_manager = models.BooleanField(_("counter staff know the manager's name and number"), null=True, blank=True)
    knows_projects = models.BooleanField(_("counter staff know the projects around"), null=True, blank=True)
    sign = models.BooleanField(Piece.SIGN.label, null=True, blank=True)
    banner = models.BooleanField(Piece.BANNER.label, null=True, blank=True)
    x_stand = models.BooleanField(Piece.X_STAND.label, null=True, blank=True)
    leaflets = models.BooleanField(Piece.LEAFLETS.label, null=True, blank=True)
    posters = models.BooleanField(Piece.POSTERS.label, null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    facts: Any = ()  # set for lists: what stands out

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="visit_place_is_whole", condition=NEVER_ALONE),
            models.CheckConstraint(name="visit_void_corrects", condition=Q(void=False) | Q(corrects__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["outlet", "at"], name="visit_by_outlet"),
            models.Index(fields=["by", "at"], name="visit_by_author"),
            models.Index(fields=["first_by", "at"], name="visit_by_first", condition=Q(first_by__isnull=False)),
        ]
        verbose_name = _("outlet visit")
        verbose_name_plural = _("outlet visits")

    def __str__(self) -> str:
        return f"{self.outlet} {timezone.localdate(self.at)}"

    @property
    def five(self) -> list[bool | None]:
        """The five ones, in the handbook's order (C8)."""
        return [getattr(self, piece) for piece in Piece.values]

    @property
    def present(self) -> int | None:
        """How many of the five ones were there; None: nobody looked."""
        looked = [one for one in self.five if one is not None]
        return sum(looked) if looked else None


class VisitCampaign(models.Model):
    """Whether an outlet knew a campaign when it was visited: its commission and selling points (C7)."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="campaigns")
    campaign = models.ForeignKey("channels.Campaign", models.PROTECT, related_name="asked")
    owner_knows = models.BooleanField(_("the owner knows it"), null=True, blank=True)
    staff_know = models.BooleanField(_("the staff know it"), null=True, blank=True)

    objects = VisitCampaignQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("visit", "campaign", name="campaign_once_per_visit")]


class VisitPhoto(models.Model):
    """A photo of a visit, of one of the five ones or of the shop; re-encoded, nothing of the camera is kept."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    piece = models.CharField(max_length=10, choices=Piece.choices, blank=True)
    image = models.FileField(upload_to="visits/%Y/%m/")
    small = models.FileField(upload_to="visits/%Y/%m/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class Call(Standing):
    """A phone call to an outlet (C5). One that reached nobody is kept, but doesn't count as done."""

    outlet = models.ForeignKey(
        "channels.Outlet", models.PROTECT, db_index=False, related_name="calls", verbose_name=_("outlet")
    )
    reached = models.BooleanField(_("somebody was spoken to"))

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="call_void_corrects", condition=Q(void=False) | Q(corrects__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["outlet", "at"], name="call_by_outlet"),
            models.Index(fields=["by", "at"], name="call_by_author"),
        ]
        verbose_name = _("outlet call")
        verbose_name_plural = _("outlet calls")

    def __str__(self) -> str:
        return f"{self.outlet} {timezone.localdate(self.at)}"


class Round(models.Model):
    """A person's round of a day: which outlets, in which order (C5). One a person and day."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="rounds")
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("starts at"))
    budget_minutes = models.PositiveIntegerField(_("time (minutes)"))
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint("by", "day", name="round_once_a_day"),
            models.CheckConstraint(name="round_place_is_whole", condition=NEVER_ALONE),
        ]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")

    def __str__(self) -> str:
        return f"{self.day}"


class RoundStop(models.Model):
    """An outlet on a round. ``arrives_at`` and ``distance_m`` (from the stop before) are as proposed.

    ``fixed``: put there by hand; it stays when the rest is proposed again.
    """

    round = models.ForeignKey(Round, models.CASCADE, db_index=False, related_name="stops")
    outlet = models.ForeignKey("channels.Outlet", models.CASCADE, related_name="stops")
    position = models.PositiveSmallIntegerField()
    arrives_at = models.TimeField(null=True, blank=True)
    distance_m = models.PositiveIntegerField(null=True, blank=True)
    fixed = models.BooleanField(default=False)

    objects = RoundStopQuerySet.as_manager()

    class Meta:
        ordering = ["round", "position"]
        constraints = [models.UniqueConstraint("round", "outlet", name="stop_once_per_round")]
        indexes = [models.Index(fields=["round", "position"], name="stop_by_round")]
