"""What a manager sees of rivals on the way, added on a phone with photos."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from pytest_django import Settings

from gridops.accounts.models import User
from projects.models import Operator, Project, RivalOffer
from tests import factories
from tests.browser.conftest import SignIn, fits


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def photo(name: str, size: tuple[int, int]) -> FilePayload:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def test_an_offer_with_photos_of_camera_and_album_is_added_on_a_phone(
    phone: Page, manager: User, sign_in: SignIn, project: Project
) -> None:
    sign_in(phone, manager)
    phone.goto(f"/projects/{project.pk}/rivals/")
    phone.locator("a[href$='/rivals/new/']").first.click()
    phone.locator("[name=operator]").select_option(label="移动")
    phone.locator("[name=text]").fill("千兆 99元/月")
    phone.locator("[name=monthly_fee]").fill("99")
    shown = phone.locator("[data-photo-list] li")
    for number in (1, 2):  # one after the other, as a camera gives them
        phone.locator("[name=camera]").set_input_files(photo(f"{number}.jpg", (4000, 3000)))
        expect(shown).to_have_count(number)
    phone.locator("[name=photos]").set_input_files([photo("3.jpg", (800, 600)), photo("4.jpg", (800, 600))])
    expect(shown).to_have_count(4)
    shown.last.locator("button").click()
    expect(shown).to_have_count(3)
    assert fits(phone)
    phone.locator("[name=save]").click()

    entry = phone.locator("#timeline article")
    expect(entry).to_contain_text("千兆 99元/月")
    expect(entry.locator("img")).to_have_count(3)
    entry.locator("img").first.scroll_into_view_if_needed()
    expect(entry.locator("img").first).to_have_js_property("naturalWidth", 320)
    assert fits(phone)
    offer = RivalOffer.objects.get()
    assert (offer.by, offer.operator.name) == (manager, "移动")
    assert sorted((one.width, one.height) for one in offer.photos.all()) == [(800, 600), (1600, 1200), (1600, 1200)]


def test_a_photo_opens_large_in_a_window_of_its_own(
    page: Page, manager: User, sign_in: SignIn, project: Project
) -> None:
    factories.make_photo(factories.make_offer(project, Operator.objects.get(name="电信")), manager)
    sign_in(page, manager)
    page.goto(f"/projects/{project.pk}/rivals/")
    with page.context.expect_page() as opened:
        page.locator("#timeline .photo-list a").click()
    expect(opened.value.locator("img")).to_have_js_property("naturalWidth", 4)


def test_an_offer_is_noted_as_unchanged_by_one_tap_and_answered(
    phone: Page, manager: User, sign_in: SignIn, project: Project
) -> None:
    offer = factories.make_offer(project, Operator.objects.get(name="电信"))
    sign_in(phone, manager)
    phone.goto(f"/projects/{project.pk}/rivals/")
    phone.locator(f"form[action$='/rivals/{offer.pk}/again/'] button").click()
    expect(phone.locator(f"form[action$='/rivals/{offer.pk}/again/']")).to_have_count(0)
    phone.locator(f".rival-now a[href$='/rivals/{offer.pk}/answer/']").click()
    phone.locator("[name=answer]").fill("同价送三个月")
    phone.locator("[name=save]").click()
    expect(phone.locator(".rival-now .rival-answer")).to_contain_text("同价送三个月")


def test_without_scripts_both_inputs_send_their_photos(
    open_page: Callable[..., Page], manager: User, sign_in: SignIn, project: Project
) -> None:
    window = open_page()
    window.route("**/*.js*", lambda route: route.abort())
    sign_in(window, manager)
    window.goto(f"/projects/{project.pk}/rivals/new/")
    window.locator("[name=operator]").select_option(label="电信")
    window.locator("[name=text]").fill("500M 59元/月")
    window.locator("[name=camera]").set_input_files(photo("1.jpg", (40, 30)))
    window.locator("[name=photos]").set_input_files([photo("2.jpg", (40, 30)), photo("3.jpg", (40, 30))])
    window.locator("[name=save]").click()
    expect(window.locator("#timeline .photo-list img")).to_have_count(3)
