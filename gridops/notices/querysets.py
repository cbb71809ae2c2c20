"""Named questions about notices and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

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


class DeliveryQuerySet(models.QuerySet["Delivery", "Delivery"]):
    """Deliveries."""

    def due(self, now: datetime) -> Self:
        """Those that wait, whose time has come, and which nobody is sending."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), state="waiting", not_before__lte=now)
