"""Named questions about a month's counts and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models_follow import DayTally, LossTally, RenewalTask, Tally


class TallyQuerySet(ScopedQuerySet["Tally"]):
    """Tallies."""

    grid_path = "warning_list__grid"


class DayTallyQuerySet(ScopedQuerySet["DayTally"]):
    """Days."""

    grid_path = "warning_list__grid"


class LossTallyQuerySet(ScopedQuerySet["LossTally"]):
    """Reasons of loss."""

    grid_path = "warning_list__grid"


class RenewalTaskQuerySet(ScopedQuerySet["RenewalTask"]):
    """Tasks."""

    grid_path = "grid"
