"""Trainings in ordering by phone: who was shown it, until when it holds (C9)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from channels.models import OrderTraining, Outlet, OutletStaff
from channels.parts_trainings import outlet_part, people
from channels.rules_trainings import DUE, NEVER, OVERDUE, VALID, Learner, valid_until
from channels.services_trainings import trained, withdraw
from gridops.accounts.models import User

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.mark.parametrize(
    ("on", "months", "until"), [(date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2026, 1, 15), 6, date(2026, 7, 15))]
)
def test_what_was_learnt_holds_to_the_same_day_of_a_later_month(on: date, months: int, until: date) -> None:
    assert valid_until(on, months) == until


@pytest.mark.parametrize(("days", "standing"), [(None, NEVER), (-1, OVERDUE), (0, DUE), (14, DUE), (15, VALID)])
def test_a_training_is_due_two_weeks_before_it_ends(days: int | None, standing: str) -> None:
    until = None if days is None else TODAY + timedelta(days=days)
    assert Learner("李", valid_until=until).standing(TODAY) == standing


def test_several_people_are_recorded_at_once_and_nobody_twice_a_day(outlet: Outlet, manager: User) -> None:
    trained(outlet, ["王一", " 王二 ", ""], TODAY, manager, now=NOW)
    rows = trained(outlet, ["王一", "王三"], TODAY, manager, now=NOW)
    assert {row.person for row in rows} == {"王一", "王三"}
    assert OrderTraining.objects.count() == 3


def test_nobody_is_trained_in_the_future(outlet: Outlet, manager: User) -> None:
    with pytest.raises(ValidationError):
        trained(outlet, ["王一"], TODAY + timedelta(days=1), manager, now=NOW)


def test_the_newest_training_counts_and_what_was_recorded_by_mistake_does_not(outlet: Outlet, manager: User) -> None:
    OutletStaff.objects.create(outlet=outlet, name="王一")
    before, today = (trained(outlet, ["王一"], TODAY - timedelta(days=n), manager, now=NOW)[0] for n in (90, 0))
    assert people([outlet])[outlet.pk][-1].training == today.pk
    withdraw(today, NOW)
    assert people([outlet])[outlet.pk][-1].training == before.pk
    trained(outlet, ["王一"], TODAY, manager, now=NOW)
    assert people([outlet])[outlet.pk][-1].trained_on == TODAY


def test_the_owner_counts_among_those_who_are_to_be_trained(outlet: Outlet, manager: User) -> None:
    outlet.owner_name = "店老板"
    OutletStaff.objects.create(outlet=outlet, name="王一")
    trained(outlet, ["王一"], TODAY, manager, now=NOW)
    part: dict[str, Any] = outlet_part(manager, outlet, TODAY)
    assert [(learner.name, standing) for learner, standing in part["learners"]] == [("店老板", NEVER), ("王一", VALID)]
    assert (part["due"], part["may_record"]) == (1, True)
