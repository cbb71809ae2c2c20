"""The versions of a plan over all revisions, what came of each, and any two of them compared (S1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, User
from plans import services
from plans.models import ActionStep, Plan, PlanVersion
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(ON_TIME, tick=True):
        yield


def handed_in(client: Client, plan: Plan) -> list[tuple[int, int, str]]:
    """(revision, version, what came of it), the newest first."""
    shown = client.get(reverse("plans:versions", args=[plan.pk])).context["handed_in"]
    came = [one.decision.action if one.decision else "" for one in shown]
    return [(one.version.plan.revision, one.version.number, end) for one, end in zip(shown, came, strict=True)]


@pytest.fixture
def course(plan: Plan, manager: User, supervisor: User) -> Plan:
    """Handed in, taken back, handed in, returned, handed in, approved, revised, handed in."""
    services.submit(plan, plan.version, manager, now=timezone.now())
    services.withdraw(plan, plan.version, manager, now=timezone.now())
    services.submit(plan, plan.version, manager, now=timezone.now())
    services.send_back(plan, plan.version, supervisor, reason="请补充", now=timezone.now())
    services.submit(plan, plan.version, manager, now=timezone.now())
    services.approve(plan, plan.version, supervisor, now=timezone.now())
    made = services.revise(plan, plan.version, manager, reason="新楼盘", now=timezone.now())
    services.submit(made, made.version, manager, now=timezone.now())
    return made


def test_every_version_of_every_revision_is_listed_with_what_came_of_it(
    client_of: ClientOf, specialist: User, course: Plan
) -> None:
    expected = [(2, 1, ""), (1, 3, "approved"), (1, 2, "returned"), (1, 1, "withdrawn")]
    assert handed_in(client_of(specialist), course) == expected
    first = Plan.objects.get(grid=course.grid, month=course.month, revision=1)
    assert handed_in(client_of(specialist), first) == expected


def compare(client: Client, plan: Plan, old: Any, new: Any, **more: str) -> Any:
    return client.get(reverse("plans:compare", args=[plan.pk]), {"old": old, "new": new, **more})


def test_any_two_are_compared_the_older_one_first(client_of: ClientOf, manager: User, course: Plan) -> None:
    old, new = PlanVersion.objects.get(plan__revision=1, number=1), PlanVersion.objects.get(plan__revision=2)
    for pair in ((old, new), (new, old)):
        answer = compare(client_of(manager), course, pair[0].pk, pair[1].pk)
        assert (answer.context["old"].key, answer.context["new"].key) == (str(old.pk), str(new.pk))
        assert not answer.context["changed"]


def test_a_version_is_compared_with_the_plan_as_it_is_now(
    client_of: ClientOf, manager: User, supervisor: User, submitted: Plan
) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=timezone.now())
    ActionStep.objects.create(plan=submitted, what="新的步骤")
    answer = compare(client_of(manager), submitted, submitted.versions.get().pk, "now")
    [kind] = [(seen.title, seen.line.kind) for _t, rows, _s in answer.context["parts"] for seen in rows]
    assert kind == ("新的步骤", "added")
    whole = compare(client_of(manager), submitted, submitted.versions.get().pk, "now", only="0")
    assert sum(len(rows) for _t, rows, _s in whole.context["parts"]) > 6


def test_a_version_of_another_grid_or_month_is_not_found(
    client_of: ClientOf, admin_user: User, submitted: Plan, other_grid: Grid, manager: User
) -> None:
    other = Plan.objects.create(grid=other_grid, month=submitted.month)
    foreign = PlanVersion.objects.create(plan=other, number=1, by=manager, content={})
    client = client_of(admin_user)
    for key in (foreign.pk, 999999, "x", "-1", "１"):
        assert compare(client, submitted, key, "now").status_code == 404
        assert compare(client, submitted, "now", key).status_code == 404


def test_an_empty_or_older_content_is_still_compared(client_of: ClientOf, manager: User, submitted: Plan) -> None:
    bare = PlanVersion.objects.create(plan=submitted, number=9, by=manager, content={})
    assert compare(client_of(manager), submitted, bare.pk, "now").status_code == 200
    assert client_of(manager).get(reverse("plans:versions", args=[submitted.pk])).status_code == 200


def test_the_list_takes_as_many_queries_for_many_versions(client_of: ClientOf, manager: User, submitted: Plan) -> None:
    client = client_of(manager)
    handed_in(client, submitted)
    with CaptureQueriesContext(connection) as few:
        handed_in(client, submitted)
    for number in range(2, 12):
        PlanVersion.objects.create(plan=submitted, number=number, by=manager, content={})
    with CaptureQueriesContext(connection) as many:
        assert len(handed_in(client, submitted)) == 11
    assert len(many) == len(few)
