"""An outlet's record: its people, its photo, its hours and place, the projects around, what its list finds (O5)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from channels.models import Outlet, OutletMonth, OutletStaff
from gridops.accounts.models import AccessRecord, Grid, User
from gridops.common.months import Month
from projects.models import Project
from tests import factories
from tests import factories_channels as make
from tests.projects.test_edit import values

Browser = Callable[[User], Client]


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def names(response: object) -> list[str]:
    return [row.name for row in response.context["listing"].page.rows]  # type: ignore[attr-defined]


# --- people ---


def test_counter_staff_are_added_changed_and_taken_off_with_their_number_masked(client: Client, outlet: Outlet) -> None:
    page = reverse("channels:outlet", args=[outlet.pk])
    add = reverse("channels:counter-new", args=[outlet.pk])
    assert client.post(add, {"name": "王芳", "phone": "199-1234-5678", "position": "店长"}).status_code == 302
    person = OutletStaff.objects.get()
    assert (person.outlet, person.phone, person.position) == (outlet, "19912345678", "店长")
    assert list(client.post(add, {"name": "王芳"}).context["form"].errors) == ["name"]
    assert person.phone not in client.get(page).content.decode()
    shown = client.post(reverse("channels:reveal-counter", args=[person.pk]), follow=True).content.decode()
    assert person.phone in shown
    assert AccessRecord.objects.filter(kind="reveal").count() == 1
    client.post(reverse("channels:counter-edit", args=[person.pk]), {"name": "王芳芳", "phone": person.phone})
    person.refresh_from_db()
    assert person.name == "王芳芳"
    client.post(reverse("channels:counter-remove", args=[person.pk]))
    assert not outlet.staff.exists()


# --- photo ---


def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret"
    Image.new("RGB", (40, 30), "red").save(file, "JPEG", exif=exif)
    return SimpleUploadedFile("shop.jpg", file.getvalue(), "image/jpeg")


def test_a_photo_is_encoded_anew_replaced_and_taken_out(
    client: Client, outlet: Outlet, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    edit, show = (reverse(f"channels:outlet-photo{part}", args=[outlet.pk]) for part in ("-edit", ""))
    assert client.get(show).status_code == 404
    assert client.post(edit, {"photos": [picture()]}).status_code == 302
    answer = client.get(show)
    assert answer.status_code == 200
    assert b"secret" not in answer.content
    outlet.refresh_from_db()
    first, storage = outlet.photo.name, outlet.photo.storage
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        client.post(edit, {"camera": picture()})
    outlet.refresh_from_db()
    assert outlet.photo.name != first
    assert not storage.exists(str(first))
    assert client.post(edit, {}).status_code == 422
    client.post(edit, {"drop": "1"})
    assert client.get(show).status_code == 404


# --- hours, place, projects around ---


def test_hours_closed_days_and_place_are_checked(client: Client, outlet: Outlet) -> None:
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    data = {**values(client.get(address)), "opens_at": "09:00", "closes_at": "08:00", "latitude": "30.5"}
    assert set(client.post(address, data).context["form"].errors) == {"closes_at", "longitude"}
    data |= {"closes_at": "21:00", "longitude": "104.1", "rest_days": ["7", "1"]}
    assert client.post(address, data).status_code == 302
    outlet.refresh_from_db()
    assert (outlet.rest_days, outlet.closes_at.hour if outlet.closes_at else 0) == ("17", 21)


def test_projects_are_offered_the_chosen_first_then_the_nearest(
    client: Client, outlet: Outlet, project: Project, grid: Grid
) -> None:
    far = factories.make_project(grid, "P7", name="远处", longitude="104.9", latitude="30.6")
    near = factories.make_project(grid, "P8", name="近处", longitude="104.07", latitude="30.57")
    Outlet.objects.update(longitude="104.066", latitude="30.572")
    outlet.nearby_projects.set([far])
    page = client.get(reverse("channels:outlet-edit", args=[outlet.pk])).content.decode()
    places = [page.index(f'value="{one.pk}"', page.index("data-pick-list")) for one in (far, near, project)]
    assert places == sorted(places)


def test_the_day_it_was_won_is_asked_only_of_who_sells(client: Client, outlet: Outlet) -> None:
    Outlet.objects.update(stage="talked")
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    form = client.get(address).context["form"]
    assert "opened_on" not in form.fields
    client.post(address, {**values(client.get(address)), "opened_on": "2026-11-12", "stage": "selling"})
    outlet.refresh_from_db()
    assert (outlet.opened_on, outlet.stage) == (None, "talked")


# --- the list ---


def test_the_list_finds_what_needs_attention(client: Client, outlet: Outlet, grid: Grid, manager: User) -> None:
    good = factories.make_outlet(grid, "W2", name="好店")
    last = Month.of(timezone.localdate()).plus(-1)
    for n, sold in enumerate([4, 30, 30, 30]):
        OutletMonth.objects.create(outlet=outlet, month=last.plus(-n).first, orders=sold)
        OutletMonth.objects.create(outlet=good, month=last.plus(-n).first, orders=3)
    every = dict.fromkeys(["sign", "banner", "x_stand", "leaflets", "posters"], True)
    make.make_visit(good, manager, **every)
    address = reverse("channels:outlets")
    for where, found in (
        ({"attention": "fading"}, [outlet.name]),
        ({"attention": "five"}, [outlet.name]),
        ({"grade": "A"}, [outlet.name]),
        ({"grade": "C"}, [good.name]),
        ({"grade": "none"}, []),
        ({"stage": "talked"}, []),
    ):
        assert names(client.get(address, where)) == found, where
    rows = {row.name: row.facts for row in client.get(address).context["listing"].page.rows}
    assert rows[good.name].week.visits_done == 1
    assert rows[outlet.name].business.fades


def test_a_page_asks_as_often_for_a_full_outlet_as_for_an_empty_one(
    client: Client, outlet: Outlet, manager: User, django_assert_max_num_queries: Callable[..., object]
) -> None:
    counts = []
    for filled in (False, True):
        for n in range(4 * filled):
            make.make_visit(outlet, manager, orders=n, at=timezone.now() - timedelta(days=n))
            make.make_call(outlet, manager)
            outlet.staff.create(name=f"店员{n}")
            OutletMonth.objects.create(outlet=outlet, month=date(2026, n + 1, 1), orders=n)
        with django_assert_max_num_queries(90) as captured:  # type: ignore[attr-defined]
            assert client.get(reverse("channels:outlet", args=[outlet.pk])).status_code == 200
        counts.append(len(captured))
    assert abs(counts[0] - counts[1]) <= 4
