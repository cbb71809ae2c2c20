"""Handing out warnings: from the pool, to others, back; two at once; one of another list refuses the whole (S7, C4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, User
from projects.models import Project
from renewals.models import Contact, ExpiryWarning, Handover, Tally
from renewals.services_assign import Overtaken, all_to, fingerprint, hand_out, hand_over, movable
from tests import factories

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]
Send = Callable[..., Any]
State = ExpiryWarning.State
ALL = ExpiryWarning.objects.all


@pytest.fixture
def pool(project: Project) -> list[ExpiryWarning]:
    """Five of a project, two of another, without an agent."""
    other = factories.make_project(project.grid, "P000009")
    days = [(project, day) for day in (9, 3, 5, 20, 21)] + [(other, day) for day in (2, 28)]
    return [factories.make_warning(factories.make_subscriber(at, expires_on=date(2026, 12, day))) for at, day in days]


def by_agent() -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for pk in ALL().values_list("agent", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def test_from_the_pool_to_an_agent_s_person(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    person = factories.make_agent_staff(agent)
    chosen = ALL().filter(pk__in=[pool[0].pk, pool[1].pk])
    assert hand_over(chosen, agent, person, manager, "忙不过来", timezone.now()) == 2
    row = chosen.earliest("pk")
    assert (row.agent, row.staff, row.state) == (agent, person, State.ASSIGNED)
    step = Handover.objects.get(warning=row)
    assert (step.from_agent, step.to_agent, step.to_staff, step.by, step.why) == (
        None,
        agent,
        person,
        manager,
        "忙不过来",
    )
    assert by_agent() == {None: 5, agent.pk: 2}


def test_back_to_the_pool(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    hand_over(ALL(), agent, None, manager, "", timezone.now())
    hand_over(ALL(), None, None, manager, "", timezone.now())
    assert not ALL().exclude(agent=None, staff=None, state=State.LISTED).exists()
    assert Handover.objects.count() == 2 * len(pool)


def test_work_that_was_begun_goes_along(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    begun = pool[0]
    said = {"medium": "call", "outcome": "promised", "promised_on": date(2026, 12, 8)}
    Contact.objects.create(
        warning=begun, subscriber=begun.subscriber, by=manager, state_before="listed", state_after="contacted", **said
    )
    fields = {"state": "contacted", "next_step": "promise", "next_on": date(2026, 12, 8), "contacts_made": 1}
    ALL().filter(pk=begun.pk).update(**fields)
    hand_over(ALL(), agent, None, manager, "", timezone.now())
    begun.refresh_from_db()
    assert (begun.agent, begun.state, begun.next_on) == (agent, State.CONTACTED, date(2026, 12, 8))
    assert Contact.objects.get().agent is None


def test_what_is_closed_stays(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    closed = {"next_step": "", "next_on": None}
    ALL().filter(pk=pool[0].pk).update(state="lost", loss="price", lost_on=date(2026, 12, 1), **closed)
    ALL().filter(pk=pool[1].pk).update(state="withdrawn", **closed)
    assert hand_over(ALL(), agent, None, manager, "", timezone.now()) == 5
    assert set(ALL().filter(agent=None).values_list("pk", flat=True)) == {pool[0].pk, pool[1].pk}


def test_who_has_it_already_is_no_step(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    hand_over(ALL(), agent, factories.make_agent_staff(agent), manager, "", timezone.now())
    assert hand_over(ALL(), agent, None, manager, "", timezone.now()) == 0
    assert Handover.objects.count() == len(pool)
    assert ALL().filter(staff=None).count() == 0


def test_the_counts_follow(pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    hand_over(ALL().filter(pk=pool[0].pk), agent, None, manager, "", timezone.now())
    told = {row["agent"]: row["sum_expiring"] for row in Tally.objects.sums("agent")}
    assert told == {agent.pk: 1, None: 6}


def test_who_decided_by_what_is_no_longer_so_decides_again(
    pool: list[ExpiryWarning], agent: Agent, manager: User, specialist: User
) -> None:
    seen, other = fingerprint(movable(ALL())), factories.make_agent()
    hand_out(ALL().filter(pk=pool[3].pk), all_to(other), specialist)
    with pytest.raises(Overtaken):
        hand_out(ALL(), all_to(agent), manager, seen=seen)
    assert by_agent() == {None: 6, other.pk: 1}


# --- The page ---


@pytest.fixture
def send(client_of: ClientOf, manager: User, pool: list[ExpiryWarning]) -> Send:
    url = reverse("renewals:hand-out", args=[pool[0].warning_list_id])

    def post(user: User = manager, **data: object) -> Any:
        return client_of(user).post(url, data)

    return post


def decided(send: Send, **data: object) -> Any:
    """Looked at the preview, then done."""
    seen = send(**data).context["seen"]
    return send(**data, seen=seen)


def test_the_preview_says_how_many_go_to_whom_and_changes_nothing(
    send: Send, pool: list[ExpiryWarning], agent: Agent
) -> None:
    answer = send(pick=[row.pk for row in pool[:3]], how="one", who=f"agent-{agent.pk}")
    assert answer.context["targets"] == [(agent.name, 3)]
    assert by_agent() == {None: 7}


def test_ticked_ones_are_handed_out(send: Send, pool: list[ExpiryWarning], agent: Agent) -> None:
    decided(send, pick=[row.pk for row in pool[:3]], how="one", who=f"agent-{agent.pk}")
    assert by_agent() == {None: 4, agent.pk: 3}


def test_all_that_the_filters_find_are_handed_out(
    send: Send, pool: list[ExpiryWarning], project: Project, agent: Agent
) -> None:
    decided(send, every="1", query=f"?project={project.pk}", how="one", who=f"agent-{agent.pk}")
    assert by_agent() == {None: 2, agent.pk: 5}


def test_several_agents_get_as_many_each_and_projects_stay_together(
    send: Send, pool: list[ExpiryWarning], project: Project, agent: Agent
) -> None:
    second = factories.make_agent("D99999", owns=[factories.make_project(project.grid)])
    decided(send, every="1", query="", how="evenly", agents=[agent.pk, second.pk])
    assert by_agent() == {agent.pk: 4, second.pk: 3}
    assert ALL().filter(agent=agent).values("subscriber__project").distinct().count() == 1


def test_each_to_who_owns_the_project_today(
    send: Send, pool: list[ExpiryWarning], project: Project, agent: Agent
) -> None:
    owner = project.ownerships.get().agent
    decided(send, every="1", query="", how="owners")
    assert by_agent() == {owner.pk: 5, None: 2}


def test_one_of_another_list_refuses_the_whole(
    send: Send, pool: list[ExpiryWarning], foreign_project: Project, agent: Agent
) -> None:
    foreign = factories.make_warning(factories.make_subscriber(foreign_project, expires_on=date(2026, 12, 5)))
    answer = send(pick=[pool[0].pk, foreign.pk], how="one", who=f"agent-{agent.pk}", seen="x")
    assert answer.status_code == 404
    assert by_agent() == {None: 8}


def test_an_agent_without_a_project_in_the_unit_is_not_offered(send: Send, pool: list[ExpiryWarning]) -> None:
    stranger = factories.make_agent()
    answer = send(pick=[pool[0].pk], how="one", who=f"agent-{stranger.pk}", seen="x")
    assert answer.context["form"].errors["who"]
    assert by_agent() == {None: 7}


def test_somebody_was_quicker(send: Send, pool: list[ExpiryWarning], agent: Agent, manager: User) -> None:
    data = {"pick": [pool[0].pk], "how": "pool"}
    hand_over(ALL(), agent, None, manager, "", timezone.now())
    seen = send(**data).context["seen"]
    hand_over(ALL(), agent, factories.make_agent_staff(agent), manager, "", timezone.now())
    answer = send(**data, seen=seen)
    assert answer.status_code == 409
    assert by_agent() == {agent.pk: 7}


def test_another_choice_than_the_preview_showed_is_shown_first(
    send: Send, pool: list[ExpiryWarning], agent: Agent, project: Project
) -> None:
    other = factories.make_agent("D99999", owns=[factories.make_project(project.grid)])
    data = {"pick": [pool[0].pk], "how": "one"}
    seen = send(**data, who=f"agent-{agent.pk}").context["seen"]
    answer = send(**data, who=f"agent-{other.pk}", seen=seen)
    assert answer.context["targets"] == [(other.name, 1)]
    assert by_agent() == {None: 7}


def test_nothing_ticked_leads_back_to_the_list(send: Send, pool: list[ExpiryWarning]) -> None:
    answer = send(query="?agent=pool")
    assert answer.url.endswith("?agent=pool")


def test_agent_staff_do_not_hand_out(send: Send, pool: list[ExpiryWarning], agent_staff_user: User, grid: Grid) -> None:
    assert send(agent_staff_user, pick=[pool[0].pk]).status_code == 403
