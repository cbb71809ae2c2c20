"""The map: what is drawn of a month, and placing a project by a click (P4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects.models import LedgerTouch, Project, ProjectSnapshot, Prospect
from projects.rules_map import Figures, bounds, class_of, hull, same_place, spread, values
from projects.services_ledgers import touch
from projects.services_snapshots import take
from tests import factories

ClientOf = Callable[[User], Client]
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HERE, THERE = (Decimal("104.081234"), Decimal("30.651234")), (Decimal("104.09"), Decimal("30.66"))


@pytest.fixture(autouse=True)
def _the_20th() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


# --- Rules ---


def test_an_outline_is_the_smallest_convex_one() -> None:
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    assert hull([*square, (0.5, 0.5), (0.5, 0.0), (1.0, 0.0)]) == square


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, 2.0), (3.0, 4.0)]])
def test_an_outline_of_fewer_than_three_is_themselves(points: list[tuple[float, float]]) -> None:
    assert hull(points * 2) == points


def test_an_outline_of_a_line_is_its_ends() -> None:
    assert hull([(0.0, 0.0), (2.0, 2.0), (1.0, 1.0)]) == [(0.0, 0.0), (2.0, 2.0)]


@pytest.mark.parametrize(
    ("known", "tops"),
    [
        (list(range(10)), [1, 3, 5, 7, 9]),
        ([5, 5, 5, 5, 9], [5, 9]),
        ([0, *[3] * 60], [0, 3]),
        ([7], [7]),
        ([-3, 0, 2], [-3, 0, 2]),
        ([], []),
    ],
)
def test_classes_hold_about_equally_many_and_never_part_equals(known: list[float], tops: list[float]) -> None:
    assert bounds(known) == tops
    assert {class_of(value, tops) for value in known} == set(range(len(tops)))


def test_a_value_that_is_not_known_is_in_no_class() -> None:
    assert class_of(None, [1, 2]) is None
    assert class_of(1, []) is None


def test_fewer_classes_keep_the_ends_of_the_scale() -> None:
    assert [[spread(n, many) for n in range(many)] for many in (1, 2, 3, 5)] == [
        [4],
        [0, 4],
        [0, 2, 4],
        [0, 1, 2, 3, 4],
    ]


def test_the_measures_are_the_handbooks() -> None:
    found = values(
        Figures(
            ports=400,
            ports_used=300,
            users=200,
            revenue=Decimal(13000),
            net_adds=-4,
            renewals_due=20,
            renewals_done=15,
            households=500,
            occupancy=Decimal(80),
            market_share=Decimal("41.26"),
            ledgers_seen=2,
        )
    )
    assert found == {
        "port_utilisation": 75.0,
        "market_share": 41.3,
        "penetration": 50.0,
        "net_adds": -4,
        "renewal_rate": 75.0,
        "arpu": 65.0,
        "freshness": 2,
    }
    assert {value for name, value in values(Figures()).items() if name != "freshness"} == {None}


def test_places_are_compared_to_six_decimals() -> None:
    assert same_place((Decimal("1.0000001"), Decimal(2)), (Decimal(1), Decimal("2.0000004")))
    assert not same_place((Decimal("1.000001"), Decimal(2)), (Decimal(1), Decimal(2)))
    assert same_place((None, None), (None, None))
    assert not same_place((None, None), (Decimal(0), Decimal(0)))


# --- The page ---


def page(client: Client, query: str = "?month=2026-11") -> Any:
    response = client.get(reverse("projects:map") + query)
    assert response.status_code == 200
    return response.context


def put(project: Project, place: tuple[Decimal, Decimal] = HERE) -> Project:
    project.longitude, project.latitude = place
    project.save()
    return project


@pytest.mark.django_db
def test_each_project_with_a_place_is_a_dot_and_the_others_are_listed(
    client_of: ClientOf, manager: User, grid: Grid, other_project: Project
) -> None:
    placed, bare, gone = factories.make_projects(grid, 3)
    put(placed), put(other_project)
    put(gone)
    Project.objects.filter(pk=gone.pk).update(is_active=False)
    factories.make_indicators([placed], NOVEMBER)
    context = page(client_of(manager))
    data = context["data"]
    assert (data["id"], data["lon"], data["lat"]) == ([placed.pk], [104.081234], [30.651234])
    assert data["figures"]["port_utilisation"] == [50.0]
    assert [dot.pk for dot in context["unplaced"]] == [bare.pk]
    assert data["outlines"] == [{"name": grid.name, "hull": [(104.081234, 30.651234)]}]
    assert [row.pk for row in context["listing"].page.rows] == [placed.pk, bare.pk]


@pytest.mark.django_db
def test_the_legend_says_the_classes_in_words_and_counts_them(
    client_of: ClientOf, manager: User, grid: Grid, english: None
) -> None:
    manager.language = "en"
    manager.save()
    rows = factories.make_projects(grid, 6)
    for row, used in zip(rows, (40, 80, 120, 160, 400, None), strict=True):
        factories.make_indicator(row, NOVEMBER, ports_used=used)
    classes = page(client_of(manager))["classes"]
    assert [(one.step, one.count) for one in classes] == [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (None, 1)]
    assert [one.words for one in classes][:2] == ["10.0 %", "20.0 %"]
    assert classes[-1].words == "not known"


@pytest.mark.django_db
def test_a_past_month_is_drawn_from_what_was_kept_of_it(client_of: ClientOf, manager: User, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(market_share=40)
    take(OCTOBER, project.grid.unit)
    Project.objects.filter(pk=project.pk).update(market_share=35, longitude=HERE[0], latitude=HERE[1])
    client = client_of(manager)
    assert page(client, "?month=2026-11&colour=market_share")["data"]["figures"]["market_share"] == [35.0]
    assert page(client, "?month=2026-10&colour=market_share")["data"]["figures"]["market_share"] == [40.0]
    ProjectSnapshot.objects.all().delete()
    assert page(client, "?month=2026-10&colour=market_share")["data"]["figures"]["market_share"] == [None]


@pytest.mark.django_db
def test_it_opens_at_the_newest_month_with_figures(client_of: ClientOf, manager: User, project: Project) -> None:
    factories.make_indicator(project, OCTOBER)
    factories.make_indicator(project, NOVEMBER, billing_users=None)
    assert page(client_of(manager), "")["choice"].month == OCTOBER
    assert page(client_of(manager), "?month=2026-11")["choice"].month == NOVEMBER


@pytest.mark.django_db
def test_freshness_counts_the_ledgers_of_the_month(client_of: ClientOf, manager: User, project: Project) -> None:
    put(project)
    for ledger in ("basics", "rivals"):
        touch([project.pk], ledger, manager)
    assert page(client_of(manager), "?month=2026-11&colour=freshness")["data"]["figures"]["freshness"] == [2]


@pytest.mark.django_db
def test_new_projects_are_drawn_while_they_are_under_way(
    client_of: ClientOf, manager: User, grid: Grid, foreign_grid: Grid
) -> None:
    for place in (grid, foreign_grid):
        Prospect.objects.create(grid=place, name="滨江二期", longitude=HERE[0], latitude=HERE[1])
    Prospect.objects.create(
        grid=grid, name="没了", longitude=HERE[0], latitude=HERE[1], closed_on=date(2026, 1, 1), closed_reason="-"
    )
    assert [row["name"] for row in page(client_of(manager))["data"]["prospects"]] == ["滨江二期"]


@pytest.mark.django_db
def test_a_grid_or_words_narrow_the_map(
    client_of: ClientOf, supervisor: User, project: Project, other_project: Project
) -> None:
    put(project), put(other_project)
    client = client_of(supervisor)
    assert len(page(client)["data"]["id"]) == 2
    assert page(client, f"?month=2026-11&grid={other_project.grid_id}")["data"]["id"] == [other_project.pk]
    assert page(client, f"?month=2026-11&q={project.code}")["data"]["id"] == [project.pk]
    assert page(client, "?month=2026-11&colour=nonsense&grid=x&place=y")["data"]["id"] == []


@pytest.mark.django_db
def test_a_map_of_many_costs_the_same_queries(
    client_of: ClientOf,
    supervisor: User,
    grid: Grid,
    other_grid: Grid,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(supervisor)

    def add(many: int) -> None:
        for place in (grid, other_grid):
            rows = factories.make_projects(place, many, longitude=HERE[0], latitude=HERE[1])
            factories.make_indicators(rows, OCTOBER, NOVEMBER)
            touch([row.pk for row in rows], "basics", supervisor)

    add(30)
    page(client)
    with django_assert_max_num_queries(25) as few:
        page(client)
    add(300)
    with django_assert_num_queries(len(few)):
        page(client)


# --- Placing ---


def move(client: Client, project: Project, to: Any, was: Any = ("", ""), **more: str) -> Any:
    data = {"longitude": to[0], "latitude": to[1], "was_longitude": was[0], "was_latitude": was[1], **more}
    return client.post(reverse("projects:place", args=[project.pk]), {k: str(v) for k, v in data.items()})


@pytest.mark.django_db
def test_a_project_is_placed_moved_and_put_back(client_of: ClientOf, manager: User, project: Project) -> None:
    client = client_of(manager)
    answer = move(client, project, HERE, back="colour=arpu&q=")
    assert (answer.status_code, answer.url) == (302, reverse("projects:map") + "?colour=arpu&q=#map")
    project.refresh_from_db()
    assert (project.longitude, project.latitude, project.version) == (*HERE, 2)
    assert move(client, project, ("104.0900004", "30.66"), HERE).status_code == 302
    project.refresh_from_db()
    assert (project.longitude, project.latitude) == THERE
    undo = page(client)["undo"]
    assert (undo["pk"], undo["was"]) == (project.pk, [str(part) for part in HERE])
    assert page(client)["undo"] is None
    assert move(client, project, ("", ""), THERE).status_code == 302
    project.refresh_from_db()
    assert project.longitude is project.latitude is None


@pytest.mark.django_db
def test_placing_is_in_the_history_and_sees_to_the_basic_ledger(
    client_of: ClientOf, manager: User, project: Project
) -> None:
    move(client_of(manager), project, HERE)
    entry = LogEntry.objects.get_for_object(project).filter(action=LogEntry.Action.UPDATE).first()
    assert entry is not None
    assert (entry.actor, set(entry.changes_dict)) == (manager, {"longitude", "latitude"})
    assert list(LedgerTouch.objects.values_list("project", "ledger", "how")) == [(project.pk, "basics", "edited")]


@pytest.mark.django_db
def test_whoever_comes_second_moves_nothing_and_sees_where_it_lies(
    client_of: ClientOf, manager: User, project: Project
) -> None:
    put(project, THERE)
    answer = move(client_of(manager), project, HERE)
    assert answer.status_code == 409
    assert answer.context["form"].initial["longitude"] == THERE[0]
    project.refresh_from_db()
    assert (project.longitude, project.latitude) == THERE


@pytest.mark.django_db
@pytest.mark.parametrize("to", [("181", "30"), ("104", "-90.1"), ("104", ""), ("", "30"), ("x", "30"), ("NaN", "1")])
def test_a_place_that_is_none_is_refused(
    client_of: ClientOf, manager: User, project: Project, to: tuple[str, str]
) -> None:
    answer = move(client_of(manager), project, to)
    assert answer.status_code == 400
    assert answer.context["form"].errors
    project.refresh_from_db()
    assert project.longitude is None


@pytest.mark.django_db
def test_only_those_who_may_edit_place_projects(
    client_of: ClientOf, specialist: User, manager: User, project: Project, other_project: Project
) -> None:
    assert move(client_of(specialist), project, HERE).status_code == 403
    assert move(client_of(manager), other_project, HERE).status_code == 404
    context = page(client_of(specialist), f"?month=2026-11&place={project.pk}")
    assert (context["placing"], context["unplaced"]) == (None, [])
    assert page(client_of(manager), f"?month=2026-11&place={project.pk}")["placing"] == project


def test_net_adds_nobody_reported_are_what_users_grew_by(client_of: ClientOf, manager: User, project: Project) -> None:
    this = NOVEMBER
    factories.make_indicator(project, this.plus(-1), billing_users=90)
    factories.make_indicator(project, this, billing_users=100)
    client = client_of(manager)
    response = client.get(reverse("projects:map"), {"month": str(this), "colour": "net_adds"})
    assert response.context["is_so_far"]
    assert response.context["listing"].page.rows[0].shown["value"] == "10"
    past = client.get(reverse("projects:map"), {"month": str(this.plus(-1)), "colour": "net_adds"})
    assert not past.context["is_so_far"]
