"""Named questions about new projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from projects.models_prospects import Preparation, Prospect, ProspectTalk


class ProspectQuerySet(ScopedQuerySet["Prospect"]):
    """New projects."""


class ProspectTalkQuerySet(ScopedQuerySet["ProspectTalk"]):
    """Talks about new projects."""

    grid_path = "prospect__grid"


class PreparationQuerySet(ScopedQuerySet["Preparation"]):
    """Preparation steps."""

    grid_path = "prospect__grid"
