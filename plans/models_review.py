"""What a review leaves: the plan as it was handed in, each time, and comments on single lines of it (S1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.querysets import PlanCommentQuerySet


class PlanVersion(models.Model):
    """A plan as it was when it was handed in: never changed. ``content`` is what ``compare.content_of`` makes."""

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    content = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint("plan", "number", name="plan_version_once")]


class PlanComment(models.Model):
    """A remark on one line of a plan, until somebody marks it as seen to.

    ``line`` names the line: ``goal:net_adds``, ``share:<project>``, ``agent:<agent or 0>``, ``step:<step>``, ``note``.
    """

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="comments")
    line = models.CharField(max_length=40)
    text = models.CharField(_("comment"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    settled_at = models.DateTimeField(_("seen to"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlanCommentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["plan", "line"], name="comment_by_line")]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return self.text
