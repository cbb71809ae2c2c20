"""Recording from the work list and from a warning's page: by script, by form, corrected, reopened, with photos."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from channels.models import Agent
from gridops.accounts.models import Grid, User
from projects.models import Project
from renewals.models import Contact, ContactPhoto, ExpiryWarning
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
WORK = reverse("renewals:work")


@pytest.fixture
def warning(project: Project, agent: Agent) -> ExpiryWarning:
    today = timezone.localdate()
    subscriber = factories.make_subscriber(project, expires_on=today + timedelta(days=3))
    return factories.make_warning(subscriber, agent=agent)


@pytest.fixture
def staff(client_of: ClientOf, agent_staff_user: User) -> Client:
    return client_of(agent_staff_user)


def url(name: str, row: Any) -> str:
    return reverse(f"renewals:{name}", args=[row.pk])


def tap(client: Client, row: Any, **said: str) -> Any:
    """As the script sends it."""
    told = {"key": str(uuid.uuid4()), "medium": "call"} | said
    return client.post(url("record", row), told, content_type="application/json")


def test_a_tap_records_and_answers_what_is_next_and_sent_again_nothing_doubles(
    staff: Client, warning: ExpiryWarning
) -> None:
    key = str(uuid.uuid4())
    first = tap(staff, warning, outcome="no_answer", key=key)
    again = tap(staff, warning, outcome="no_answer", key=key)
    assert (first.status_code, first.json()["again"], again.json()["again"]) == (200, False, True)
    assert f'data-contact="{Contact.objects.get().pk}"' in again.json()["html"]
    warning.refresh_from_db()
    assert (warning.state, warning.next_step) == ("second_visit", "visit")


def test_a_telephone_whose_clock_is_ahead_records_now(staff: Client, warning: ExpiryWarning) -> None:
    ahead = (timezone.now() + timedelta(hours=3)).isoformat()
    assert tap(staff, warning, outcome="no_answer", at=ahead).status_code == 200
    assert Contact.objects.get().at <= timezone.now()


def test_what_took_place_without_network_keeps_its_time(staff: Client, warning: ExpiryWarning) -> None:
    before = timezone.now() - timedelta(hours=2)
    tap(staff, warning, outcome="no_answer", at=before.isoformat())
    assert Contact.objects.get().at == before


def test_a_button_is_a_result_with_its_day_or_its_reason(staff: Client, warning: ExpiryWarning) -> None:
    day = timezone.localdate() + timedelta(days=2)
    assert tap(staff, warning, promise=day.isoformat()).status_code == 200
    assert tap(staff, warning, medium="visit", refusal="price").status_code == 200
    said = list(Contact.objects.order_by("pk").values_list("outcome", "promised_on", "loss"))
    assert said == [("promised", day, ""), ("refused", None, "price")]


def test_what_can_t_be_is_refused_with_the_reason(staff: Client, warning: ExpiryWarning) -> None:
    for said in ({"medium": "visit", "outcome": "refused"}, {"outcome": "promised"}, {"outcome": "void"}, {}):
        answer = tap(staff, warning, **said)
        assert answer.status_code == 422, said
        assert answer.json()["error"]
    assert staff.post(url("record", warning), "[1", content_type="application/json").status_code == 422
    assert not Contact.objects.exists()


def test_without_a_script_a_form_records_and_comes_back_to_the_list(staff: Client, warning: ExpiryWarning) -> None:
    where = f"{WORK}?kind=calls"
    said = {"key": str(uuid.uuid4()), "medium": "call", "outcome": "renewed", "next": where}
    answer = staff.post(url("record", warning), said)
    assert (answer.status_code, answer.headers["Location"]) == (302, where)
    assert staff.post(url("record", warning), said).status_code == 302  # a double tap
    assert Contact.objects.count() == 1
    elsewhere = staff.post(url("record", warning), said | {"next": "https://example.org/renewals/work/"})
    assert elsewhere.headers["Location"] == url("warning", warning)


def test_a_faulty_form_comes_back_with_what_was_typed(staff: Client, warning: ExpiryWarning) -> None:
    answer = staff.post(url("record", warning), {"medium": "visit", "outcome": "refused", "note": "门口谈过"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "门口谈过" in text
    assert answer.context["faults"]


def test_nobody_records_or_corrects_what_is_not_theirs(
    client_of: ClientOf, staff: Client, manager: User, stranger: User, project: Project
) -> None:
    other = factories.make_warning(
        factories.make_subscriber(project, expires_on=timezone.localdate()), agent=factories.make_agent()
    )
    contact = factories.make_contact(other, manager)
    for client in (staff, client_of(stranger)):
        assert tap(client, other, outcome="renewed").status_code == 404
        assert client.post(url("correct", contact), {"outcome": "void"}).status_code == 404
        assert client.get(url("warning", other)).status_code == 404
    assert Contact.objects.count() == 1


def test_a_correction_strikes_through_and_the_course_says_by_whom(
    staff: Client, warning: ExpiryWarning, agent_staff_user: User
) -> None:
    tap(staff, warning, outcome="renewed")
    contact = Contact.objects.get()
    answer = staff.post(url("correct", contact), {"outcome": "refused", "loss": ""})
    assert answer.headers["Location"] == url("warning", warning)
    warning.refresh_from_db()
    assert warning.state == "second_visit"
    page = staff.get(url("warning", warning))
    assert [event.kind for event in page.context["course"]].count("contact") == 2
    text = page.content.decode()
    assert text.count("<del>") == 1
    assert agent_staff_user.name in text
    taken_back = staff.post(url("correct", Contact.objects.latest("pk")), {"outcome": "void"})
    assert taken_back.status_code == 302
    warning.refresh_from_db()
    assert (warning.state, warning.contacts_made) == ("assigned", 0)


def test_a_visit_has_photos_and_a_place_and_only_those_in_scope_see_them(
    settings: Settings, tmp_path: Path, client_of: ClientOf, staff: Client, stranger: User, warning: ExpiryWarning
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "JPEG")
    said = {
        "medium": "visit",
        "outcome": "no_answer",
        "longitude": "104.0651234567",
        "latitude": "30.6512",
        "accuracy_m": "12.6",
        "photos": SimpleUploadedFile("1.jpg", file.getvalue(), "image/jpeg"),
    }
    assert staff.post(url("record", warning), said).status_code == 302
    contact, photo = Contact.objects.get(), ContactPhoto.objects.get()
    assert (str(contact.longitude), str(contact.latitude), contact.accuracy_m) == ("104.065123", "30.651200", 12)
    for size in ("", "?size=small"):
        assert staff.get(url("contact-photo", photo) + size).headers["Content-Type"] == "image/jpeg"
    assert client_of(stranger).get(url("contact-photo", photo)).status_code == 404
    assert url("contact-photo", photo) in staff.get(url("warning", warning)).content.decode()


def test_a_lost_one_is_reopened_with_a_reason_by_those_who_may(
    client_of: ClientOf, staff: Client, supervisor: User, warning: ExpiryWarning
) -> None:
    tap(staff, warning, medium="visit", refusal="price")
    address = url("reopen", warning)
    assert staff.post(address, {"why": "又想续了"}).status_code == 403
    client = client_of(supervisor)
    assert client.post(address, {"why": " "}).status_code == 422
    assert client.post(address, {"why": "又想续了"}).status_code == 302
    warning.refresh_from_db()
    assert warning.state == "assigned"
    assert client.post(address, {"why": "又想续了"}).status_code == 422  # nothing to take up again


def test_a_warning_s_page_costs_the_same_however_long_its_course(staff: Client, warning: ExpiryWarning) -> None:
    costs = []
    for _ in range(2):
        for _time in range(2):
            tap(staff, warning, outcome="no_answer")
        with CaptureQueriesContext(connection) as queries:
            staff.get(url("warning", warning))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_agent_staff_who_manage_a_grid_elsewhere_do_not_reopen_here(
    client_of: ClientOf, agent_staff_user: User, foreign_grid: Grid, warning: ExpiryWarning
) -> None:
    agent_staff_user.memberships.create(role="grid_manager", grid=foreign_grid, starts_on=factories.LONG_AGO)
    ExpiryWarning.objects.filter(pk=warning.pk).update(agent=agent_staff_user.agent_staff.agent)
    client = client_of(agent_staff_user)
    assert client.get(url("warning", warning)).status_code == 200
    assert client.post(url("reopen", warning), {"why": "x"}).status_code == 403
