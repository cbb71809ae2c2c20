"""Telling outlets and agents what is new: ticked off once, taken back within a day (C6, C7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

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


def untell(briefing: Briefing, by: User, now: datetime) -> None:
    """Take back, within a day, that it was told; not what was told at a visit or meeting: that one is corrected."""
    with transaction.atomic():
        held = Briefing.objects.select_for_update().get(pk=briefing.pk)
        if held.told_at is None:
            return
        if now - held.told_at > UNTELL_WITHIN:
            raise ValidationError(_("What was told more than a day ago stays as it is."), code="late")
        if held.visit_id or held.meeting_id:
            raise ValidationError(_("It was told at a visit or meeting; correct that one."), code="elsewhere")
        if held.told_by_id != by.pk and not by.scope.has("supervisor", "admin"):
            raise ValidationError(_("Whoever told it takes it back, or a supervisor."), code="whose")
        held.told_at, held.told_by, held.way = None, None, ""
        held.save(update_fields=["told_at", "told_by", "way"])
