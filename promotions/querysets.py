"""Named questions about promotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from promotions.models import Session


class SessionQuerySet(ScopedQuerySet["Session"]):
    """Promotion sessions."""
