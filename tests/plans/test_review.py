"""The review: the inbox, a plan beside last month's and its last version, walking from one to the next (S1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, Unit, User
from plans import services, services_comments
from plans.compare import content_of
from plans.inbox import Row
from plans.models import ActionStep, Plan, PlanEvent, PlanVersion, ProjectShare, Target
from plans.pages import APPROVED, LATE, MISSING, RETURNED, WAITING
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME, SHANGHAI, TOO_LATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]
INBOX = "/plans/inbox/"


def seen(client: Client, query: str = "") -> list[Row]:
    rows: list[Row] = client.get(f"{INBOX}?month=2026-12&{query}").context["inbox"].rows
    return rows


def names(client: Client, query: str = "") -> list[str]:
    return [row.state.grid.name for row in seen(client, query)]


def counts(client: Client, query: str = "") -> dict[str, int]:
    tabs = client.get(f"{INBOX}?month=2026-12&{query}").context["inbox"].tabs
    return {tab.name: tab.number for tab in tabs if tab.number}


def waiting(grid: Grid, manager: User, at: datetime = ON_TIME, **fields: Any) -> Plan:
    """A plan of December that waits for its review."""
    plan = Plan.objects.create(
        grid=grid, month=DECEMBER.first, state="submitted", submitted_at=at, submitted_by=manager, **fields
    )
    late = timezone.localdate(at) > date(2026, 11, 28)
    PlanEvent.objects.create(plan=plan, action=PlanEvent.Action.SUBMITTED, by=manager, at=at, late=late)
    PlanVersion.objects.create(plan=plan, number=1, at=at, by=manager, content=content_of(plan))
    return plan


@pytest.fixture
def many(unit: Unit) -> list[Plan]:
    """Three more plans that wait."""
    grids = [factories.make_grid(unit, f"区{number}网格") for number in range(3)]
    return [waiting(grid, factories.make_manager(grid, name=f"{grid.name}经理")) for grid in grids]


# --- The inbox ---


def test_the_inbox_sorts_plans_by_what_they_wait_for(
    client_of: ClientOf, supervisor: User, submitted: Plan, other_grid: Grid, many: list[Plan]
) -> None:
    client = client_of(supervisor)
    services.send_back(many[0], many[0].version, supervisor, reason="x", now=ON_TIME)
    services.approve(many[1], many[1].version, supervisor, now=ON_TIME)
    assert counts(client) == {WAITING: 2, MISSING: 1, RETURNED: 1, APPROVED: 1}
    assert set(names(client)) == {submitted.grid.name, many[2].grid.name}
    assert names(client, f"tab={RETURNED}") == [many[0].grid.name]
    with time_machine.travel(TOO_LATE, tick=False):
        assert counts(client_of(supervisor)) == {WAITING: 2, LATE: 1, RETURNED: 1, APPROVED: 1}
        assert names(client_of(supervisor), f"tab={LATE}") == [other_grid.name]


def test_late_is_told_in_days(client_of: ClientOf, supervisor: User, manager: User, grid: Grid) -> None:
    waiting(grid, manager, datetime(2026, 12, 3, 9, 0, tzinfo=SHANGHAI))
    [row] = seen(client_of(supervisor))
    assert (row.late_days, row.state.late) == (5, True)


def test_what_is_not_handed_in_grows_later_day_by_day(client_of: ClientOf, supervisor: User, grid: Grid) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 9, 0, tzinfo=SHANGHAI), tick=False):
        [row] = seen(client_of(supervisor), f"tab={LATE}")
    assert (row.state.grid, row.late_days) == (grid, 3)


def test_a_plan_in_time_stays_in_time_when_it_is_returned_and_submitted_after_the_due_day(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    [row] = seen(client_of(supervisor))
    assert (row.state.late, row.late_days) == (False, 0)


def test_what_was_taken_back_was_not_handed_in_on_time(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    services.withdraw(submitted, submitted.version, manager, now=ON_TIME)
    assert counts(client_of(supervisor)) == {MISSING: 1}
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    with time_machine.travel(TOO_LATE, tick=False):
        [row] = seen(client_of(supervisor))
    assert (row.state.late, row.late_days) == (True, 1)
    assert submitted.events.filter(action=PlanEvent.Action.SUBMITTED, late=True).exists()


def test_a_row_says_the_goals_against_the_target(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    Plan.objects.filter(pk=submitted.pk).update(net_adds=25, talks=1)
    [row] = seen(client_of(supervisor))
    by_name = {cell.name: (cell.planned, cell.target, cell.below) for cell in row.goals}
    assert by_name["net_adds"] == (25, 30, True)
    assert by_name["renewals"] == (5, 5, False)
    assert ([cell.name for cell in row.others_below], row.gap) == (["talks"], 5)


def test_a_row_says_what_the_checks_found_as_the_plan_s_page_does(
    client_of: ClientOf, supervisor: User, submitted: Plan
) -> None:
    client = client_of(supervisor)
    ActionStep.objects.filter(plan=submitted).update(who="")
    [row] = seen(client)
    page = client.get(reverse("plans:review", args=[submitted.pk]))
    assert row.warnings
    assert row.problems == page.context["problems"]


def test_a_row_counts_open_comments_and_names_version_and_manager(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    first = services_comments.comment(submitted, "note", "一", supervisor, now=ON_TIME)
    services_comments.comment(submitted, "note", "二", supervisor, now=ON_TIME)
    services_comments.settle(first, manager, now=ON_TIME)
    [row] = seen(client_of(supervisor))
    assert (row.comments, row.number, row.changed, row.manager) == (1, 1, False, manager.name)


def test_what_changed_since_it_was_handed_in_is_marked(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    client = client_of(supervisor)
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    assert names(client, f"tab={RETURNED}&changed=1") == []
    Plan.objects.filter(pk=submitted.pk).update(version=submitted.version + 1, note="改")
    assert names(client, f"tab={RETURNED}&changed=1") == [submitted.grid.name]
    submitted.refresh_from_db()
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    assert names(client, "changed=1") == [submitted.grid.name]
    assert seen(client)[0].number == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=区1", 1), ("q=区1网格经理", 1), ("q=锦江区+区", 3), ("q=没有", 0), ("found=clean", 0), ("found=nonsense", 3)],
)
def test_filters_narrow_the_rows_and_the_counts(
    client_of: ClientOf, supervisor: User, many: list[Plan], query: str, found: int
) -> None:
    assert len(names(client_of(supervisor), query)) == found == counts(client_of(supervisor), query).get(WAITING, 0)


def test_rows_are_sorted_as_asked(client_of: ClientOf, supervisor: User, many: list[Plan]) -> None:
    Plan.objects.filter(pk=many[1].pk).update(submitted_at=datetime(2026, 11, 20, 8, 0, tzinfo=SHANGHAI))
    Target.objects.create(grid=many[2].grid, month=DECEMBER.first, net_adds=9)
    client = client_of(supervisor)
    assert names(client) == [plan.grid.name for plan in many]
    assert names(client, "sort=submitted")[0] == many[1].grid.name
    assert names(client, "sort=gap")[0] == many[2].grid.name
    assert sorted(names(client, "sort=problems")) == sorted(names(client, "sort=nonsense"))


def fill(unit: Unit, number: int) -> None:
    """``number`` grids whose plans wait, each with projects, steps, a target, a comment and two versions."""
    for _ in range(number):
        grid = factories.make_grid(unit)
        manager = factories.make_manager(grid)
        factories.make_target(grid, DECEMBER)
        plan = waiting(grid, manager, net_adds=20)
        PlanVersion.objects.create(plan=plan, number=2, at=ON_TIME, by=manager, content={})
        shares = [ProjectShare(plan=plan, project=row, net_adds=10) for row in factories.make_projects(grid, 2)]
        ProjectShare.objects.bulk_create(shares)
        ActionStep.objects.create(plan=plan, what="步骤")
        services_comments.comment(plan, "note", "请看", manager, now=ON_TIME)


def test_the_inbox_of_200_plans_takes_as_many_queries_as_that_of_10(
    client_of: ClientOf, supervisor: User, unit: Unit
) -> None:
    client = client_of(supervisor)
    fill(unit, 10)
    seen(client)
    with CaptureQueriesContext(connection) as few:
        assert len(seen(client)) == 10
    fill(unit, 190)
    with CaptureQueriesContext(connection) as many:
        assert len(seen(client)) == 200
    assert len(many) == len(few)
    assert len(few) < 35


def test_the_inbox_shows_own_units_only(
    client_of: ClientOf, foreign_supervisor: User, admin_user: User, many: list[Plan]
) -> None:
    assert seen(client_of(foreign_supervisor)) == []
    assert len(seen(client_of(admin_user))) == 3


# --- One plan ---


def page(client: Client, plan: Plan, query: str = "") -> Any:
    return client.get(reverse("plans:review", args=[plan.pk]) + query)


def test_the_review_shows_last_month_s_plan_beside(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    last = Plan.objects.create(grid=submitted.grid, month=date(2026, 11, 1), state="approved", net_adds=77)
    share = submitted.project_shares.first()
    assert share is not None
    ProjectShare.objects.create(plan=last, project=share.project, net_adds=33)
    ActionStep.objects.create(plan=last, what="旧步骤")
    review = page(client_of(supervisor), submitted).context["review"]
    assert review.last == last
    assert {row.key: row.last["planned"] for row in review.goals}["goal:net_adds"] == 77
    assert {row.key: row.last and row.last["net_adds"] for row in review.shares}[share.line] == 33
    assert [(row.title, row.done_on, row.now["carried"]) for row in review.last_steps] == [("旧步骤", None, False)]


def test_a_plan_handed_in_for_the_first_time_has_nothing_to_compare_with(
    client_of: ClientOf, supervisor: User, submitted: Plan
) -> None:
    review = page(client_of(supervisor), submitted).context["review"]
    assert (review.base, review.changed) == (None, 0)


@pytest.fixture
def again(submitted: Plan, supervisor: User, manager: User) -> Plan:
    """Returned, changed and handed in again: a step more, another less, a goal and a note changed."""
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    steps = list(submitted.steps.all())
    steps[0].delete()
    ActionStep.objects.create(plan=submitted, what="新的步骤")
    Plan.objects.filter(pk=submitted.pk).update(talks=9, note="改过")
    submitted.refresh_from_db()
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    return submitted


def test_the_review_marks_what_differs_from_the_last_version(
    client_of: ClientOf, supervisor: User, again: Plan
) -> None:
    review = page(client_of(supervisor), again).context["review"]
    rows = [*review.goals, review.note, *review.shares, *review.agents, *review.steps]
    kinds = {(row.title, row.kind) for row in rows if row.kind != "same"}
    assert kinds >= {("新项目洽谈", "changed"), ("新的步骤", "added")}
    assert sorted(kind for _title, kind in kinds) == ["added", "changed", "changed", "removed"]
    [goal] = [row for row in review.goals if row.kind == "changed"]
    assert [(change.before, change.after) for change in goal.seen.changes] == [("2", "9")]
    assert review.changed == 4


def test_rows_that_are_the_same_are_folded_away(client_of: ClientOf, supervisor: User, again: Plan) -> None:
    client = client_of(supervisor)
    whole, only = page(client, again).context["review"], page(client, again, "?only=1").context["review"]
    assert {row.kind for row in (*only.goals, *only.shares, *only.agents, *only.steps)} == {
        "changed",
        "added",
        "removed",
    }
    rows = (*whole.goals, whole.note, *whole.shares, *whole.agents, *whole.steps)
    assert only.hidden == sum(row.kind == "same" for row in rows) > 0


def test_a_revision_is_compared_with_the_approved_plan(
    client_of: ClientOf, supervisor: User, manager: User, approved: Plan
) -> None:
    made = services.revise(approved, approved.version, manager, reason="新楼盘", now=ON_TIME)
    Plan.objects.filter(pk=made.pk).update(talks=7)
    services.submit(made, made.version, manager, now=ON_TIME)
    review = page(client_of(supervisor), made).context["review"]
    assert review.base.content == approved.versions.get().content
    assert review.changed == 1


def test_steps_ticked_off_since_are_no_difference_of_an_approved_plan(
    client_of: ClientOf, supervisor: User, approved: Plan, manager: User
) -> None:
    made = services.revise(approved, approved.version, manager, reason="新楼盘", now=ON_TIME)
    services.submit(made, made.version, manager, now=ON_TIME)
    services.approve(made, made.version, supervisor, now=ON_TIME)
    made.steps.update(done_on=date(2026, 12, 3))
    assert page(client_of(supervisor), made).context["review"].changed == 0


def test_the_review_leads_from_one_waiting_plan_to_the_next(
    client_of: ClientOf, supervisor: User, many: list[Plan]
) -> None:
    client = client_of(supervisor)
    walks = [page(client, plan).context["walk"] for plan in many]
    assert [(walk.number, walk.waiting) for walk in walks] == [(1, 3), (2, 3), (3, 3)]
    assert [walk.next for walk in walks] == [many[1].pk, many[2].pk, None]
    assert [walk.previous for walk in walks] == [None, many[0].pk, many[1].pk]


def test_after_a_decision_the_next_plan_that_waits_is_shown(
    client_of: ClientOf, supervisor: User, many: list[Plan]
) -> None:
    client = client_of(supervisor)
    for plan, then in zip(many, [many[1], many[2], many[2]], strict=True):
        done = client.post(reverse("plans:approve", args=[plan.pk]), {"version": plan.version})
        assert done["Location"] == reverse("plans:review", args=[then.pk])
    assert page(client, many[2]).context["walk"].waiting == 0


def test_a_reason_that_came_too_late_is_not_lost(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    services.withdraw(submitted, submitted.version, manager, now=ON_TIME)
    sent = {"version": submitted.version - 1, "reason": "请补充雨天预案"}
    answer = client_of(supervisor).post(reverse("plans:return", args=[submitted.pk]), sent)
    assert answer.status_code == 409
    assert "请补充雨天预案" in answer.content.decode()
    assert not submitted.events.filter(action=PlanEvent.Action.RETURNED).exists()


def test_a_reason_that_is_too_long_is_said_to_be_and_stays(
    client_of: ClientOf, supervisor: User, submitted: Plan
) -> None:
    client, address = client_of(supervisor), reverse("plans:return", args=[submitted.pk])
    for length in (501, 1_200):
        answer = client.post(address, {"version": submitted.version, "reason": "长" * length})
        assert answer.status_code == 422
        assert answer.context["reason"] == "长" * length
    client.post(address, {"version": submitted.version, "reason": "长\r\n" * 250})
    assert submitted.events.get(action=PlanEvent.Action.RETURNED).reason == ("长\n" * 250).strip()


def test_the_review_takes_as_many_queries_for_a_large_plan(client_of: ClientOf, supervisor: User, again: Plan) -> None:
    client = client_of(supervisor)
    page(client, again)
    with CaptureQueriesContext(connection) as few:
        page(client, again)
    rows = factories.make_projects(again.grid, 30)
    ProjectShare.objects.bulk_create(ProjectShare(plan=again, project=row, net_adds=1) for row in rows)
    ActionStep.objects.bulk_create(
        ActionStep(plan=again, what=f"步骤{number}", project=rows[0]) for number in range(30)
    )
    with CaptureQueriesContext(connection) as many:
        assert page(client, again).status_code == 200
    assert len(many) == len(few)
