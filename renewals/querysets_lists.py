"""Named questions about the specialist's list, differences and filled lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models_lists import Difference, ReturnedLine, SpecialistLine


class SpecialistLineQuerySet(ScopedQuerySet["SpecialistLine"]):
    """Rows of the specialist's list."""

    grid_path = "project__grid"


class DifferenceQuerySet(ScopedQuerySet["Difference"]):
    """Differences."""

    grid_path = "project__grid"


class ReturnedLineQuerySet(ScopedQuerySet["ReturnedLine"]):
    """Rows of filled lists."""

    grid_path = "contact__warning__warning_list__grid"
