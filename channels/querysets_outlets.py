"""Named questions about what stands in an outlet's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models_outlets import OutletMonth, StageMove


class StageMoveQuerySet(ScopedQuerySet["StageMove"]):
    """Steps of winning outlets."""

    grid_path = "outlet__grid"


class OutletMonthQuerySet(ScopedQuerySet["OutletMonth"]):
    """Outlets' months."""

    grid_path = "outlet__grid"
