"""Targets of a unit: one table, who may write it, two people at it, and the split over grids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import AccessRecord, Grid, Unit, User
from gridops.common.history import entries_of
from gridops.notices.models import Notice
from gridops.workbooks import services as workbooks
from plans.models import GOALS, Plan, Target, UnitTarget
from plans.services_handdown import Wanted, hand_down
from projects.models import Project
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER
from tests.workbooks.books import upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]
TABLE = "/plans/targets/?month=2026-12"
SPLIT = "/plans/targets/split/?month=2026-12"


@pytest.fixture
def two(grid: Grid, other_grid: Grid, project: Project, other_project: Project) -> list[Grid]:
    """Two grids of the unit: 200 and 100 users, 200 and 300 free ports, 4 and 1 contracts expiring."""
    factories.make_indicator(project, NOVEMBER, billing_users=200, ports=400, ports_used=200)
    factories.make_indicator(other_project, NOVEMBER, billing_users=100, ports=400, ports_used=100)
    for _ in range(4):
        factories.make_subscriber(project, expires_on=date(2026, 12, 10))
    factories.make_subscriber(other_project, expires_on=date(2026, 12, 31))
    return [grid, other_grid]


def fields(response: Any) -> dict[str, str]:
    """What the page's form would send."""
    form = response.context["form"]
    return {name: "" if (value := form[name].value()) is None else str(value) for name in form.fields}


def typed(client: Client, url: str = TABLE, **cells: str) -> dict[str, str]:
    """The page's form with some figures typed into it: ``g1_net_adds`` is grid 1's."""
    return {**fields(client.get(url)), **{name.replace("__", "-"): value for name, value in cells.items()}}


def test_all_grids_are_handed_down_in_one_save_and_empty_cells_stay_empty(
    client_of: ClientOf, supervisor: User, unit: Unit, grid: Grid, other_grid: Grid
) -> None:
    client = client_of(supervisor)
    data = typed(client) | {
        "u-net_adds": "120",
        f"{grid.pk}-net_adds": "80",
        f"{other_grid.pk}-port_utilisation": "7.5",
    }
    assert client.post(TABLE, data).status_code == 302
    first, second = Target.objects.get(grid=grid), Target.objects.get(grid=other_grid)
    assert [getattr(first, name) for name in GOALS] == [None, 80, None, None, None, None]
    assert (float(second.port_utilisation or 0), second.by_hand) == (7.5, ["port_utilisation"])
    assert UnitTarget.objects.get(unit=unit).net_adds == 120
    assert "net_adds" in {change.field for entry in entries_of(first, 5) for change in entry.changes}
    page = client.get(TABLE)
    column = page.context["board"].goals[1]
    assert (column.total, column.difference) == (80, 40)


def test_a_figure_that_cannot_be_read_writes_nothing_and_keeps_what_was_typed(
    client_of: ClientOf, supervisor: User, grid: Grid
) -> None:
    client = client_of(supervisor)
    response = client.post(TABLE, typed(client) | {f"{grid.pk}-renewals": "-3", f"{grid.pk}-net_adds": "7"})
    assert response.status_code == 422
    assert fields(response)[f"{grid.pk}-renewals"] == "-3"
    assert not Target.objects.exists()


def test_two_supervisors_at_one_table_lose_nothing(
    client_of: ClientOf, supervisor: User, admin_user: User, grid: Grid, other_grid: Grid
) -> None:
    client, place = client_of(supervisor), f"{grid.pk}-net_adds"
    data = typed(client) | {place: "80", f"{grid.pk}-talks": "2"}
    other = client_of(admin_user)
    other.post(TABLE, typed(other) | {place: "70", f"{other_grid.pk}-net_adds": "9"})
    response = client.post(TABLE, data)
    assert response.status_code == 409
    cell = next(cell for row in response.context["board"].rows for cell in row.cells if cell.place == place)
    assert (cell.theirs, cell.by.who, cell.field.value()) == ("70", admin_user.name, "80")
    assert Target.objects.get(grid=grid).talks is None
    # sent again, it is written on top; the other's other figure stays
    assert client.post(TABLE, fields(response)).status_code == 302
    row = Target.objects.get(grid=grid)
    assert (row.net_adds, row.talks, row.version) == (80, 2, 2)
    assert Target.objects.get(grid=other_grid).net_adds == 9


def test_a_figure_that_only_others_changed_is_theirs(
    client_of: ClientOf, supervisor: User, admin_user: User, grid: Grid
) -> None:
    client = client_of(supervisor)
    data = typed(client) | {f"{grid.pk}-talks": "2"}
    other = client_of(admin_user)
    other.post(TABLE, typed(other) | {f"{grid.pk}-net_adds": "70"})
    assert client.post(TABLE, data).status_code == 302
    row = Target.objects.get(grid=grid)
    assert (row.net_adds, row.talks) == (70, 2)


def test_a_post_with_a_foreign_grid_is_refused_as_a_whole(
    client_of: ClientOf, supervisor: User, grid: Grid, foreign_grid: Grid
) -> None:
    client = client_of(supervisor)
    for url in (TABLE, SPLIT, "/plans/targets/split/preview/?month=2026-12"):
        data = typed(client, SPLIT if "split" in url else TABLE) | {f"{grid.pk}-net_adds": "8"}
        assert client.post(url, data | {f"{foreign_grid.pk}-net_adds": "8", "act": "hand-down"}).status_code == 404
        assert client.post(url, data | {f"lock-{foreign_grid.pk}-net_adds": "yes"}).status_code == 404
    assert client.get(f"{TABLE}&unit={foreign_grid.unit_id}").status_code == 404
    assert client.post(f"{TABLE}&unit={foreign_grid.unit_id}", {}).status_code == 404
    assert not Target.objects.exists()


def test_what_was_signed_for_one_person_is_not_written_by_another(
    client_of: ClientOf, supervisor: User, foreign_supervisor: User, grid: Grid
) -> None:
    wanted = Wanted(grid.unit_id, "2026-12", {f"{grid.pk}-net_adds": ("5", "")})
    url = reverse("plans:targets-write")
    client_of(foreign_supervisor).post(url, {"packed": wanted.packed(supervisor)})
    assert client_of(foreign_supervisor).post(url, {"packed": wanted.packed(foreign_supervisor)}).status_code == 404
    assert not Target.objects.exists()
    client_of(supervisor).post(url, {"packed": wanted.packed(supervisor)})
    assert Target.objects.get(grid=grid).net_adds == 5


@pytest.mark.parametrize("url", [TABLE, SPLIT])
def test_the_number_of_queries_does_not_depend_on_the_grids(
    client_of: ClientOf, supervisor: User, unit: Unit, two: list[Grid], url: str
) -> None:
    def cost() -> int:
        client = client_of(supervisor)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    before = cost()
    for number in range(6):
        grid = factories.make_grid(unit)
        factories.make_target(grid, DECEMBER)
        factories.make_target(grid, NOVEMBER)
        project = factories.make_project(grid, f"Q{number}")
        factories.make_indicator(project, NOVEMBER)
        factories.make_subscriber(project, expires_on=date(2026, 12, 10))
    assert cost() == before


def test_managers_are_told_once_for_each_change(
    supervisor: User, manager: User, colleague: User, grid: Grid, other_grid: Grid
) -> None:
    assert manager
    assert colleague
    assert other_grid
    hand_down(Wanted(grid.unit_id, "2026-12", {f"{grid.pk}-net_adds": ("90", "")}), supervisor)
    hand_down(Wanted(grid.unit_id, "2026-12", {f"{grid.pk}-net_adds": ("90", "90")}), supervisor)
    hand_down(Wanted(grid.unit_id, "2026-12", {f"{grid.pk}-net_adds": ("120", "90")}), supervisor)
    told = list(Notice.objects.filter(kind="plans.target").order_by("pk"))
    assert [row.user for row in told] == [manager, manager]
    assert ["→ 90" in told[0].body, "90 → 120" in told[1].body] == [True, True]


def test_months_gone_by_are_changed_quietly(supervisor: User, manager: User, grid: Grid) -> None:
    assert manager
    hand_down(Wanted(grid.unit_id, "2026-09", {f"{grid.pk}-net_adds": ("90", "")}), supervisor)
    assert Target.objects.get(grid=grid).net_adds == 90
    assert not Notice.objects.exists()


def test_the_pages_of_targets_stand_under_their_own_entry(client_of: ClientOf, supervisor: User, grid: Grid) -> None:
    client = client_of(supervisor)
    for url in (TABLE, SPLIT, "/plans/targets/touched/", reverse("plans:target", args=[grid.pk, "2026-12"])):
        assert client.get(url).context["section"] == "plans:targets"
    assert client.get(reverse("plans:list")).context["section"] == "plans:list"


# --- Split ---


def asked(**figures: str) -> dict[str, str]:
    """The unit's figures, chosen to be split."""
    return {f"u-{goal}": value for goal, value in figures.items()} | {f"split-{goal}": "yes" for goal in figures}


def answer(client: Client, data: dict[str, str]) -> dict[str, str]:
    """Place -> share on the page that answers ``data``."""
    board = client.post(SPLIT, data).context["board"]
    return {cell.place: cell.value for row in board.rows for cell in row.cells}


def test_a_units_figures_are_split_and_nothing_is_written_before_handing_down(
    client_of: ClientOf, supervisor: User, two: list[Grid]
) -> None:
    client, (one, other) = client_of(supervisor), two
    figures = {"net_adds": "100", "renewals": "10", "port_utilisation": "50", "talks": "3", "installs": "600"}
    data = typed(client, SPLIT) | asked(**figures)
    shares = answer(client, data)
    assert int(shares[f"{one.pk}-net_adds"]) + int(shares[f"{other.pk}-net_adds"]) == 100
    assert (shares[f"{one.pk}-renewals"], shares[f"{other.pk}-renewals"]) == ("8", "2")
    assert (shares[f"{one.pk}-port_utilisation"], shares[f"{other.pk}-port_utilisation"]) == ("62.5", "37.5")
    assert (shares[f"{one.pk}-talks"], shares[f"{other.pk}-talks"]) == ("2", "1")
    # 500 free ports: a shortfall of 100, said at the unit's figure
    assert (shares[f"{one.pk}-installs"], shares[f"{other.pk}-installs"]) == ("200", "300")
    column = client.post(SPLIT, data).context["board"].columns[0]
    assert (column.total, "100" in column.notes[0]) == (500, True)
    assert not Target.objects.exists()
    assert not UnitTarget.objects.exists()


def test_handing_down_writes_the_units_figure_and_the_shares_and_keeps_what_is_locked(
    client_of: ClientOf, supervisor: User, two: list[Grid]
) -> None:
    client, (one, other) = client_of(supervisor), two
    lock = {f"lock-{one.pk}-net_adds": "yes", f"{one.pk}-net_adds": "90"}
    data = typed(client, SPLIT) | asked(net_adds="100") | lock
    data |= answer(client, data)
    assert client.post(SPLIT, data | {"act": "hand-down"}).status_code == 302
    rows = {row.grid: row for row in Target.objects.select_related("grid")}
    assert [(rows[grid].net_adds, rows[grid].by_hand) for grid in two] == [(90, ["net_adds"]), (10, [])]
    assert UnitTarget.objects.get().net_adds == 100
    # the next split begins with it locked; unlocked, it is split again
    board = client.get(SPLIT).context["board"]
    assert [cell.place for row in board.rows for cell in row.cells if cell.locked] == [f"{one.pk}-net_adds"]
    data = typed(client, SPLIT) | asked(net_adds="100")
    data |= answer(client, data)
    client.post(SPLIT, data | {"act": "hand-down"})
    assert Target.objects.get(grid=one).by_hand == []
    assert sum(row.net_adds or 0 for row in Target.objects.all()) == 100
    assert Target.objects.get(grid=other).net_adds != 10


def test_shares_that_nobody_saw_are_not_written(client_of: ClientOf, supervisor: User, two: list[Grid]) -> None:
    client, (one, _other) = client_of(supervisor), two
    data = typed(client, SPLIT) | asked(net_adds="100")
    data |= answer(client, data) | {"u-net_adds": "110", "act": "hand-down"}
    response = client.post(SPLIT, data)
    assert response.status_code == 409
    assert not Target.objects.exists()
    seen = {cell.place: cell.value for row in response.context["board"].rows for cell in row.cells}
    assert client.post(SPLIT, data | seen).status_code == 302
    assert sum(row.net_adds or 0 for row in Target.objects.all()) == 110
    assert Target.objects.filter(grid=one).exists()


def test_a_split_over_figures_that_someone_changed_meanwhile_shows_them_first(
    client_of: ClientOf, supervisor: User, admin_user: User, two: list[Grid]
) -> None:
    client, (one, _other) = client_of(supervisor), two
    data = typed(client, SPLIT) | asked(net_adds="100")
    data |= answer(client, data) | {"act": "hand-down"}
    hand_down(Wanted(one.unit_id, "2026-12", {f"{one.pk}-net_adds": ("1", "")}), admin_user)
    response = client.post(SPLIT, data)
    assert response.status_code == 409
    assert Target.objects.get().net_adds == 1
    again = data | {"base": response.context["form"]["base"].value()}
    assert client.post(SPLIT, again).status_code == 302
    assert sum(row.net_adds or 0 for row in Target.objects.all()) == 100


def test_goals_that_the_grids_have_already_are_split_only_when_that_is_chosen(
    client_of: ClientOf, supervisor: User, unit: Unit, two: list[Grid]
) -> None:
    UnitTarget.objects.create(unit=unit, month=DECEMBER.first, net_adds=50, talks=4)
    for grid in two:
        factories.make_target(grid, DECEMBER, net_adds=25, renewals=None)
    client = client_of(supervisor)
    board = client.get(SPLIT).context["board"]
    assert [(column.goal, column.total) for column in board.columns if column.split] == [("talks", 4)]
    assert board.columns[1].total == 50
    data = typed(client, SPLIT) | asked(talks="4")
    data |= answer(client, data)
    assert client.post(SPLIT, data | {"act": "hand-down"}).status_code == 302
    assert [(row.net_adds, row.talks) for row in Target.objects.order_by("pk")] == [(25, 2), (25, 2)]


# --- The roster ---


def test_an_export_is_a_roster_that_changes_nothing_when_it_is_imported(
    client_of: ClientOf, supervisor: User, admin_user: User, grid: Grid, other_grid: Grid, foreign_grid: Grid
) -> None:
    assert other_grid.unit == grid.unit
    factories.make_target(grid, DECEMBER, port_utilisation="0.80", installs=-3)
    factories.make_target(foreign_grid, DECEMBER)
    response: Any = client_of(supervisor).get(reverse("plans:targets-export") + "?month=2026-12")
    content = b"".join(response.streaming_content)
    assert AccessRecord.objects.filter(kind=AccessRecord.Kind.EXPORT, rows=2).exists()
    batch = workbooks.import_now(upload(content), admin_user, "targets")
    assert (batch.rows_read, batch.rows_same, batch.rows_refused) == (1, 1, 0)
    assert Target.objects.filter(grid=other_grid).count() == 0


def test_a_plan_knows_the_target_that_it_was_drafted_for(plan: Plan) -> None:
    assert plan.handed_down["net_adds"] == "30"
    assert plan.handed_down["installs"] == ""
