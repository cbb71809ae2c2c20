"""Visits and calls: recorded once, what may be said, what comes with them (C5 to C9)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from channels.models import Call, Matter, OrderTraining, Outlet, Visit, VisitPhoto
from channels.rules_visits import Known, Raised, Said
from channels.services_visits import record_call, record_visit
from gridops.accounts.models import Grid, User
from tests import factories
from tests import factories_channels as make

pytestmark = pytest.mark.django_db


def said(**fields: Any) -> Said:
    """A visit just now."""
    return Said(**({"at": timezone.now()} | fields))


def refused(outlet: Outlet, by: User, now: datetime | None = None, **fields: Any) -> set[str]:
    """The fields at which a visit is refused; nothing of it is kept."""
    with pytest.raises(ValidationError) as fault:
        record_visit(outlet, said(**fields), by, now=now)
    assert not Visit.objects.exists()
    return set(fault.value.message_dict)


def placed(outlet: Outlet) -> Outlet:
    """``outlet``, in the middle of Shanghai."""
    Outlet.objects.filter(pk=outlet.pk).update(longitude="121.473700", latitude="31.230400")
    outlet.refresh_from_db()
    return outlet


def test_the_same_key_sent_again_is_one_visit(outlet: Outlet, manager: User) -> None:
    one = said(orders=3, commission=Decimal("12.5"), sign=True, matters=[Raised("problem", "缺宣传单")])
    first = record_visit(outlet, one, manager)
    again = record_visit(outlet, one, manager)
    assert (first.again, again.again, again.visit) == (False, True, first.visit)
    assert Visit.objects.count() == Matter.objects.count() == 1


@pytest.mark.parametrize("change", [{"orders": 4}, {"note": "x"}, {"matters": [Raised("problem", "别的")]}])
def test_other_content_under_the_same_key_is_refused(outlet: Outlet, manager: User, change: dict[str, Any]) -> None:
    one = said(orders=3)
    record_visit(outlet, one, manager)
    with pytest.raises(ValidationError):
        record_visit(outlet, said(key=one.key, at=one.at, **({"orders": 3} | change)), manager)
    assert Visit.objects.count() == 1


def test_a_key_is_not_taken_to_another_outlet(outlet: Outlet, grid: Grid, manager: User) -> None:
    one = said()
    record_visit(outlet, one, manager)
    with pytest.raises(ValidationError):
        record_visit(factories.make_outlet(grid), one, manager)


def test_a_visit_is_not_yet_to_come_nor_long_ago(outlet: Outlet, manager: User) -> None:
    now = timezone.now()
    assert refused(outlet, manager, now, at=now + timedelta(minutes=3)) == {"at"}
    assert refused(outlet, manager, now, at=now - timedelta(days=7, minutes=1)) == {"at"}
    ahead = record_visit(outlet, said(at=now + timedelta(minutes=1)), manager, now=now)
    assert ahead.visit.at == now  # a telephone's clock is a little ahead


def test_far_from_the_shop_asks_why_and_does_not_block(outlet: Outlet, manager: User) -> None:
    shop = placed(outlet)
    there: dict[str, Any] = {"longitude": Decimal("121.4787"), "latitude": Decimal("31.2304")}  # some 475 m to the east
    assert refused(shop, manager, **there, accuracy_m=20) == {"far_reason"}
    unsure = record_visit(shop, said(**there, accuracy_m=200), manager)
    told = record_visit(shop, said(**there, accuracy_m=20, far_reason="店主在小区门口"), manager)
    assert 470 < (unsure.visit.distance_m or 0) == told.visit.distance_m < 480  # type: ignore[operator]


def test_all_of_a_visit_is_kept_with_it(outlet: Outlet, manager: User) -> None:
    outlet.staff.create(name="小李")
    campaign, briefing = (
        make.make_campaign(manager),
        make.make_briefing(outlet=outlet, about={"project": outlet.nearby_projects.get()}),
    )
    kept = record_visit(
        outlet,
        said(
            campaigns=[Known(campaign.pk, owner=True, staff=False)],
            told=[briefing.pk],
            trained=["小李"],
            matters=[Raised("support", "要两个X展架")],
        ),
        manager,
    ).visit
    briefing.refresh_from_db()
    assert (briefing.visit, briefing.way, briefing.told_by) == (kept, "visit", manager)
    assert OrderTraining.objects.get().visit == Matter.objects.get().visit == kept
    assert kept.campaigns.get().staff_know is False


def test_what_is_not_this_outlets_is_refused_and_nothing_is_kept(
    outlet: Outlet, foreign_grid: Grid, manager: User
) -> None:
    other = factories.make_outlet(foreign_grid)
    own, foreign = make.make_campaign(manager), make.make_campaign(manager, foreign_grid.unit)
    project = outlet.nearby_projects.get()
    news = [make.make_briefing(outlet=one, about={"project": project}) for one in (outlet, other)]
    asked = [Known(own.pk, owner=True), Known(foreign.pk, owner=True)]
    wrong = refused(
        outlet,
        manager,
        campaigns=asked,
        told=[one.pk for one in news],
        trained=["谁"],
        matters=[Raised("problem", "x")],
    )
    assert wrong == {f"campaign_{foreign.pk}_owner", "told", "trained"}
    assert not Matter.objects.exists()
    news[0].refresh_from_db()
    assert news[0].told_at is None


def test_nothing_is_recorded_of_an_outlet_that_is_not_active(outlet: Outlet, manager: User) -> None:
    Outlet.objects.filter(pk=outlet.pk).update(is_active=False)
    with pytest.raises(ValidationError):
        record_visit(outlet, said(), manager)
    with pytest.raises(ValidationError):
        record_call(outlet, uuid.uuid4(), True, timezone.now(), "", manager)
    assert not Visit.objects.exists()
    assert not Call.objects.exists()


def test_a_call_is_recorded_once(outlet: Outlet, manager: User) -> None:
    key, at = uuid.uuid4(), timezone.now()
    first, again = (record_call(outlet, key, True, at, "缺货", manager) for _time in range(2))
    assert (first.again, again.again, Call.objects.count()) == (False, True, 1)
    with pytest.raises(ValidationError):
        record_call(outlet, key, False, at, "缺货", manager)


def test_more_photos_of_one_piece_than_one_are_refused(outlet: Outlet, manager: User) -> None:
    photo: Any = None
    with pytest.raises(ValidationError) as fault:
        record_visit(outlet, said(), manager, photos=[("sign", photo), ("sign", photo)])
    assert set(fault.value.message_dict) == {"photo_sign"}
    assert not VisitPhoto.objects.exists()
