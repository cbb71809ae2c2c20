"""The addresses of visits and calls: what a telephone sends and is answered, the pages without script."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from channels.models import Call, Outlet, Visit, VisitPhoto
from channels.visit_facts import stand_outs
from gridops.accounts.models import AccessRecord, Grid, User
from gridops.common.weeks import Week
from tests import factories
from tests import factories_channels as make

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
ClientOf = Callable[[User], Client]


def photo(name: str = "a.jpg") -> SimpleUploadedFile:
    """A photo of four pixels."""
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def test_a_telephone_sends_a_visit_and_sends_it_again(client_of: ClientOf, outlet: Outlet, manager: User) -> None:
    client, url = client_of(manager), reverse("channels:visit-record", args=[outlet.pk])
    key, at = str(uuid.uuid4()), timezone.now().isoformat()

    def send() -> Any:
        return client.post(
            url,
            {"key": key, "at": at, "orders": "2", "sign": "yes", "photos": [photo(), photo()], "photo_sign": photo()},
            headers=JSON,
        )

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 200)
    visit = Visit.objects.get()
    assert first.json() == {"id": visit.pk, "again": False, "url": reverse("channels:visit", args=[visit.pk])}
    assert again.json() == first.json() | {"again": True}
    assert sorted(VisitPhoto.objects.values_list("piece", flat=True)) == ["", "", "sign"]


def test_a_telephone_is_told_what_is_wrong_by_field(client_of: ClientOf, outlet: Outlet, manager: User) -> None:
    url = reverse("channels:visit-record", args=[outlet.pk])
    answer = client_of(manager).post(url, {"orders": "x", "told": ["1", "abc"]}, headers=JSON)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"orders"})
    answer = client_of(manager).post(url, {"told": ["1", "abc"]}, headers=JSON)
    assert set(answer.json()["errors"]) == {"told"}


def test_who_is_signed_out_is_told_so_and_nobody_sends_for_another(
    client: Client, client_of: ClientOf, outlet: Outlet, manager: User
) -> None:
    url = reverse("channels:visit-record", args=[outlet.pk])
    assert client.post(url, {}, headers=JSON).status_code == 401
    assert client_of(manager).post(url, {}, headers=JSON | {"X-Person": "0"}).status_code == 412
    assert not Visit.objects.exists()


def test_a_call_in_one_tap(client_of: ClientOf, outlet: Outlet, manager: User) -> None:
    client = client_of(manager)
    shown = client.post(reverse("channels:outlet-call", args=[outlet.pk]), headers=JSON)
    assert shown.json()["phone"] == outlet.phone
    assert AccessRecord.objects.get().kind == AccessRecord.Kind.REVEAL
    url = reverse("channels:call-record", args=[outlet.pk])
    assert client.post(url, {"reached": "yes"}, headers=JSON).status_code == 201
    assert client.post(url, {"reached": ""}, headers=JSON).status_code == 422
    assert Call.objects.get().reached


def _fill(grid: Grid, by: User, count: int) -> None:
    for _number in range(count):
        project = factories.make_project(grid)
        shop = factories.make_outlet(grid, near=[project], owner_name="店主")
        shop.staff.create(name="小李")
        make.make_visit(shop, by, orders=3, sign=True)
        make.make_briefing(outlet=shop, about={"project": project})


def test_the_pack_holds_what_a_visit_needs_and_no_number(
    client_of: ClientOf, grid: Grid, other_grid: Grid, manager: User
) -> None:
    _fill(grid, manager, 1)
    _fill(other_grid, manager, 1)
    campaign = make.make_campaign(manager)
    answer = client_of(manager).get(reverse("channels:pack"))
    pack = answer.json()
    (shop,) = pack["outlets"]
    assert pack["person"] == manager.pk
    assert [one["id"] for one in pack["campaigns"]] == shop["campaigns"] == [campaign.pk]
    assert (shop["last_visit"]["orders"], shop["last_visit"]["five"]["sign"]) == (3, True)
    assert [one["name"] for one in shop["staff"]] == ["店主", "小李"]
    assert len(shop["projects"]) == len(shop["briefings"]) == 1
    assert "19900005678" not in answer.content.decode()


def test_the_pack_costs_a_constant_number_of_queries(
    client_of: ClientOf, grid: Grid, manager: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = client_of(manager), reverse("channels:pack")
    _fill(grid, manager, 1)
    with django_assert_max_num_queries(40) as one:
        client.get(url)
    _fill(grid, manager, 3)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_what_stands_out_is_said_and_can_be_listed(
    client_of: ClientOf, grid: Grid, manager: User, supervisor: User
) -> None:
    now = timezone.now()
    place: dict[str, Any] = {"longitude": "121.47", "latitude": "31.23"}
    shops = [factories.make_outlet(grid, name=f"店{number}", **place) for number in range(5)]
    here = place | {"distance_m": 5}
    make.make_visit(shops[0], manager, at=now, **here)
    make.make_visit(shops[1], manager, at=now - timedelta(minutes=4), **here)
    make.make_visit(shops[2], manager, at=now - timedelta(hours=3), far_reason="展会", **(here | {"distance_m": 900}))
    make.make_visit(shops[3], manager, at=now - timedelta(days=2), **here)
    make.make_visit(shops[4], manager, at=now - timedelta(hours=5))
    client = client_of(supervisor)

    def rows(**query: str) -> list[Visit]:
        return list(client.get(reverse("channels:visits"), query).context["listing"].page.rows)

    kinds = ("far", "late", "close", "nowhere", "any")
    assert {kind: [row.outlet.name for row in rows(facts=kind)] for kind in kinds} == {
        "far": ["店2"],
        "late": ["店3"],
        "close": ["店0", "店1"],
        "nowhere": ["店4"],
        "any": ["店0", "店1", "店2", "店4", "店3"],
    }
    said = [[fact.kind for fact in row.facts] for row in rows()]
    assert said == [
        ["close"],
        ["close"],
        ["far"],
        ["nowhere"],
        ["late"],
    ]
    this = Week.of(timezone.localdate())
    people = [one for week in (this, this.plus(-1)) for one in stand_outs(Visit.objects.all(), week)]
    assert {one.user for one in people} == {manager}
    assert [sum(one.facts[kind][2] for one in people) for kind in range(4)] == [1, 1, 2, 1]


def test_lists_filter_by_week_manager_and_outlet(
    client_of: ClientOf, grid: Grid, other_grid: Grid, manager: User, colleague: User, supervisor: User
) -> None:
    now = timezone.now()
    shops = [factories.make_outlet(grid), factories.make_outlet(other_grid)]
    mine, theirs = make.make_visit(shops[0], manager), make.make_visit(shops[1], colleague)
    before = make.make_visit(shops[0], manager, at=now - timedelta(days=7))
    make.make_call(shops[0], manager)

    def rows(**query: Any) -> set[int]:
        listing = client_of(supervisor).get(reverse("channels:visits"), query).context["listing"]
        return {row.pk for row in listing.page.rows}

    assert rows() == {mine.pk, theirs.pk, before.pk}
    assert rows(week=str(Week.of(timezone.localdate()))) == {mine.pk, theirs.pk}
    assert rows(week="x") == set()
    assert rows(by=manager.pk) == rows(outlet=shops[0].pk) == {mine.pk, before.pk}
    assert (
        client_of(manager).get(reverse("channels:visits"), {"outlet": shops[1].pk}).context["listing"].page.rows == []
    )
    listing = client_of(supervisor).get(reverse("channels:calls"), {"reached": "true"}).context["listing"]
    assert len(listing.page.rows) == 1
    assert client_of(supervisor).get(reverse("channels:visits-export")).status_code == 200


def test_the_list_costs_a_constant_number_of_queries(
    client_of: ClientOf, grid: Grid, manager: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = client_of(manager), reverse("channels:visits")
    _fill(grid, manager, 1)
    with django_assert_max_num_queries(20) as one:
        client.get(url)
    _fill(grid, manager, 3)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_photos_are_served_in_scope_only(client_of: ClientOf, outlet: Outlet, manager: User, colleague: User) -> None:
    url = reverse("channels:visit-photo", args=[make.make_visit_photo(make.make_visit(outlet, manager), manager).pk])
    assert client_of(manager).get(url, {"size": "small"})["Content-Type"] == "image/jpeg"
    assert client_of(colleague).get(url).status_code == 404


def test_the_form_keeps_all_that_was_typed(client_of: ClientOf, outlet: Outlet, manager: User) -> None:
    campaign = make.make_campaign(manager)
    typed = {
        "orders": "x",
        "note": "店主不在",
        "banner": "no",
        "matter_2_what": "要单页",
        "matter_2_kind": "support",
        f"campaign_{campaign.pk}_staff": "yes",
        "photos": photo(),
    }
    client, url = client_of(manager), reverse("channels:visit-new", args=[outlet.pk])
    assert client.get(url).status_code == 200
    answer = client.post(reverse("channels:visit-record", args=[outlet.pk]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for kept in ('value="x"', "店主不在", 'value="要单页"', "请重新选择照片", 'id="banner-no" checked'):
        assert kept in page
    assert f'id="campaign_{campaign.pk}_staff-yes" checked' in page
