"""What lags in a unit's month, the tasks made of it, and who is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.notices.models import Notice
from projects.models import Project
from renewals.anomalies import findings_of, words_of
from renewals.models import RenewalTask, Tally, WarningList
from tests import factories
from tests.factories import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TODAY = timezone.localdate()
MONTH = Month.of(TODAY)
ADDRESS = f"/renewals/anomalies/?month={MONTH}"


def tally(project: Project, agent: Agent | None, **counts: int) -> Tally:
    """What is counted of ``agent`` in ``project``; whatever is not named is 0."""
    listed, _ = WarningList.objects.get_or_create(grid=project.grid, month=MONTH.first, defaults={"tallied_on": TODAY})
    names = [
        field.name
        for field in Tally._meta.fields
        if field.name not in ("id", "warning_list", "project", "agent", "staff")
    ]
    values: dict[str, Any] = dict.fromkeys(names, 0) | counts
    return Tally.objects.create(warning_list=listed, project=project, agent=agent, **values)


@pytest.fixture
def others(other_project: Project) -> Agent:
    """An agent of the unit's other grid who keeps up: 71 of 100."""
    agent = factories.make_agent("D0009", name="其他", owns=[other_project])
    tally(other_project, agent, expiring=100, due=100, due_contacted=71)
    return agent


def make(client: Any, unit: Unit, anomaly: str, **more: str) -> Any:
    data = {"anomaly": anomaly, "what": "Call them", "due_on": str(TODAY)}
    return client.post(f"/renewals/anomalies/{unit.pk}/{MONTH}/task/", data | more)


def test_an_agent_behind_the_rest_of_the_unit_lags_with_numbers_in_words(
    unit: Unit, agent: Agent, project: Project, others: Agent
) -> None:
    tally(project, agent, expiring=60, due=48, due_contacted=21)
    found = findings_of([unit], MONTH, TODAY)[unit.pk]
    assert [one.key for one in found.anomalies] == [
        f"contacts-agent-{agent.pk}", f"contacts-project-{project.pk}"
    ]  # fmt: skip
    one = found.anomalies[0]
    assert words_of(one.kind, one.numbers(found, project.grid_id)) == (
        "Of 48 to be called by now, 21 were contacted (43.8 %); of the unit's others 71.0 %. "
        "At the same pace so few come about with a probability of less than 0.01 % (below 5 %)."
    )
    assert (found.tested, found.few) == (4, 0)


def test_few_are_not_judged_and_counted_as_such(unit: Unit, agent: Agent, project: Project, others: Agent) -> None:
    tally(project, agent, due=9)
    found = findings_of([unit], MONTH, TODAY)[unit.pk]
    # the others have nobody to be compared with who has enough
    assert (found.tested, found.few) == (0, 4)


def test_renewals_are_judged_among_expired_ones(
    unit: Unit, agent: Agent, project: Project, other_project: Project
) -> None:
    factories.make_agent(owns=[other_project])
    tally(project, agent, expiring=100, expired=40, expired_renewed=10, renewed=80)
    tally(other_project, None, expiring=100, expired=50, expired_renewed=40)
    found = findings_of([unit], MONTH, TODAY)[unit.pk]
    assert {one.key for one in found.anomalies} == {f"renewals-agent-{agent.pk}", f"renewals-project-{project.pk}"}


def test_the_pool_of_a_manager_is_judged_as_an_agent_is(
    unit: Unit, grid: Grid, project: Project, others: Agent
) -> None:
    tally(project, None, due=48, due_contacted=21)
    assert f"contacts-pool-{grid.pk}" in {one.key for one in findings_of([unit], MONTH, TODAY)[unit.pk].anomalies}


def test_an_agent_in_two_grids_gets_a_task_in_each_where_it_lags(
    unit: Unit, grid: Grid, other_grid: Grid, agent: Agent, project: Project, others: Agent, specialist: User
) -> None:
    second, third = factories.make_project(other_grid), factories.make_project(factories.make_grid(unit))
    tally(project, agent, due=30, due_contacted=5)
    tally(second, agent, due=30, due_contacted=9)
    tally(third, agent, due=10, due_contacted=10)
    client = client_of(specialist)
    key = f"contacts-agent-{agent.pk}"
    assert make(client, unit, key).status_code == 302
    make(client, unit, key)
    tasks = RenewalTask.objects.filter(agent=agent)
    assert {task.grid_id for task in tasks} == {grid.pk, other_grid.pk}
    assert len(tasks) == 2
    assert tasks[0].numbers["of"] == 70
    assert {task.numbers["part_of"] for task in tasks} == {30}


def test_a_manager_sees_and_makes_tasks_of_own_grids_alone(
    unit: Unit,
    grid: Grid,
    other_grid: Grid,
    agent: Agent,
    project: Project,
    others: Agent,
    manager: User,
    colleague: User,
) -> None:
    tally(project, agent, due=48, due_contacted=21)
    key = f"contacts-agent-{agent.pk}"
    assert key in client_of(manager).get(ADDRESS).text
    assert key not in client_of(colleague).get(ADDRESS).text
    make(client_of(colleague), unit, key)
    assert not RenewalTask.objects.exists()
    make(client_of(manager), unit, key)
    assert RenewalTask.objects.get().grid == grid


def test_the_grids_managers_are_told_of_a_task_that_somebody_else_made(
    unit: Unit, agent: Agent, project: Project, others: Agent, manager: User, specialist: User
) -> None:
    tally(project, agent, due=48, due_contacted=21)
    make(client_of(specialist), unit, f"contacts-agent-{agent.pk}")
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (manager, "renewals.task")
    make(client_of(manager), unit, f"contacts-project-{project.pk}")
    assert Notice.objects.count() == 1


def test_what_is_no_anomaly_makes_no_task(
    unit: Unit, agent: Agent, project: Project, others: Agent, manager: User
) -> None:
    tally(project, agent, due=48, due_contacted=40)
    make(client_of(manager), unit, f"contacts-agent-{agent.pk}")
    assert not RenewalTask.objects.exists()


@pytest.mark.parametrize("day", ["", "2020-01-01", "2999-01-01", "x"])
def test_a_task_wants_a_day_that_can_be_kept(
    unit: Unit, agent: Agent, project: Project, others: Agent, manager: User, day: str
) -> None:
    tally(project, agent, due=48, due_contacted=21)
    make(client_of(manager), unit, f"contacts-agent-{agent.pk}", due_on=day)
    assert not RenewalTask.objects.exists()


def a_task(grid: Grid, by: User, **fields: Any) -> RenewalTask:
    values = {"month": MONTH.first, "kind": "other", "what": "x", "due_on": TODAY, "made_by": by} | fields
    return RenewalTask.objects.create(grid=grid, **values)


def test_a_task_is_ticked_off_with_a_result_once(grid: Grid, manager: User, specialist: User) -> None:
    task, client = a_task(grid, specialist), client_of(manager)
    client.post(f"/renewals/tasks/{task.pk}/done/", {"result": "  "})
    task.refresh_from_db()
    assert task.done_on is None
    client.post(f"/renewals/tasks/{task.pk}/done/", {"result": "called all"})
    client_of(specialist).post(f"/renewals/tasks/{task.pk}/done/", {"result": "no"})
    task.refresh_from_db()
    assert [task.done_on, task.done_by, task.result] == [TODAY, manager, "called all"]


def test_a_done_task_is_taken_up_again_unless_the_same_is_open(grid: Grid, agent: Agent, manager: User) -> None:
    same = {"kind": "contacts", "agent": agent}
    done = a_task(grid, manager, **same, done_on=TODAY, done_by=manager, result="x")
    newer = a_task(grid, manager, **same)
    client = client_of(manager)
    client.post(f"/renewals/tasks/{done.pk}/reopen/")
    done.refresh_from_db()
    assert done.done_on == TODAY
    newer.delete()
    client.post(f"/renewals/tasks/{done.pk}/reopen/")
    done.refresh_from_db()
    assert done.done_on is None


def test_a_task_is_made_by_hand_in_an_own_grid_only(grid: Grid, other_grid: Grid, manager: User) -> None:
    client = client_of(manager)
    data = {"grid": other_grid.pk, "month": str(MONTH), "what": "x", "due_on": str(TODAY)}
    assert client.post("/renewals/tasks/new/", data).status_code == 422
    assert client.post("/renewals/tasks/new/", data | {"grid": grid.pk}).status_code == 302
    assert RenewalTask.objects.get().kind == "other"


def test_the_pages_cost_the_same_however_many_lag(
    unit: Unit, grid: Grid, project: Project, agent: Agent, others: Agent, specialist: User
) -> None:
    tally(project, agent, due=48, due_contacted=21)
    client, addresses = client_of(specialist), [ADDRESS, f"/renewals/tasks/?month={MONTH}"]

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    client.get(ADDRESS)  # keeps the month chosen
    before = [asked(address) for address in addresses]
    for n in range(8):
        more = factories.make_project(grid)
        tally(more, factories.make_agent(owns=[more]), due=48, due_contacted=n)
        a_task(grid, specialist, agent=agent)
    assert [asked(address) for address in addresses] == before
    assert max(before) < 25


def test_a_foreign_unit_is_not_there(other_unit: Unit, manager: User, specialist: User) -> None:
    for user in (manager, specialist):
        assert make(client_of(user), other_unit, "x").status_code == 404
        assert client_of(user).get(f"{ADDRESS}&unit={other_unit.pk}").status_code == 404
