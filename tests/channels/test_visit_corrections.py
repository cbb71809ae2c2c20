"""Visits and calls are corrected by a later one: who may, why, and what becomes of what came with them (C5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Call, Matter, OrderTraining, Outlet, Visit
from channels.rules_visits import Raised, Said
from channels.services_corrections import chain_of, correct_call, correct_visit
from channels.services_visits import record_call, record_visit
from gridops.accounts.models import User
from tests import factories_channels as make

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture
def visit(outlet: Outlet, manager: User) -> Visit:
    """A visit with a matter and a training."""
    outlet.staff.create(name="小李")
    said = Said(at=timezone.now(), orders=3, trained=["小李"], matters=[Raised("problem", "缺单页")])
    return record_visit(outlet, said, manager).visit


def test_a_correction_is_a_later_row_and_the_first_stays(visit: Visit, manager: User) -> None:
    now = timezone.now()
    said = Said(at=visit.at, orders=5, trained=["小李"])
    later = correct_visit(visit, said, manager, "", now).visit
    assert (later.corrects, later.orders, Visit.objects.effective().get()) == (visit, 5, later)
    assert correct_visit(visit, said, manager, "", now).again
    assert OrderTraining.objects.standing().get().visit == visit
    assert Matter.objects.get().visit == visit
    assert chain_of(later) == chain_of(visit) == [visit, later]


def test_ones_own_is_put_right_within_a_day_later_or_by_others_with_a_reason(
    visit: Visit, manager: User, supervisor: User
) -> None:
    now = timezone.now()
    late = now + timedelta(days=1, minutes=1)
    for by, moment in ((manager, late), (supervisor, now)):
        with pytest.raises(ValidationError) as fault:
            correct_visit(visit, Said(at=visit.at), by, " ", moment)
        assert set(fault.value.message_dict) == {"why"}
    later = correct_visit(visit, Said(at=visit.at), supervisor, "单数有误", late).visit
    assert (later.by, later.whose) == (supervisor, manager)
    assert later in Visit.objects.of_people([manager.pk])
    assert later not in Visit.objects.of_people([supervisor.pk])


def test_only_what_was_said_last_is_corrected(visit: Visit, manager: User) -> None:
    now = timezone.now()
    back = correct_visit(visit, None, manager, "", now).visit
    assert back.void
    assert not Visit.objects.effective().exists()
    for one in (visit, back):
        with pytest.raises(ValidationError):
            correct_visit(one, Said(at=visit.at), manager, "", now)


def test_trainings_that_are_no_longer_said_are_withdrawn_and_matters_stay(visit: Visit, manager: User) -> None:
    correct_visit(visit, None, manager, "", timezone.now())
    assert not OrderTraining.objects.standing().exists()
    assert Matter.objects.count() == 1


def test_who_was_trained_stays_trained_though_the_roster_knows_them_no_more(visit: Visit, manager: User) -> None:
    visit.outlet.staff.all().delete()
    correct_visit(visit, Said(at=visit.at, trained=["小李"]), manager, "", timezone.now())
    assert OrderTraining.objects.standing().get().person == "小李"


def test_a_correction_does_not_move_a_visit_behind_its_recording(visit: Visit, manager: User) -> None:
    now = visit.recorded_at + timedelta(hours=5)
    with pytest.raises(ValidationError) as fault:
        correct_visit(visit, Said(at=now), manager, "", now)
    assert set(fault.value.message_dict) == {"at"}


def test_the_place_of_a_visit_stays_as_it_was_told(outlet: Outlet, manager: User) -> None:
    first = make.make_visit(outlet, manager, longitude="121.47", latitude="31.23", distance_m=900, far_reason="展会")
    first.refresh_from_db()
    later = correct_visit(first, replace(Said(at=first.at), far_reason="x"), manager, "", timezone.now()).visit
    assert (later.longitude, later.distance_m, later.far_reason) == (first.longitude, 900, "展会")


def test_a_call_is_corrected_and_taken_back(outlet: Outlet, manager: User) -> None:
    now = timezone.now()
    call = record_call(outlet, uuid.uuid4(), True, now, "", manager, now).call
    key = uuid.uuid4()
    later = correct_call(call, False, call.at, "没人接", manager, "", now, key=key).call
    assert correct_call(call, False, call.at, "没人接", manager, "", now, key=key).again
    assert Call.objects.effective().get() == later
    correct_call(later, None, call.at, "", manager, "", now, key=uuid.uuid4())
    assert not Call.objects.effective().exists()


def test_the_page_of_a_visit_shows_what_a_correction_changed(
    client_of: ClientOf, visit: Visit, manager: User, supervisor: User, colleague: User
) -> None:
    url = reverse("channels:visit-correct", args=[visit.pk])
    client, form = (
        client_of(supervisor),
        {"orders": "5", "trained": "小李", "at": f"{timezone.localtime(visit.at):%Y-%m-%dT%H:%M}"},
    )
    assert client.get(url).status_code == 200
    assert client.post(url, form).status_code == 422
    answer: Any = client.post(url, form | {"why": "单数有误"}, follow=True)
    assert "<del>3</del> → 5" in answer.content.decode()
    later = Visit.objects.effective().get()
    assert later.at == visit.at
    assert "单数有误" in client_of(manager).get(reverse("channels:visit", args=[visit.pk])).content.decode()
    assert client_of(colleague).get(url).status_code == 404


@pytest.mark.parametrize("model", [Visit, Call])
def test_the_database_refuses_to_change_what_was_said_whoever_asks(
    visit: Visit, manager: User, model: type[Visit] | type[Call]
) -> None:
    """A table that a migration makes anew on SQLite loses its trigger: then that migration has to make it again."""
    record_call(visit.outlet, uuid.uuid4(), True, timezone.now(), "", manager, timezone.now())
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {field.column} = {field.column}")
