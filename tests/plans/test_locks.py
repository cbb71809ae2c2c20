"""Who waits for whom when a plan, its targets and its people are written at once: nothing is lost, nobody waits twice.

Each test holds one transaction open while the other one begins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gridops.accounts.models import Grid, Role, Unit, User
from gridops.accounts.services_deputies import name_deputy
from gridops.notices.services import notify
from plans.cells import Cell
from plans.models import ActionStep, Plan
from plans.notices import DEPUTY
from plans.services_cells import save_cells
from plans.services_edit import held
from plans.services_follow import tick
from plans.services_handdown import Wanted, hand_down
from plans.services_settling import settle
from projects.models import MonthlyIndicator
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import SHANGHAI

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
JANUARY = datetime(2027, 1, 2, 10, tzinfo=SHANGHAI)
SECONDS = 0.6  # long enough for the second one to have read, and to wait for the first


def meanwhile(first: Callable[[], object], second: Callable[[], object], *, waits: bool) -> None:
    """``second`` begins while the transaction of ``first`` is open; that ends after a moment, or, when nobody has to
    wait for it, only after ``second``."""
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                first()
                begun.set()
                if waits:
                    done.wait(SECONDS)
                else:
                    assert done.wait(20), "the second one waits for the first"
        finally:
            begun.set()
            connection.close()

    def follow() -> None:
        try:
            assert begun.wait(20)
            second()
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both: list[Future[Any]] = [pool.submit(hold), pool.submit(follow)]
        for one in both:
            one.result(40)


@pytest.fixture
def step(plan: Plan) -> ActionStep:
    return plan.steps.create(what="talk", measure="old")


def typed(step: ActionStep, by: User) -> None:
    save_cells(Plan.objects.get(pk=step.plan_id), [Cell(f"step:{step.pk}", "measure", "new", "old")], by)


def ticked(step: ActionStep, by: User) -> None:
    own = ActionStep.objects.select_related("plan").get(pk=step.pk)
    tick(own, True, timezone.localdate(), by, "done so")


@pytest.mark.parametrize("order", [(typed, ticked), (ticked, typed)], ids=["typed first", "ticked first"])
def test_what_is_typed_into_a_step_and_its_being_done_are_both_kept(
    step: ActionStep, manager: User, order: tuple[Callable[..., None], Callable[..., None]]
) -> None:
    first, second = order
    meanwhile(lambda: first(step, manager), lambda: second(step, manager), waits=True)
    step.refresh_from_db()
    assert (step.measure, step.done_note, step.done_by) == ("new", "done so", manager)


def test_a_step_ticked_off_while_it_is_removed_stays_removed(step: ActionStep, manager: User) -> None:
    meanwhile(
        lambda: ActionStep.objects.get(pk=step.pk).delete(),
        lambda: tick(step, True, timezone.localdate(), manager),
        waits=True,
    )
    assert not ActionStep.objects.filter(pk=step.pk).exists()


# --- Telling people, handing down and naming deputies do not wait for each other: each waits for others in turn ---


@pytest.fixture
def _postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("one writes at a time in SQLite")


@pytest.mark.usefixtures("_postgresql")
def test_a_deputy_is_named_while_they_are_told_something(supervisor: User, unit: Unit) -> None:
    colleague = factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit)
    today = timezone.localdate()
    meanwhile(
        lambda: notify([colleague], DEPUTY, "1", lambda: ("x", "")),
        lambda: name_deputy(supervisor.memberships.get(), colleague, today, today + timedelta(days=3)),
        waits=False,
    )


@pytest.mark.usefixtures("_postgresql")
def test_a_deputy_is_named_while_the_unit_hands_down(supervisor: User, unit: Unit, plan: Plan) -> None:
    colleague = factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit)
    today = timezone.localdate()
    wanted = Wanted(unit.pk, "2026-12", {f"{plan.grid_id}-net_adds": ("60", "30")})
    meanwhile(
        lambda: hand_down(wanted, supervisor),
        lambda: name_deputy(supervisor.memberships.get(), colleague, today, today + timedelta(days=3)),
        waits=False,
    )


@pytest.mark.usefixtures("_postgresql")
def test_settling_holds_a_plan_before_its_rows_as_everybody_does(approved: Plan) -> None:
    MonthlyIndicator.objects.filter(month=DECEMBER.first).update(net_adds=3, updated_at=JANUARY)

    def hold_then_write() -> None:
        plan = held(approved)
        begun.set()
        time.sleep(SECONDS)
        plan.project_shares.update(remark="x")

    def follow() -> None:
        assert begun.wait(20)
        settle(Grid.objects.filter(pk=approved.grid_id), DECEMBER, JANUARY)

    def in_transaction(act: Callable[[], None]) -> None:
        try:
            with transaction.atomic():
                act()
        finally:
            connection.close()

    begun = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(in_transaction, act) for act in (hold_then_write, follow)]:
            one.result(40)
    assert set(approved.project_shares.values_list("remark", "done")) == {("x", 3)}
