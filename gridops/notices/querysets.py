"""Named questions about notices and their deliveries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, Min, OuterRef, Q

from gridops.notices.rules import MAX_ATTEMPTS

if TYPE_CHECKING:
    from gridops.accounts.models import User
    from gridops.notices.models import Delivery, Notice


class NoticeQuerySet(models.QuerySet["Notice", "Notice"]):
    """Notices."""

    def for_user(self, user: User) -> Self:
        """A person's own, whatever their role."""
        return self.filter(user=user)

    def unread(self) -> Self:
        """Those that were not read yet."""
        return self.filter(read_at=None)

    def unread_first(self) -> Self:
        """Unread ones first, then the newest."""
        seen = ExpressionWrapper(Q(read_at__isnull=False), BooleanField())
        return self.annotate(seen=seen).order_by("seen", "-at", "-pk")

    def outlived(self, read_before: datetime, before: datetime) -> Self:
        """Read ones of a time before ``read_before``, and all of a time before ``before``."""
        return self.filter(Q(read_at__isnull=False, at__lt=read_before) | Q(at__lt=before))


class DeliveryQuerySet(models.QuerySet["Delivery", "Delivery"]):
    """Deliveries."""

    def due(self, now: datetime) -> Self:
        """Those that wait, whose time has come, and which nobody is sending."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), state="waiting", not_before__lte=now)

    def used_up(self, now: datetime) -> Self:
        """Due once more, but no attempt is left: each one's worker was lost."""
        return self.due(now).filter(attempts__gte=MAX_ATTEMPTS)

    def due_to(self, now: datetime, without: Collection[str] = ()) -> models.QuerySet[Any, tuple[int, str]]:
        """To whom and by which way something is due, who has waited longest first; ``without`` are ways left out."""
        rows = self.due(now).exclude(way__in=without).order_by().values("notice__user", "way")
        return rows.annotate(since=Min("not_before")).order_by("since").values_list("notice__user", "way")

    def ended(self) -> Self:
        """Sent, or failed for good."""
        return self.filter(state__in=["sent", "failed"])

    def latest_tried(self, user: User, way: str) -> Delivery | None:
        """The last one by ``way`` that was sent to ``user``, or at least tried."""
        return self.filter(notice__user=user, way=way, attempts__gt=0).order_by("-pk").first()

    def unreached(self, since: datetime) -> Self:
        """Notices since then that could not be sent, the newest first, unless something got through later."""
        later = self.model.objects.filter(
            notice__user=OuterRef("notice__user"), way=OuterRef("way"), state="sent", pk__gt=OuterRef("pk")
        )
        rows = self.filter(~Exists(later), state="failed", notice__at__gte=since)
        return rows.select_related("notice__user").order_by("-pk")
