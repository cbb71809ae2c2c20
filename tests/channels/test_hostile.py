"""What no page of ours sends is refused or cleaned, never a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent, Matter, Meeting, OrderTraining, Outlet, Visit, Weighing
from channels.rules_weighing import Case, as_json
from gridops.accounts.models import Grid, Unit, User
from tests import factories_channels as make

SignIn = Callable[[User], Client]
NUL = "a\0b"
pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(grid: Grid, manager: User, agent: Agent) -> Meeting:
    return make.make_meeting(grid, manager, agents=[agent], starts_at=timezone.now())


def test_texts_that_no_form_reads_are_kept_without_nul(
    meeting: Meeting, manager: User, outlet: Outlet, agent: Agent, unit: Unit, client_of: SignIn
) -> None:
    client, page = client_of(manager), reverse("channels:meeting", args=[meeting.pk])

    def send(url: str, **data: Any) -> None:
        assert client.post(url, data).status_code == 302

    send(f"{page}agenda/", version=meeting.version, new=NUL)
    send(f"{page}cancel/", version=meeting.version + 1, why=NUL)
    send(f"{page}cancel/", version=meeting.version + 2, go="again")
    there = {"came_1_name": NUL, "came_1_of": f"agent-{agent.pk}"}
    raised = {"matter_1_what": NUL, "matter_1_kind": "problem", "matter_1_about": f"agent-{agent.pk}"}
    send(f"{page}hold/", version=meeting.version + 3, note=NUL, **there, **raised)
    meeting.refresh_from_db()
    assert (meeting.note, Matter.objects.get().what, meeting.agenda.get().text) == ("ab", "ab", "ab")
    assert meeting.attendees.filter(name="ab", present=True).exists()

    send(f"/channels/outlets/{outlet.pk}/trainings/", other=NUL, on=timezone.localdate().isoformat())
    assert OrderTraining.objects.get().person == "ab"
    visit = make.make_visit(outlet, manager)
    send(f"/channels/visits/{visit.pk}/correct/", why=NUL, void="yes")
    assert Visit.objects.get(corrects=visit).why == "ab"
    weighing = make.make_weighing(agent, unit, manager, cases=[as_json(Case("x"))])
    send(f"/channels/weighings/{weighing.pk}/", version=weighing.version, title=NUL, cases="1", **{"c0-name": NUL})
    assert [Weighing.objects.get().title, Weighing.objects.get().cases[0]["name"]] == ["ab", "ab"]


def test_a_place_that_is_no_number_of_ours_costs_nothing(manager: User, outlet: Outlet, client_of: SignIn) -> None:
    data = {"longitude": "104.1", "latitude": "30.6", "accuracy_m": "1e99999999"}
    answer = client_of(manager).post(f"/channels/outlets/{outlet.pk}/visit/record/", data)
    assert (answer.status_code, Visit.objects.get().accuracy_m) == (302, 10**6)
