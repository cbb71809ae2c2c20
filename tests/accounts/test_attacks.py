"""What somebody with bad intentions, a stale page or an old role tries, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from channels.models import Agent
from gridops.accounts import services
from gridops.accounts.address import client_address
from gridops.accounts.models import AccessRecord, Grid, Membership, Role, Unit, User
from plans.models import Plan
from projects.models import Project
from renewals.models import ExpiryWarning, Subscriber
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture
def plan(grid: Grid) -> Plan:
    return Plan.objects.create(grid=grid, month=date(2026, 12, 1))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (1, "", "10.0.0.9"),
        (1, "rubbish", "10.0.0.9"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw_not_what_a_client_claims(
    settings: Settings, rf: RequestFactory, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)) == address


def test_behind_a_proxy_guessing_locks_the_guesser_not_the_colleague(settings: Settings) -> None:
    settings.AXES_ENABLED, settings.TRUSTED_PROXIES = True, 1
    factories.make_user("G11", password=factories.PASSWORD)
    address = reverse("accounts:sign-in")
    wrong, right = ({"username": "G11", "password": word} for word in ("wrong", factories.PASSWORD))
    for turn in range(settings.AXES_FAILURE_LIMIT):
        answer = Client().post(address, wrong, HTTP_X_FORWARDED_FOR=f"9.9.9.{turn}, 1.2.3.4")
    assert answer.status_code == 429
    assert Client().post(address, right, HTTP_X_FORWARDED_FOR="5.6.7.8").status_code == 302


def test_a_record_of_access_names_the_client_not_the_proxy(
    settings: Settings, client_of: ClientOf, manager: User, subscriber: Subscriber
) -> None:
    settings.TRUSTED_PROXIES = 1
    client_of(manager).post(reverse("renewals:reveal", args=[subscriber.pk]), HTTP_X_FORWARDED_FOR="1.2.3.4")
    assert AccessRecord.objects.get().address == "1.2.3.4"


@pytest.mark.parametrize("target", ["foo", "accounts:profile", "//evil.example", "/\\evil.example", "\x00", "https:x"])
def test_switching_the_language_leads_nowhere_else_and_never_fails(
    client_of: ClientOf, manager: User, target: str
) -> None:
    answer = client_of(manager).post(reverse("accounts:language"), {"language": "en", "next": target})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


def test_the_sign_in_page_that_leads_to_itself_leads_to_the_first_page(client_of: ClientOf, manager: User) -> None:
    page = reverse("accounts:sign-in")
    for target in (page, f"{page}?next={page}"):
        assert client_of(manager).get(page, {"next": target})["Location"] == reverse("desk:home")


def test_the_set_up_link_of_a_disabled_person_is_not_valid(client: Client) -> None:
    user = factories.make_user("G12")
    link = reverse("accounts:set-up", args=services.set_up_path(user))
    services.set_active(user, active=False)
    assert not client.get(link, follow=True).context["validlink"]


def test_a_superuser_without_the_admin_role_has_no_admin_site(client_of: ClientOf) -> None:
    root = User.objects.create_superuser("ROOT")
    assert client_of(root).get("/admin/").status_code == 200
    services.end_role(Membership.objects.get(user=root))
    root = User.objects.get(pk=root.pk)
    assert client_of(root).get("/admin/").status_code == 302


def test_who_was_agent_staff_and_manages_another_grid_now_sees_nothing_of_the_agent(
    client_of: ClientOf, agent: Agent, agent_staff_user: User, foreign_grid: Grid, subscriber: Subscriber
) -> None:
    factories.make_warning(subscriber, agent=agent, expires_on=date(2026, 12, 1))
    Membership.objects.filter(user=agent_staff_user).update(starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    Membership.objects.create(
        user=agent_staff_user, role=Role.GRID_MANAGER, grid=foreign_grid, starts_on=date(2026, 2, 2)
    )
    person = User.objects.get(pk=agent_staff_user.pk)
    assert not ExpiryWarning.objects.for_user(person)
    assert not Agent.objects.for_user(person)
    client = client_of(person)
    assert client.get(reverse("channels:agent", args=[agent.pk])).status_code == 404
    assert agent.name not in client.get(reverse("channels:agents")).content.decode()


def test_a_stale_page_is_refused_in_the_persons_language(manager: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    answer = client.post(reverse("accounts:profile"), {"phone": "19900000009"})
    assert answer.status_code == 403
    assert "Content-Security-Policy" in answer
    assert 'lang="zh-hans"' in answer.content.decode()
    assert "<style" not in answer.content.decode()


def test_the_page_of_a_grid_with_many_projects_can_be_sent(
    client_of: ClientOf, manager: User, grid: Grid, plan: Plan
) -> None:
    projects = Project.objects.bulk_create(
        Project(grid=grid, code=f"P{n:06}", name=f"P{n}", households=100, ports=100) for n in range(300)
    )
    client, address = client_of(manager), reverse("plans:split", args=[plan.pk])
    shown = client.get(address).context
    data = {"base": shown["base"], "version": plan.version}
    data |= {made.name: made.value for row in shown["page"].rows for made in row.inputs.values()}
    data[f"share:{projects[-1].pk}|manual"] = "7"
    assert len(data) > 1_000
    assert client.post(address, data).status_code == 302
    assert plan.project_shares.get(project=projects[-1]).net_adds == 7


@pytest.mark.parametrize("unit", ["9" * 30, "9" * 5_000, "²", "١"])
def test_a_unit_that_is_no_number_of_ours_is_not_found(client_of: ClientOf, admin_user: User, unit: str) -> None:
    assert client_of(admin_user).get(reverse("accounts:rules"), {"unit": unit}).status_code in (200, 404)


def test_a_search_for_what_no_text_can_hold_finds_nobody(client_of: ClientOf, admin_user: User, unit: Unit) -> None:
    answer = client_of(admin_user).get(reverse("accounts:people"), {"q": "a\x00b"})
    assert answer.status_code == 200
    assert not list(answer.context["page"])


def test_a_post_after_the_session_has_ended_leads_back_to_the_page_not_to_the_post(client: Client, plan: Plan) -> None:
    page, post = (reverse(f"plans:{name}", args=[plan.pk]) for name in ("plan", "submit"))
    signing_in = reverse("accounts:sign-in")
    assert client.post(post, HTTP_REFERER=f"http://testserver{page}")["Location"] == f"{signing_in}?next={page}"
    for elsewhere in ("", "https://evil.example/x", "//evil.example/x", "javascript:1"):
        assert client.post(post, HTTP_REFERER=elsewhere)["Location"] == f"{signing_in}?next=/"


def test_a_part_of_a_page_after_the_session_has_ended_sends_the_whole_page_to_sign_in(client: Client) -> None:
    page = reverse("projects:list")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?q=x"}
    answer = client.get(page, {"q": "y"}, headers=headers)
    assert answer.status_code == 200
    assert not answer.content
    assert answer["HX-Redirect"] == f"{reverse('accounts:sign-in')}?next={page}%3Fq%3Dx"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "a\x00b", "2026-01-01"])
def test_a_moment_beyond_all_bounds_in_an_address_is_passed_over(
    client_of: ClientOf, admin_user: User, project: Project, moment: str
) -> None:
    client = client_of(admin_user)
    assert client.get(reverse("projects:history", args=[project.pk]), {"before": moment}).status_code == 200
    for side in ("after", "before"):
        assert client.get(reverse("accounts:access"), {side: f"1:{moment}"}).status_code == 200


def test_a_superuser_sees_no_key_of_anothers_authenticator(client_of: ClientOf, supervisor: User) -> None:
    device = TOTPDevice.objects.create(user=supervisor, confirmed=True)
    page = reverse("admin:otp_totp_totpdevice_change", args=[device.pk])
    client = client_of(User.objects.create_superuser("ROOT"))
    shown = client.get(page)
    assert shown.status_code == 200
    assert device.key not in shown.content.decode()
    assert client.get(reverse("admin:otp_totp_totpdevice_qrcode", args=[device.pk])).status_code == 403


@pytest.mark.parametrize("month", ["2200-12", "1900-01", "9999-12", "2200-11", "1900-02"])
def test_a_month_at_the_end_of_time_breaks_no_page_now_or_later(
    client_of: ClientOf, supervisor: User, grid: Grid, month: str
) -> None:
    client = client_of(supervisor)
    for name in ("plans:list", "plans:inbox", "plans:targets", "renewals:lists"):
        assert client.get(reverse(name), {"month": month}).status_code == 200
        assert client.get(reverse(name)).status_code == 200
    assert client.get(reverse("plans:target", args=[grid.pk, month])).status_code in (200, 404)


def test_an_admin_does_not_become_a_superuser_by_a_set_up_link(client_of: ClientOf, admin_user: User) -> None:
    root = User.objects.create_superuser("ROOT")
    address = reverse("accounts:set-up-link", args=[root.pk])
    answer = client_of(admin_user).post(address)
    assert answer["Location"] == reverse("accounts:person", args=[root.pk])
    assert "link" in client_of(root).post(address).context


def test_who_supervises_one_unit_sets_no_target_for_the_grid_they_manage_in_another(
    client_of: ClientOf, supervisor: User, foreign_grid: Grid, grid: Grid
) -> None:
    Membership.objects.create(user=supervisor, role=Role.GRID_MANAGER, grid=foreign_grid, starts_on=date(2026, 1, 1))
    client = client_of(User.objects.get(pk=supervisor.pk))
    assert client.post(reverse("plans:target", args=[foreign_grid.pk, "2026-12"])).status_code == 403
    assert client.get(reverse("plans:target", args=[grid.pk, "2026-12"])).status_code == 200
