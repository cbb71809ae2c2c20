"""Winning a shop: its steps as data, what each may and does, board and table, the plan's count (C10, S1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channels import rules_pipeline as rules
from channels.choices import Stage
from channels.models import Outlet, StageMove
from channels.services_outlets import Stale, add_found, step
from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.results import won_outlets
from projects.models import Project
from tests import factories

STAGES = st.sampled_from(list(Stage))


# --- rules ---


@given(STAGES, STAGES)
def test_between_two_stages_leads_one_step_at_most(source: Stage, target: Stage) -> None:
    found = [one for one in rules.TRANSITIONS if source in one.sources and one.target == target]
    assert len(found) <= 1
    assert bool(found) == (
        source != target
        and not (source == Stage.SELLING and target == Stage.GIVEN_UP)
        and not (source == Stage.GIVEN_UP and target == Stage.SELLING)
    )


@given(STAGES, STAGES, st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.text(max_size=3), st.booleans())
def test_what_is_checked_is_never_in_the_future_nor_before_the_last_step(
    source: Stage, target: Stage, on: date, note: str, has_last: bool
) -> None:
    today, last = date(2026, 7, 1), date(2026, 3, 1) if has_last else None
    with suppress(rules.StepFault):
        found = rules.checked(source, target, on, note, last, today)
        assert on <= today
        assert last is None or on >= last
        assert note.strip() or found.kind in (rules.FORWARD, rules.TAKE_UP)


@given(st.lists(st.sampled_from(rules.OPEN), min_size=1))
def test_a_shop_is_taken_up_where_it_was_given_up(stages: list[Stage]) -> None:
    moves = [("", stages[0].value), *((one.value, other.value) for one, other in pairwise(stages))]
    moves.append((stages[-1].value, Stage.GIVEN_UP.value))
    assert rules.taken_up_at(moves) == stages[-1]


def test_a_code_is_needed_from_signing_on() -> None:
    assert [stage for stage in Stage if rules.needs_code(stage, "NEW-3")] == [
        Stage.SIGNED,
        Stage.LAID_OUT,
        Stage.SELLING,
    ]
    assert not rules.needs_code(Stage.SIGNED, "W000001")


# --- services ---


def found(grid: Grid, by: User, name: str = "街角便利店") -> Outlet:
    return add_found(Outlet(grid=grid, name=name), timezone.localdate() - timedelta(days=5), "老板有意向", by)


def lead(outlet: Outlet, target: Stage, by: User, *, on: date | None = None, note: str = "", code: str = "") -> None:
    outlet.refresh_from_db()
    today = timezone.localdate()
    step(outlet, outlet.version, target, on or today, note, by, today, code)
    outlet.refresh_from_db()


def test_shops_found_are_numbered_and_their_first_step_is_kept(grid: Grid, manager: User) -> None:
    for n in range(11):
        Outlet.objects.create(grid=grid, name="店", code=f"NEW-{n}")
    assert [found(grid, manager).code, found(grid, manager).code] == ["NEW-11", "NEW-12"]
    assert StageMove.objects.filter(stage=Stage.FOUND, from_stage="", by=manager).count() == 2


def test_only_a_shop_that_sells_counts_as_won_and_a_step_back_takes_it_away(grid: Grid, manager: User) -> None:
    shop, today = found(grid, manager), timezone.localdate()
    won = won_outlets(Grid.objects.filter(pk=grid.pk), Month.of(today), today)
    lead(shop, Stage.SIGNED, manager, code="W777")
    assert not won.all().exists()
    lead(shop, Stage.SELLING, manager)
    assert (shop.opened_on, shop.code, list(won.all())) == (today, "W777", [shop])
    lead(shop, Stage.LAID_OUT, manager, note="还没有开业")
    assert shop.opened_on is None
    assert not won.all().exists()
    assert [move.stage for move in shop.moves.all()] == ["found", "signed", "selling", "laid_out"]


@pytest.mark.parametrize(
    ("target", "said", "field"),
    [
        (Stage.SIGNED, {}, "code"),
        (Stage.SIGNED, {"code": "new-9"}, "code"),
        (Stage.SIGNED, {"code": "TAKEN"}, "code"),
        (Stage.TALKED, {"on": date(2000, 1, 1)}, "on"),
        (Stage.TALKED, {"on": date(2199, 1, 1)}, "on"),
        (Stage.GIVEN_UP, {"note": " "}, "note"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_at_its_field(
    grid: Grid, manager: User, target: Stage, said: dict[str, str], field: str
) -> None:
    factories.make_outlet(grid, "TAKEN")
    shop = found(grid, manager)
    with pytest.raises(ValidationError) as fault:
        lead(shop, target, manager, **said)  # type: ignore[arg-type]
    assert list(fault.value.message_dict) == [field]
    assert shop.moves.count() == 1


def test_whoever_comes_second_moves_nothing(grid: Grid, manager: User) -> None:
    shop, today = found(grid, manager), timezone.localdate()
    old = shop.version
    lead(shop, Stage.TALKED, manager)
    with pytest.raises(Stale):
        step(shop, old, Stage.GIVEN_UP, today, "不做了", manager, today)


# --- pages ---


def test_a_manager_adds_a_shop_and_leads_it_to_selling(
    client_of: Callable[[User], Client], manager: User, grid: Grid, project: Project
) -> None:
    browser, today = client_of(manager), timezone.localdate().isoformat()
    data = {"grid": str(grid.pk), "name": "街角便利店", "nearby_projects": [str(project.pk)], "on": today, "remark": ""}
    assert browser.post(reverse("channels:pipeline-new"), {**data, "longitude": "104"}).status_code == 422
    assert browser.post(reverse("channels:pipeline-new"), data).status_code == 302
    shop = Outlet.objects.get()
    assert (shop.stage, list(shop.nearby_projects.all())) == (Stage.FOUND, [project])
    address = reverse("channels:outlet-step", args=[shop.pk, "signed"])
    refused = browser.post(address, {"on": today, "version": "1", "code": "NEW-8"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["code"])
    assert browser.post(address, {"on": today, "version": "1", "code": "W778"}).status_code == 302
    page = browser.get(reverse("channels:outlet", args=[shop.pk]))
    assert (page.context["ways"]["next"], page.context["ways"]["give_up"]) == (Stage.LAID_OUT, Stage.GIVEN_UP)
    board = browser.get(reverse("channels:pipeline"))
    assert {column.stage: column.count for column in board.context["columns"]}[Stage.SIGNED] == 1


def test_a_shop_can_t_be_added_to_a_grid_of_others(
    client_of: Callable[[User], Client], manager: User, foreign_project: Project
) -> None:
    data = {"grid": str(foreign_project.grid_id), "name": "店", "on": timezone.localdate().isoformat()}
    assert client_of(manager).post(reverse("channels:pipeline-new"), data).status_code == 422
    assert not Outlet.objects.exists()


def test_the_board_asks_as_often_for_many_shops_as_for_few(
    client_of: Callable[[User], Client], manager: User, grid: Grid
) -> None:
    browser, counts = client_of(manager), []
    for number in (2, 20):
        for n in range(number):
            found(grid, manager, f"店{n}")
        for name in ("channels:pipeline", "channels:pipeline-table"):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                browser.get(reverse(name))
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
