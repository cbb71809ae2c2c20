"""Telling outlets and agents what is new: ticked off once, taken back within a day (C6, C7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from channels.choices import Way
from channels.models import Briefing, Meeting, Visit
from channels.querysets_campaigns import BriefingQuerySet
from gridops.accounts.models import User

UNTELL_WITHIN = timedelta(days=1)


@transaction.atomic
def told(
    briefings: BriefingQuerySet,
    way: str,
    by: User,
    now: datetime,
    *,
    visit: Visit | None = None,
    meeting: Meeting | None = None,
) -> int:
    """Tick off those of ``briefings`` that are still to be told; returns how many. What was told stands as it was.

    The caller answers for the scope of ``briefings``, and for ``visit`` or ``meeting`` being where it was said.
    """
    if way not in Way.values:
        raise ValidationError(_("Say how it was told."), code="way")
    # held in the order in which news takes the place of earlier news, so that neither waits for the other's rows
    held = list(
        Briefing.objects.filter(pk__in=briefings.order_by().values("pk"))
        .open()
        .select_for_update()
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    told_now = Briefing.objects.filter(pk__in=held).open()
    return told_now.update(told_at=now, told_by=by, way=way, visit=visit, meeting=meeting)


def may_untell(briefing: Briefing, by: User, now: datetime) -> bool:
    """Whether ``untell`` would let ``by`` do it."""
    return not why_not(briefing, by, now)


def why_not(briefing: Briefing, by: User, now: datetime) -> str:
    """Why it can't be taken back that something was told, in words; empty when it can."""
    if briefing.told_at is None or now - briefing.told_at > UNTELL_WITHIN:
        return _("What was told more than a day ago stays as it is.")
    if briefing.visit_id or briefing.meeting_id:
        return _("It was told at a visit or meeting; correct that one.")
    if briefing.told_by_id != by.pk and not by.scope.has("supervisor", "admin"):
        return _("Whoever told it takes it back, or a supervisor.")
    return ""


@transaction.atomic
def untell(briefing: Briefing, by: User, now: datetime) -> None:
    """Take back, within a day, that it was told; not what was told at a visit or meeting: that one is corrected."""
    held = Briefing.objects.select_for_update().get(pk=briefing.pk)
    if held.told_at is None:
        return
    if why := why_not(held, by, now):
        raise ValidationError(why)
    held.told_at, held.told_by, held.way = None, None, ""
    held.save(update_fields=["told_at", "told_by", "way"])
