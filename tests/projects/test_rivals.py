"""Rivals: what they offer, seen when, and what we answer is a history; nothing of it is lost (P3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import Grid, User
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from projects.models import CounterMeasure, Operator, Project, RivalOffer
from projects.services_rivals import note_measures, note_offers
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def mobile(db: None) -> Operator:
    return Operator.objects.get(name="移动")


def texts(rows: Any) -> list[str]:
    return [row.text for row in rows]


# --- The newest ---


def test_the_newest_offer_is_the_last_seen_on_or_before_the_day_and_of_a_day_the_last_written(
    project: Project, other_project: Project, telecom: Operator, mobile: Operator
) -> None:
    for day, text in [(1, "old"), (20, "first of the day"), (20, "second of the day"), (25, "later")]:
        factories.make_offer(project, telecom, text, date(2026, 11, day))
    factories.make_offer(project, mobile, "other operator", date(2026, 11, 2))
    factories.make_offer(other_project, telecom, "other project", date(2025, 1, 2))
    found = RivalOffer.objects.latest(DAY)
    assert sorted(texts(found)) == ["other operator", "other project", "second of the day"]
    assert texts(RivalOffer.objects.latest(date(2026, 11, 19)).filter(project=project, operator=telecom)) == ["old"]
    assert texts(RivalOffer.objects.filter(text="old").latest(DAY)) == []
    projects = Project.objects.filter(pk=project.pk)
    assert sorted(texts(RivalOffer.objects.latest(DAY, projects))) == ["other operator", "second of the day"]
    assert texts(RivalOffer.objects.filter(text="old").latest(DAY, projects)) == []


def test_the_newest_measure_is_the_last_noted_on_or_before_the_day(project: Project, manager: User) -> None:
    note_measures([(project.pk, "降价")], manager, date(2026, 11, 1))
    note_measures([(project.pk, "送机顶盒")], manager, date(2026, 11, 20))
    assert texts(CounterMeasure.objects.latest(date(2026, 11, 19))) == ["降价"]
    for projects in (None, Project.objects.all()):
        assert texts(CounterMeasure.objects.latest(DAY, projects)) == ["送机顶盒"]


# --- Many at once ---


def test_a_new_text_makes_a_new_row_and_the_same_text_none(project: Project, manager: User, telecom: Operator) -> None:
    assert note_offers([(project.pk, telecom.pk, "500M 59元")], manager, date(2026, 11, 1)) == 1
    assert note_offers([(project.pk, telecom.pk, " 500M 59元 ")], manager, DAY) == 0
    assert note_offers([(project.pk, telecom.pk, "")], manager, DAY) == 1
    assert [(row.seen_on, row.text) for row in RivalOffer.objects.all()] == [
        (DAY, ""),
        (date(2026, 11, 1), "500M 59元"),
    ]
    assert note_offers([(project.pk, telecom.pk, "")], manager, DAY) == 0


def test_an_empty_text_where_nothing_is_known_makes_nothing(project: Project, manager: User, telecom: Operator) -> None:
    assert note_offers([(project.pk, telecom.pk, " ")], manager, DAY) == 0
    assert note_measures([(project.pk, "")], manager, DAY) == 0
    assert not RivalOffer.objects.exists()
    assert not CounterMeasure.objects.exists()


def test_ones_own_row_of_the_same_day_is_mended_and_its_history_says_so(
    project: Project, manager: User, telecom: Operator
) -> None:
    note_offers([(project.pk, telecom.pk, "500M 95元")], manager, DAY)
    note_offers([(project.pk, telecom.pk, "500M 59元")], manager, DAY)
    row = RivalOffer.objects.get()
    assert (row.text, row.version, row.by, row.seen_on) == ("500M 59元", 2, manager, DAY)
    changed, made = trail(row)
    assert [(change.field, change.old, change.new) for change in changed.changes] == [
        ("text", "500M 95元", "500M 59元")
    ]
    assert made.who == manager.name
    assert {change.field: change.new for change in made.changes}["operator"] == "电信"


@pytest.mark.parametrize(
    "more",
    [
        {"answer": "送3个月", "answered_on": DAY},
        {"monthly_fee": Decimal(59)},
        {"source": RivalOffer.Source.POSTER},
        {"kind": RivalOffer.Kind.NETWORK},
        {"seen_on": date(2026, 11, 23)},
    ],
)
def test_a_row_that_holds_more_or_is_older_is_never_overwritten(
    more: dict[str, Any], project: Project, manager: User, telecom: Operator
) -> None:
    kept = factories.make_offer(project, telecom, "old", **{"seen_on": DAY, "by": manager, **more})
    note_offers([(project.pk, telecom.pk, "new")], manager, DAY)
    kept.refresh_from_db()
    assert kept.text == "old"
    assert texts(RivalOffer.objects.latest(DAY)) == ["new"]


def test_a_row_of_someone_else_or_of_an_import_or_with_photos_is_never_overwritten(
    project: Project, manager: User, supervisor: User, telecom: Operator, mobile: Operator
) -> None:
    batch = Batch.objects.create(kind="rivals", file_name="x", sha256="0", uploaded_by=manager)
    note_offers([(project.pk, telecom.pk, "by import")], manager, DAY, batch)
    assert RivalOffer.objects.get().created_batch == batch
    note_offers([(project.pk, telecom.pk, "by hand")], manager, DAY)
    note_offers([(project.pk, telecom.pk, "by another")], supervisor, DAY)
    pictured = factories.make_offer(project, mobile, "pictured", DAY, by=manager)
    factories.make_photo(pictured, manager)
    note_offers([(project.pk, mobile.pk, "after the photo")], manager, DAY)
    assert RivalOffer.objects.count() == 5
    assert sorted(texts(RivalOffer.objects.latest(DAY))) == ["after the photo", "by another"]


def test_an_import_never_mends_a_row_made_by_hand(project: Project, manager: User, telecom: Operator) -> None:
    batch = Batch.objects.create(kind="rivals", file_name="x", sha256="0", uploaded_by=manager)
    note_offers([(project.pk, telecom.pk, "by hand")], manager, DAY)
    note_offers([(project.pk, telecom.pk, "by import")], manager, DAY, batch)
    assert [(row.text, row.created_batch) for row in RivalOffer.objects.all()] == [
        ("by import", batch),
        ("by hand", None),
    ]


def test_of_a_cell_that_comes_twice_the_last_counts(project: Project, manager: User, telecom: Operator) -> None:
    note_offers([(project.pk, telecom.pk, "1"), (project.pk, telecom.pk, "2")], manager, DAY)
    assert texts(RivalOffer.objects.all()) == ["2"]


def test_any_number_is_written_in_the_same_number_of_queries(
    grid: Grid, manager: User, telecom: Operator, mobile: Operator
) -> None:
    def cost(projects: list[Project], text: str) -> int:
        rows = [(row.pk, operator.pk, text) for row in projects for operator in (telecom, mobile)]
        with CaptureQueriesContext(connection) as queries:
            assert note_offers(rows, manager, DAY) == len(rows)
            assert note_measures([(row.pk, text) for row in projects], manager, DAY) == len(projects)
        return len(queries)

    projects = factories.make_projects(grid, 740)
    few, many = projects[20:40], projects[40:]
    cost(projects[:20], "warm")
    assert cost(few, "new") == cost(many, "new")
    assert cost(few, "mended") == cost(many, "mended")
    assert RivalOffer.objects.count() == 1480
