"""Signing in: by employee number, twice for those who must, and never by guessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from gridops.accounts import services
from gridops.accounts.models import Grid, Membership, Role, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def sign_in(client: Client, employee_no: str, password: str = PASSWORD, address: str = "127.0.0.1") -> Any:
    fields = {"username": employee_no, "password": password}
    return client.post(reverse("accounts:sign-in"), fields, REMOTE_ADDR=address)


def test_a_person_signs_in_by_employee_number_and_lands_on_the_first_page(client: Client, grid: Grid) -> None:
    make_user("G7", role=Role.GRID_MANAGER, grid=grid, password=PASSWORD)
    assert sign_in(client, "G7").headers["Location"] == reverse("desk:home")


def test_nobody_signs_in_without_a_password_of_their_own(client: Client) -> None:
    make_user("G8")
    for guess in ("", "G8", "gridops", "123456"):
        assert sign_in(client, "G8", guess).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_set_up_link_works_once(client: Client) -> None:
    user = make_user("G9")
    link = reverse("accounts:set-up", args=services.set_up_path(user))
    form = client.get(link, follow=True)
    answer = client.post(form.request["PATH_INFO"], {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert answer.headers["Location"] == reverse("accounts:sign-in")
    assert sign_in(client, "G9").status_code == 302
    assert not Client().get(link, follow=True).context["validlink"]


def test_guessing_locks_the_account_for_that_address_only(settings: Settings, client: Client) -> None:
    settings.AXES_ENABLED = True
    make_user("G10", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "G10", "wrong", "10.0.0.1")
    assert answer.status_code == 429
    assert sign_in(client, "G10", address="10.0.0.1").status_code == 429
    assert sign_in(Client(), "G10", address="10.0.0.2").status_code == 302


def test_disabling_a_person_ends_their_sessions(client_of: ClientOf, manager: User) -> None:
    client = client_of(manager)
    assert client.get(reverse("desk:home")).status_code == 200
    services.set_active(manager, active=False)
    assert client.get(reverse("desk:home")).status_code == 302


def test_a_role_that_ended_yesterday_shows_nothing(client_of: ClientOf, manager: User, grid: Grid) -> None:
    assert manager.scope.grid_ids == {grid.pk}
    services.end_role(Membership.objects.get(user=manager))
    assert User.objects.get(pk=manager.pk).scope.grid_ids == frozenset()


def test_the_language_is_remembered_for_the_person(client_of: ClientOf, manager: User) -> None:
    client = client_of(manager)
    assert client.get(reverse("desk:home")).headers["Content-Language"] == "zh-hans"
    client.post(reverse("accounts:language"), {"language": "en", "next": "/"})
    assert client_of(User.objects.get(pk=manager.pk)).get(reverse("desk:home")).headers["Content-Language"] == "en"


def test_the_language_switch_never_leads_to_another_site(client: Client) -> None:
    answer = client.post(reverse("accounts:language"), {"language": "en", "next": "https://example.com/"})
    assert answer.headers["Location"] == reverse("desk:home")


def test_pages_of_signed_in_people_are_not_kept_by_the_browser(client_of: ClientOf, manager: User) -> None:
    assert "no-store" in client_of(manager).get(reverse("desk:home")).headers["Cache-Control"]


def test_scripts_come_from_our_own_files_only(client: Client) -> None:
    policy = client.get(reverse("accounts:sign-in")).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    def code(self, user: User) -> str:
        device = TOTPDevice.objects.get(user=user)
        return f"{totp(device.bin_key):06d}"

    def test_a_supervisor_sets_it_up_before_any_page(self, client_of: ClientOf, supervisor: User) -> None:
        client = client_of(supervisor)
        page = reverse("accounts:second-factor")
        assert client.get(reverse("desk:home")).headers["Location"] == page
        assert b"<svg" in client.get(page).content
        assert client.post(page, {"code": "000000"}).status_code == 200
        TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
        assert client.post(page, {"code": self.code(supervisor)}).status_code == 302
        assert client.get(reverse("desk:home")).status_code == 200

    def test_the_next_session_needs_a_code_again_and_shows_no_secret(
        self, client_of: ClientOf, supervisor: User
    ) -> None:
        TOTPDevice.objects.create(user=supervisor, confirmed=True)
        client = client_of(supervisor)
        page = reverse("accounts:second-factor")
        assert client.get(reverse("desk:home")).headers["Location"] == page
        assert b"<svg" not in client.get(page).content
        assert client.post(reverse("accounts:drop-second-factor")).headers["Location"] == page

    def test_a_manager_may_do_without(self, client_of: ClientOf, manager: User) -> None:
        assert client_of(manager).get(reverse("desk:home")).status_code == 200


def test_an_admin_gives_a_role_and_the_place_must_fit(client_of: ClientOf, admin_user: User, grid: Grid) -> None:
    user = make_user("G11")
    client = client_of(admin_user)
    address = reverse("accounts:person", args=[user.pk])
    today = timezone.localdate().isoformat()
    refused = client.post(address, {"role": Role.GRID_MANAGER, "starts_on": today})
    assert refused.context["form"].errors.keys() == {"grid"}
    client.post(address, {"role": Role.GRID_MANAGER, "grid": grid.pk, "unit": grid.unit_id, "starts_on": today})
    membership = Membership.objects.get(user=user)
    assert (membership.grid, membership.unit) == (grid, None)


def test_an_admin_cannot_lock_themselves_out(client_of: ClientOf, admin_user: User) -> None:
    client = client_of(admin_user)
    client.post(reverse("accounts:end-role", args=[Membership.objects.get(user=admin_user).pk]))
    client.post(reverse("accounts:person-active", args=[admin_user.pk]), {"active": "no"})
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert Membership.objects.current(timezone.localdate()).filter(user=admin_user).exists()
