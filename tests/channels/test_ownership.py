"""Who owns a project since when: given to another from a day on, what goes along, what the roster does to it (S7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from channels.models import Agent, OwnerChange, Ownership
from channels.services_ownership import assign_owners, carry_out_due, change_owner, foresee, withdraw
from gridops.accounts.models import User
from projects.models import Project
from renewals.models import ExpiryWarning
from tests import factories

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def owners(project: Project) -> list[tuple[str, date, date | None]]:
    rows = Ownership.objects.filter(project=project).order_by("starts_on")
    return [(row.agent.name, row.starts_on, row.ends_on) for row in rows]


def warning(project: Project, agent: Agent | None, **fields: object) -> ExpiryWarning:
    return factories.make_warning(
        factories.make_subscriber(project, expires_on=date(2026, 12, 9)), agent=agent, **fields
    )


@pytest.fixture
def other(agent: Agent) -> Agent:
    Project.objects.update(agent_name=agent.name)
    return factories.make_agent("D0002", name="翠湖通信")


def test_a_project_passes_on_from_a_day_and_the_ledger_follows(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    moved = change_owner(project, other, date(2026, 11, 20), supervisor, NOW)
    assert owners(project) == [
        (agent.name, factories.LONG_AGO, date(2026, 11, 19)),
        (other.name, date(2026, 11, 20), None),
    ]
    assert (moved.waits, moved.change.from_agent, moved.change.to_agent) == (False, agent, other)
    project.refresh_from_db()
    assert (project.agent_name, project.version) == (other.name, 2)
    assert assign_owners(TODAY) == 0
    assert len(owners(project)) == 2


def test_open_renewals_of_the_owner_and_the_pool_go_along_and_no_others(
    project: Project, other_project: Project, agent: Agent, other: Agent, supervisor: User, english: None
) -> None:
    third = factories.make_agent("D0003")
    follows, pool = warning(project, agent), warning(project, None)
    stays = [
        warning(project, third),
        warning(project, agent, state="renewed", renewed_on=TODAY, next_step="", next_on=None),
        warning(other_project, agent),
    ]
    assert foresee(project, other, TODAY, TODAY).along == ["2 open renewals"]
    moved = change_owner(project, other, TODAY, supervisor, NOW, "合同到期")
    assert (moved.along, moved.change.moved) == (["2 open renewals"], {"renewals.warnings": 2})
    for row in (follows, pool):
        row.refresh_from_db()
        assert (row.agent, row.state) == (other, "assigned")
        assert list(row.handovers.values_list("by", "why")) == [(supervisor.pk, "合同到期")]
    for row in stays:
        before = row.agent_id
        row.refresh_from_db()
        assert row.agent_id == before


def test_given_to_nobody_its_renewals_go_to_the_pool(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    row = warning(project, agent)
    change_owner(project, None, TODAY, supervisor, NOW)
    row.refresh_from_db()
    assert (row.agent, row.state) == (None, "listed")
    project.refresh_from_db()
    assert project.agent_name == ""
    assert owners(project) == [(agent.name, factories.LONG_AGO, TODAY - timedelta(days=1))]


def test_a_day_to_come_is_waited_for_and_nothing_moves_before_it(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    row, day = warning(project, agent), date(2026, 12, 1)
    assert change_owner(project, other, day, supervisor, NOW).waits
    assert carry_out_due(NOW) == 0
    assert owners(project) == [(agent.name, factories.LONG_AGO, None)]
    assert assign_owners(TODAY) == 0
    assert carry_out_due(NOW + timedelta(days=8)) == 1  # a day late: the day named still counts
    assert carry_out_due(NOW + timedelta(days=8)) == 0
    assert owners(project)[1] == (other.name, day, None)
    row.refresh_from_db()
    assert row.agent == other
    assert OwnerChange.objects.get().moved == {"renewals.warnings": 1}


def test_a_later_change_takes_the_place_of_one_that_waits(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    change_owner(project, other, date(2026, 12, 1), supervisor, NOW)
    third = factories.make_agent("D0003")
    waiting = change_owner(project, third, date(2026, 12, 15), supervisor, NOW).change
    assert OwnerChange.objects.get() == waiting
    assert (withdraw(waiting), withdraw(waiting)) == (True, False)
    assert carry_out_due(NOW + timedelta(days=60)) == 0


def test_what_was_planned_gives_way_to_the_roster_only_until_its_day(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    change_owner(project, other, date(2026, 12, 1), supervisor, NOW)
    third = factories.make_agent("D0003", name="第三家")
    Project.objects.update(agent_name=third.name)
    assign_owners(date(2026, 12, 2))
    carry_out_due(NOW + timedelta(days=9))
    assert [(name, start) for name, start, _end in owners(project)] == [
        (agent.name, factories.LONG_AGO),
        (other.name, date(2026, 12, 2)),
    ]


def test_who_no_longer_works_gets_nothing(project: Project, agent: Agent, other: Agent, supervisor: User) -> None:
    change_owner(project, other, date(2026, 12, 1), supervisor, NOW)
    Agent.objects.filter(pk=other.pk).update(is_active=False)
    assert carry_out_due(NOW + timedelta(days=9)) == 0
    other.refresh_from_db()
    with pytest.raises(ValidationError):
        change_owner(project, other, TODAY, supervisor, NOW)


def test_settled_days_stay_and_the_owner_is_not_changed_to_the_owner(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    change_owner(project, other, TODAY, supervisor, NOW)
    for new, day in ((agent, TODAY - timedelta(days=1)), (other, TODAY), (agent, date(2028, 1, 1))):
        with pytest.raises(ValidationError):
            change_owner(project, new, day, supervisor, NOW)
    change_owner(project, agent, TODAY, supervisor, NOW)  # back on the same day: it never left
    assert owners(project) == [(agent.name, factories.LONG_AGO, None)]


def test_one_of_two_agents_of_a_name_keeps_what_it_was_given_by_hand(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    same = factories.make_agent("D0004", name=other.name)
    change_owner(project, same, TODAY, supervisor, NOW)
    assert assign_owners(TODAY) == 0
    assert owners(project)[-1] == (same.name, TODAY, None)
    assert Ownership.objects.get(ends_on=None).agent == same
    Project.objects.update(agent_name=agent.name)
    assert assign_owners(TODAY) == 1


def test_a_roster_that_names_another_agent_moves_open_renewals_too(
    project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    rows = [warning(project, agent), warning(project, None)]
    Project.objects.update(agent_name=other.name)
    assign_owners(TODAY, supervisor, NOW)
    assert {row.agent for row in ExpiryWarning.objects.filter(pk__in=[one.pk for one in rows])} == {other}
    assert rows[0].handovers.get().by == supervisor
