"""Who is told what about renewals, once, and without anybody's data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.notices.models import Notice
from projects.models import Project
from renewals.models import Difference, Handover, RenewalTask, WarningList
from renewals.notices import remind
from tests import factories

pytestmark = [pytest.mark.django_db]

MORNING = datetime(2026, 11, 10, 7, 12, tzinfo=timezone.get_default_timezone())
TODAY, TOMORROW = date(2026, 11, 10), MORNING + timedelta(days=1)


def told(kind: str) -> list[tuple[User, str, str]]:
    return [(row.user, row.title, row.body) for row in Notice.objects.filter(kind=kind).order_by("user_id", "pk")]


def english(*users: User) -> None:
    for user in users:
        user.language = "en"
        user.save(update_fields=["language"])


def warn(project: Project, agent: Agent | None, **fields: Any) -> Any:
    values = {"listed_at": MORNING - timedelta(days=9)} | fields
    subscriber = factories.make_subscriber(project, expires_on=date(2026, 12, 9), name="欧阳小明", phone="19912345678")
    warning = factories.make_warning(subscriber, agent=agent, **values)
    WarningList.objects.update(made_at=MORNING - timedelta(days=9), refreshed_at=MORNING)
    return warning


def test_agent_staff_learn_in_the_morning_how_many_became_theirs(
    project: Project, agent: Agent, agent_staff_user: User, manager: User
) -> None:
    english(agent_staff_user)
    warn(project, agent, listed_at=MORNING - timedelta(hours=7))
    warn(project, agent, listed_at=MORNING - timedelta(hours=7))
    moved = warn(project, agent)
    Handover.objects.create(warning=moved, to_agent=agent, at=MORNING - timedelta(hours=3))
    warn(project, agent)
    for hours in range(3):
        remind(MORNING + timedelta(hours=hours))
    [(user, title, _body)] = told("renewals.handed")
    assert user == agent_staff_user
    assert title == "Expiring in December 2026, 锦江01网格: 3 subscribers are yours to follow"
    remind(TOMORROW)
    assert len(told("renewals.handed")) == 1


def test_managers_learn_that_their_list_was_made_and_what_nobody_has(
    project: Project, agent: Agent, manager: User, colleague: User
) -> None:
    english(manager)
    warn(project, agent, listed_at=MORNING - timedelta(hours=7))
    warn(project, None, listed_at=MORNING - timedelta(hours=7))
    WarningList.objects.update(made_at=MORNING - timedelta(hours=7))
    remind(MORNING)
    remind(TOMORROW)
    [(user, _title, body)] = told("renewals.handed")
    assert (user, body) == (manager, "2 contracts expire · 1 without an agent")


def test_overdue_visits_and_promises_are_told_once_a_day_to_staff_and_managers(
    project: Project, agent: Agent, agent_staff_user: User, manager: User, colleague: User
) -> None:
    english(agent_staff_user, manager)
    late = {"state": "second_visit", "next_step": "visit", "next_on": TODAY - timedelta(days=1)}
    warn(project, agent, **late)
    warn(project, None, **late)
    warn(project, agent, state="contacted", next_step="promise", next_on=TODAY - timedelta(days=3))
    warn(project, agent, **late | {"next_on": TODAY})  # due, not overdue
    remind(MORNING)
    remind(MORNING + timedelta(hours=9))
    found = {user: (title, body) for user, title, body in told("renewals.overdue")}
    assert found[agent_staff_user][0] == "Renewals: 1 second visit overdue · 1 promise not kept"
    assert found[manager][0] == "Renewals of 锦江01网格: 2 second visits overdue · 1 promise not kept"
    assert found[manager][1].startswith("锦江通信服务部 · 1 second visit overdue · 1 promise not kept")
    assert colleague not in found
    assert len(told("renewals.overdue")) == 2
    remind(TOMORROW)
    assert len(told("renewals.overdue")) == 4


def test_differences_are_told_to_specialist_and_managers_once_till_new_ones_come(
    unit: Unit, project: Project, other_project: Project, specialist: User, manager: User, colleague: User
) -> None:
    english(specialist, manager, colleague)

    def differ(place: Project, account: str, at: datetime) -> None:
        values = {"month": date(2026, 12, 1), "kind": "theirs", "account": account, "found_at": at}
        Difference.objects.create(unit=unit, project=place, theirs_on=date(2026, 12, 3), **values)

    differ(project, "1", MORNING - timedelta(days=1))
    differ(other_project, "2", MORNING - timedelta(days=1))
    remind(MORNING)
    remind(TOMORROW)
    assert [user for user, *_rest in told("renewals.differences")] == sorted(
        [specialist, manager, colleague], key=lambda user: user.pk
    )
    differ(project, "3", TOMORROW)
    remind(TOMORROW + timedelta(hours=1))
    assert Notice.objects.filter(user=specialist, kind="renewals.differences").count() == 2
    assert Notice.objects.filter(user=colleague, kind="renewals.differences").count() == 1


def test_open_tasks_are_reminded_of_while_due_and_for_some_days_after(
    grid: Grid, manager: User, specialist: User
) -> None:
    english(manager)
    for days in (-9, -2, 1, 9):
        due = TODAY + timedelta(days=days)
        RenewalTask.objects.create(
            grid=grid, month=date(2026, 12, 1), kind="other", what=f"by {days}", due_on=due, made_by=specialist
        )
    remind(MORNING)
    remind(MORNING + timedelta(hours=1))
    [(user, title, body)] = told("renewals.task")
    assert (user, title) == (manager, "Renewals: 1 task is late · 1 task is due by tomorrow")
    assert len(body.splitlines()) == 2


def test_nothing_told_says_who_a_subscriber_is(
    project: Project, agent: Agent, agent_staff_user: User, manager: User, specialist: User
) -> None:
    warn(project, agent, listed_at=MORNING - timedelta(hours=2))
    warn(project, agent, state="second_visit", next_step="visit", next_on=TODAY - timedelta(days=1))
    remind(MORNING)
    text = "".join(row.title + row.body + row.url for row in Notice.objects.all())
    assert Notice.objects.exists()
    assert "欧阳" not in text
    assert "1991234" not in text


def test_telling_costs_the_same_however_many_there_are(unit: Unit, project: Project, agent: Agent) -> None:
    def asked(now: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            remind(now)
        return len(queries)

    def more(number: int) -> None:
        for n in range(number):
            grid = factories.make_grid(unit)
            factories.make_manager(grid)
            place = factories.make_project(grid)
            owner = factories.make_agent(owns=[place])
            factories.make_agent_staff(owner, user=factories.make_user())
            late = {"state": "second_visit", "next_step": "visit", "next_on": TODAY - timedelta(days=1)}
            warn(place, owner, listed_at=MORNING - timedelta(hours=2), **late)
            Difference.objects.create(
                unit=unit, project=place, month=date(2026, 12, 1), kind="theirs", account=f"{place.pk}-{n}"
            )

    more(1)
    few = asked(MORNING)
    Notice.objects.all().delete()
    more(5)
    assert asked(MORNING) == few
