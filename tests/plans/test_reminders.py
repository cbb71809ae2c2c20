"""Who is reminded of what is due, when: each once, whenever and however often it is asked (S1, S7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from gridops.accounts.models import Grid, Membership, Role, RuleValue, Unit, User
from gridops.notices.models import Notice
from plans.models import Plan
from plans.tasks import remind as remind_of_plans
from projects.models import Project
from renewals.models import ExpiryWarning
from renewals.tasks import remind as remind_of_renewals
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER
from tests.plans.moments import SHANGHAI

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_readers")]


@pytest.fixture
def english_readers(manager: User, supervisor: User, specialist: User) -> None:
    User.objects.update(language="en")


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, 10, tzinfo=SHANGHAI)


def ask(moment: datetime) -> list[tuple[str, str]]:
    """(name's first letter, title) of what is told at this hour and was not before."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        remind_of_plans()
        remind_of_renewals()
    rows = Notice.objects.exclude(pk__in=before).select_related("user").order_by("user__employee_no", "title")
    return [(row.user.employee_no[0], row.title) for row in rows]


def days(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def of(day: str, told: dict[str, list[tuple[str, str]]], who: str, begins: str) -> list[str]:
    return [title for letter, title in told.get(day, []) if letter == who and title.startswith(begins)]


@pytest.fixture
def month_of_silence(grid: Grid, manager: User, supervisor: User, specialist: User) -> dict[str, list[tuple[str, str]]]:
    """What is told on each day from the 20th to the 6th while nobody does anything, asked three times a day."""
    told: dict[str, list[tuple[str, str]]] = {}
    for day in days(date(2026, 11, 20), date(2026, 12, 6)):
        for hour in (0, 8, 17):
            told.setdefault(f"{day:%m-%d}", []).extend(ask(at(day.month, day.day, hour)))
    return {day: rows for day, rows in told.items() if rows}


def test_the_manager_is_reminded_three_days_and_one_before_on_the_day_and_once_when_late(
    month_of_silence: dict[str, list[tuple[str, str]]],
) -> None:
    begins = "Plan for December 2026, 锦江01网格: "
    found = {day: of(day, month_of_silence, "G", begins) for day in month_of_silence}
    assert {day: titles[0].removeprefix(begins) for day, titles in found.items() if titles} == {
        "11-25": "3 days left",
        "11-27": "1 day left",
        "11-28": "today is the last day",
        "11-29": "late since Sat 28 Nov.",
    }
    assert all(len(titles) <= 1 for titles in found.values())


def test_the_supervisor_hears_on_the_due_day_then_daily_for_five_days(
    month_of_silence: dict[str, list[tuple[str, str]]],
) -> None:
    begins = "Plans for December 2026"
    found = {day: of(day, month_of_silence, "S", begins) for day in month_of_silence}
    told = {day: titles for day, titles in found.items() if titles}
    assert list(told) == ["11-28", "11-29", "11-30", "12-01", "12-02", "12-03"]
    assert told["11-28"] == ["Plans for December 2026, 锦江区经营单位: 1 plan is missing · today is the last day"]
    assert "late since" in told["11-29"][0]


def test_a_supervisor_is_reminded_of_grids_without_a_target_while_plans_can_follow(
    month_of_silence: dict[str, list[tuple[str, str]]],
) -> None:
    begins = "Targets for December 2026, 锦江区经营单位: 1 grid has no target · "
    told = {day: of(day, month_of_silence, "S", begins) for day in month_of_silence}
    assert [day for day, titles in told.items() if titles] == ["11-25", "11-27", "11-28"]


def test_the_renewal_split_reaches_manager_and_specialist_then_the_supervisor_when_late(
    month_of_silence: dict[str, list[tuple[str, str]]],
) -> None:
    begins = "Renewal split for December 2026"
    told = {who: [day for day in month_of_silence if of(day, month_of_silence, who, begins)] for who in ("G", "R", "S")}
    assert told == {
        "G": ["11-22", "11-24", "11-25"],
        "R": ["11-22", "11-24", "11-25", "11-26"],
        "S": ["11-26"],
    }


def test_nobody_is_reminded_in_the_night_and_asking_again_tells_nothing(grid: Grid) -> None:
    assert ask(at(11, 28, 6)) == []
    assert ask(at(11, 28, 7))
    assert ask(at(11, 28, 7)) == []
    assert ask(at(11, 28, 8)) == []


def test_after_a_stand_still_what_was_missed_is_told_once(grid: Grid) -> None:
    assert "2 days left" in ask(at(11, 26))[0][1]
    assert ask(at(11, 26, 20)) == []
    titles = [title for _, title in ask(at(11, 30)) if title.startswith("Plan")]
    assert titles == [
        "Plan for December 2026, 锦江01网格: late since Sat 28 Nov.",
        "Plans for December 2026, 锦江区经营单位: 1 plan is missing · late since Sat 28 Nov.",
    ]


def test_the_local_date_counts(grid: Grid) -> None:
    """At 23:30 UTC on the 27th it is the 28th in Shanghai."""
    utc = datetime.fromisoformat("2026-11-27T23:30:00+00:00")
    assert any("today is the last day" in title for _, title in ask(utc))


@pytest.mark.parametrize("state", [Plan.State.SUBMITTED, Plan.State.APPROVED, Plan.State.RETURNED])
def test_a_plan_that_was_handed_in_is_not_missing(grid: Grid, state: str) -> None:
    Plan.objects.create(grid=grid, month=DECEMBER.first, state=state)
    assert not [title for _, title in ask(at(11, 29)) if title.startswith("Plan")]


def test_a_revision_in_work_is_not_missing(grid: Grid) -> None:
    Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.APPROVED)
    Plan.objects.create(grid=grid, month=DECEMBER.first, revision=2, revision_reason="tower moved")
    assert not [title for _, title in ask(at(11, 29)) if title.startswith("Plan")]


def test_the_reminder_leads_to_the_draft(grid: Grid, manager: User) -> None:
    draft = Plan.objects.create(grid=grid, month=DECEMBER.first)
    ask(at(11, 28))
    assert Notice.objects.get(user=manager, kind="plans.due").url == f"/plans/{draft.pk}/"


def test_a_unit_sets_its_own_days(grid: Grid, unit: Unit) -> None:
    for key, value in (("plan_due_day", 26), ("remind_days_first", 5), ("escalate_days", 2)):
        RuleValue.objects.create(unit=unit, key=key, value=value)
    assert "5 days left" in next(title for _, title in ask(at(11, 21)) if title.startswith("Plan for"))
    assert not [who for who, title in ask(at(11, 27)) if who == "S" and title.startswith("Plans for")]
    assert [who for who, title in ask(at(11, 28)) if who == "S" and title.startswith("Plans for")]


def test_deputies_are_reminded_too_and_told_that_they_stand_in(grid: Grid, manager: User, colleague: User) -> None:
    User.objects.update(language="en")
    Membership.objects.create(
        user=colleague, role=Role.GRID_MANAGER, grid=grid, stands_in_for=manager,
        starts_on=date(2026, 11, 28), ends_on=date(2026, 12, 2),
    )  # fmt: skip
    assert not Notice.objects.filter(kind="plans.deputy").exists()
    ask(at(11, 27))
    assert not Notice.objects.filter(kind="plans.deputy").exists()
    ask(at(11, 28))
    assert Notice.objects.filter(user=colleague, title__contains="锦江01网格: today is the last day").exists()
    assert Notice.objects.get(kind="plans.deputy").title == "You stand in for 张经理 until Wed 2 Dec."


def test_a_returned_plan_that_nobody_answers_is_recalled_once_a_return(grid: Grid, manager: User) -> None:
    plan = Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.RETURNED, reviewed_at=at(11, 20))
    begins = "Plan returned and not answered"
    assert not [title for _, title in ask(at(11, 22, 8)) if title.startswith(begins)]
    assert [who for who, title in ask(at(11, 22, 10)) if title.startswith(begins)] == ["G"]
    assert not [title for _, title in ask(at(11, 24)) if title.startswith(begins)]
    Plan.objects.filter(pk=plan.pk).update(reviewed_at=at(11, 24))
    assert [who for who, title in ask(at(11, 27)) if title.startswith(begins)] == ["G"]


def test_plans_that_wait_for_review_are_recalled_once_a_day(grid: Grid, other_grid: Grid) -> None:
    for place in (grid, other_grid):
        Plan.objects.create(grid=place, month=DECEMBER.first, state=Plan.State.SUBMITTED, submitted_at=at(11, 20))
    assert ("S", "锦江区经营单位: 2 plans wait for review") in ask(at(11, 23))
    assert not [title for _, title in ask(at(11, 23, 18)) if "wait for review" in title]


def test_steps_due_tomorrow_or_late_come_as_one_notice_a_day_and_grid(grid: Grid, manager: User) -> None:
    plan = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    for what, day in (("late", 9), ("tomorrow", 11), ("later", 12)):
        plan.steps.create(what=what, due_on=date(2026, 11, day))
    plan.steps.create(what="done", due_on=date(2026, 11, 9), done_on=date(2026, 11, 9))
    assert ask(at(11, 10)) == [("G", "Plan: 1 step is late · 1 step is due by tomorrow")]
    assert Notice.objects.get().body == "Mon 9 Nov. · late\nWed 11 Nov. · tomorrow"
    assert ask(at(11, 10, 15)) == []
    assert len(ask(at(11, 11))) == 1


def test_a_split_is_done_when_every_contract_has_an_agent(grid: Grid, project: Project) -> None:
    warning = factories.make_warning(factories.make_subscriber(project, expires_on=date(2026, 12, 9)))
    assert {who for who, title in ask(at(11, 25)) if title.startswith("Renewal")} == {"G", "R"}
    assert "1 contract has no agent" in Notice.objects.filter(kind="renewals.due").latest("pk").body
    ExpiryWarning.objects.filter(pk=warning.pk).update(agent=factories.make_agent(), state=ExpiryWarning.State.ASSIGNED)
    assert not [title for _, title in ask(at(11, 26)) if title.startswith("Renewal")]


def test_no_notice_names_a_subscriber(grid: Grid, project: Project) -> None:
    factories.make_warning(
        factories.make_subscriber(project, name="王小明", phone="19900001111", expires_on=date(2026, 12, 9))
    )
    ask(at(11, 25))
    texts = "".join(title + body for title, body in Notice.objects.values_list("title", "body"))
    assert "王小明" not in texts
    assert "19900001111" not in texts


def test_more_grids_cost_no_more_queries(
    unit: Unit, django_assert_num_queries: DjangoAssertNumQueries, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def more(count: int) -> None:
        for _ in range(count):
            grid = factories.make_grid(unit)
            factories.make_manager(grid)
            Plan.objects.create(grid=grid, month=DECEMBER.first)

    more(2)
    with django_assert_max_num_queries(47) as few:
        ask(at(11, 25))
    more(40)
    with django_assert_num_queries(len(few)):
        assert len(ask(at(11, 28))) > 40
