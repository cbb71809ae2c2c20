"""Deciding on many plans at once: each by itself, under the same rules as one alone, with an answer for each (S1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from plans.models import Plan
from plans.services import Refused, approve, send_back

logger = logging.getLogger(__name__)
APPROVE, RETURN = "approve", "return"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one plan: decided, or why not."""

    plan: Plan
    refused: str = ""


def decide(
    chosen: Sequence[tuple[Plan, int]], by: User, decision: str, *, reason: str = "", now: datetime
) -> list[Decision]:
    """Approve or return each plan with the version that was seen; one that can't be decided keeps no other back."""
    made = []
    for plan, version in chosen:
        refused = ""
        try:
            if decision == APPROVE:
                approve(plan, version, by, now=now)
            else:
                send_back(plan, version, by, reason=reason, now=now)
        except Refused as refusal:
            refused = str(refusal)
        except DatabaseError:
            logger.exception("plan %s was not decided", plan.pk)
            refused = _("It could not be written down just now: please try again.")
        made.append(Decision(plan, refused))
    return made
