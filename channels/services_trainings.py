"""Trainings in ordering by phone, recorded for several people at once, withdrawn when recorded by mistake (C9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Meeting, OrderTraining, Outlet, Visit
from channels.rules_trainings import valid_until
from gridops.accounts.models import User
from gridops.accounts.rulebook import rule
from gridops.common.forms import without_nul

NAME_LENGTH = 60
BACK = timedelta(days=366)


def trained(
    outlet: Outlet,
    people: Iterable[str],
    on: date,
    by: User,
    *,
    visit: Visit | None = None,
    meeting: Meeting | None = None,
    now: datetime,
) -> list[OrderTraining]:
    """``people`` of ``outlet`` were shown how to order by phone on ``on``; whoever was recorded for that day stays."""
    _demand_day(on, timezone.localdate(now))
    names = sorted({name for person in people if (name := _name(person))})
    until = valid_until(on, rule("training_months", outlet.grid.unit))
    rows = [
        OrderTraining(outlet=outlet, person=name, on=on, valid_until=until, visit=visit, meeting=meeting, by=by, at=now)
        for name in names
    ]
    with transaction.atomic():
        # whoever records the same at the same moment: one of the two is kept
        OrderTraining.objects.bulk_create(rows, ignore_conflicts=True)
        return list(OrderTraining.objects.standing().filter(outlet=outlet, person__in=names, on=on))


def withdraw(training: OrderTraining, now: datetime) -> None:
    """It was recorded by mistake: what counted before counts again."""
    with transaction.atomic():
        held = OrderTraining.objects.select_for_update(no_key=True).get(pk=training.pk)
        if held.withdrawn_at is None:
            held.withdrawn_at = now
            held.save(update_fields=["withdrawn_at"])


def _name(text: str) -> str:
    name = " ".join(without_nul(text).split())
    if len(name) > NAME_LENGTH:
        raise ValidationError({"people": _("This is too long: at most %(count)s characters.") % {"count": NAME_LENGTH}})
    return name


def _demand_day(on: date, today: date) -> None:
    if on > today:
        raise ValidationError({"on": _("A training is recorded once it was given.")})
    if on < today - BACK:
        raise ValidationError({"on": _("This day is more than a year ago.")})
