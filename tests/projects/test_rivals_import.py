"""The ledger of rivals as a roster: a column for each operator, a changed text is a new offer, nothing is lost (P3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from projects.models import CounterMeasure, LedgerTouch, MonthlyIndicator, Operator, Project, RivalOffer
from tests import factories
from tests.workbooks.conftest import Import, counts, faults

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
HEADER = ["项目编码", "项目名称", "电信", "移动", "长宽", "艾普", "其他", "建议应对措施"]


def row(code: str = "P000001", *texts: str) -> list[Any]:
    return [code, "锦绣花园", *texts, *[""] * (6 - len(texts))]


def undone(batch: Batch) -> Batch:
    return services.finish(services.undo(batch))


def test_each_operators_text_becomes_an_offer_seen_today(
    imported: Import, project: Project, telecom: Operator, admin_user: User
) -> None:
    batch = imported([HEADER, row("P000001", "100M 59元", "", "", "", "", "驻点促销")])
    assert (batch.kind, counts(batch)) == ("rivals", (0, 1, 0, 0))
    offer, measure = RivalOffer.objects.get(), CounterMeasure.objects.get()
    assert (offer.project, offer.operator, offer.text, offer.seen_on) == (project, telecom, "100M 59元", TODAY)
    assert (measure.text, measure.noted_on) == ("驻点促销", TODAY)
    assert {offer.created_batch, measure.created_batch} == {batch}
    assert {offer.by, measure.by} == {admin_user}
    assert trail(offer)[0].batch == batch.pk


def test_the_same_text_is_no_change_and_an_empty_cell_leaves_what_is_known(
    imported: Import, preview: Import, project: Project, telecom: Operator
) -> None:
    factories.make_offer(project, telecom, "100M 59元")
    assert counts(preview([HEADER, row("P000001", " 100M  59元")])) == (0, 0, 1, 0)
    assert counts(preview([HEADER, row()])) == (0, 0, 1, 0)
    batch = imported([HEADER, row("P000001", "", "移动新装")])
    assert counts(batch) == (0, 1, 0, 0)
    assert [offer.text for offer in RivalOffer.objects.order_by("pk")] == ["100M 59元", "移动新装"]


def test_a_changed_text_is_added_to_the_history(imported: Import, project: Project, telecom: Operator) -> None:
    old = factories.make_offer(project, telecom, "旧价", source=RivalOffer.Source.POSTER)
    imported([HEADER, row("P000001", "新价")])
    old.refresh_from_db()
    assert (old.text, old.version) == ("旧价", 1)
    assert [offer.text for offer in RivalOffer.objects.latest(TODAY)] == ["新价"]


def test_a_past_month_in_the_title_dates_the_offers(imported: Import, project: Project, telecom: Operator) -> None:
    factories.make_offer(project, telecom, "今价", TODAY)
    batch = imported([["项目竞争信息 2020年2月"], HEADER, row("P000001", "旧价")])
    assert counts(batch) == (0, 1, 0, 0)
    assert RivalOffer.objects.get(text="旧价").seen_on == date(2020, 2, 29)
    assert [offer.text for offer in RivalOffer.objects.latest(TODAY)] == ["今价"]
    assert counts(imported([["项目竞争信息 2020年2月"], HEADER, row("P000001", "旧价")])) == (0, 0, 1, 0)


def test_operators_are_data(imported: Import, project: Project) -> None:
    Operator.objects.filter(name="艾普").update(is_active=False)
    Operator.objects.create(name="广电", position=9)
    header = ["项目编码", "电信", "艾普", "广电", "建议应对措施"]
    batch = imported([header, ["P000001", "a", "b", "c", "d"]])
    assert set(RivalOffer.objects.values_list("operator__name", "text")) == {("电信", "a"), ("广电", "c")}
    assert len(batch.fields) == 4


def test_without_a_code_the_name_will_do_where_it_is_one_projects_alone(
    preview: Import, project: Project, other_project: Project, grid: Grid
) -> None:
    factories.make_project(grid, "P000008", name=other_project.name)
    batch = preview([HEADER[1:], ["锦绣花园", "a"], [other_project.name, "b"], ["无此项目", "c"]])
    assert counts(batch) == (0, 1, 0, 2)
    assert faults(batch) == {"A3": "ambiguous", "A4": "unknown"}


def test_undoing_takes_the_batchs_offers_away_and_keeps_what_was_edited_or_pictured(
    imported: Import, project: Project, other_project: Project, telecom: Operator, manager: User
) -> None:
    factories.make_offer(project, telecom, "旧价")
    third = factories.make_project(project.grid, "P000007")
    batch = imported([HEADER, row("P000001", "新价", "", "", "", "", "应对"), row("P000002", "b"), row("P000007", "c")])
    RivalOffer.objects.filter(project=other_project).update(answer="已应对", version=2)
    factories.make_photo(RivalOffer.objects.get(project=third), manager)
    batch = undone(batch)
    assert set(RivalOffer.objects.values_list("text", flat=True)) == {"旧价", "b", "c"}
    assert not CounterMeasure.objects.exists()
    assert batch.rows_kept == 2
    assert set(batch.rows.filter(kept=True).values_list("key", flat=True)) == {"P000002", "P000007"}


def test_an_offer_noted_since_the_preview_is_not_passed_over(
    preview: Import, project: Project, telecom: Operator
) -> None:
    batch = preview([HEADER, row("P000001", "新价")])
    factories.make_offer(project, telecom, "别人刚记的", TODAY)
    batch = services.finish(services.apply(batch, valid_only=False))
    assert (batch.state, batch.fault and batch.fault["code"]) == (Batch.State.CHECKED, "stale")
    assert RivalOffer.objects.count() == 1


def test_texts_that_look_like_formulas_or_are_too_long(preview: Import, imported: Import, project: Project) -> None:
    assert faults(preview([HEADER, row("P000001", "x" * 501)])) == {"C2": "too_long"}
    imported([HEADER, row("P000001", "-10元", "@everyone")])
    assert set(RivalOffer.objects.values_list("text", flat=True)) == {"-10元", "@everyone"}


def test_the_preview_names_operators_also_those_that_are_no_more(
    preview: Import, project: Project, telecom: Operator, admin_user: User, client_of: Callable[[User], Client]
) -> None:
    batch = preview([HEADER, row("P000001", "新价", "乙")])
    Operator.objects.filter(name="移动").delete()
    page = client_of(admin_user).get(reverse("workbooks:batch", args=[batch.pk]))
    assert page.status_code == 200
    assert "电信" in page.content.decode()


def test_many_projects_cost_no_more_queries(preview: Import, grid: Grid) -> None:
    asked = []
    for number in (5, 200):
        projects = factories.make_projects(grid, number)
        for one in projects:
            factories.make_offer(one)
        batch = preview([HEADER, *(row(one.code, "a", "b", "c", "d", "e", "f") for one in projects)])
        with CaptureQueriesContext(connection) as queries:
            services.finish(services.apply(batch, valid_only=False))
        asked.append(len(queries))
    assert asked[1] <= asked[0] + 2


# --- Looked after ---


def test_an_import_sees_to_exactly_the_rows_it_wrote_or_found_right(
    imported: Import, grid: Grid, admin_user: User
) -> None:
    new, changed, same, _other = factories.make_projects(grid, 4)
    month = Month.of(TODAY)
    for one in (changed, same):
        factories.make_indicator(one, month, billing_users=1)
    header = ["月份", "项目编码", "出账用户数"]
    lines = [[str(month), new.code, 5], [str(month), changed.code, 2], [str(month), same.code, 1], [str(month), "?", 1]]
    imported([header, *lines])
    touched = LedgerTouch.objects.filter(ledger="indicators", month=month.first)
    assert set(touched.values_list("project", flat=True)) == {new.pk, changed.pk, same.pk}
    assert {(touch.how, touch.by) for touch in touched} == {(LedgerTouch.How.IMPORTED, admin_user)}
    assert MonthlyIndicator.objects.count() == 3


def test_imports_of_basics_and_rivals_see_to_their_ledgers(
    imported: Import, project: Project, other_project: Project
) -> None:
    imported(
        [["项目编码", "网格", "项目名称"], ["P9", project.grid.name, "新城"], ["P000001", project.grid.name, "改名"]]
    )
    imported([HEADER, row("P000002", "a")])
    seen = set(LedgerTouch.objects.values_list("ledger", "project__code"))
    assert seen == {("basics", "P9"), ("basics", "P000001"), ("rivals", "P000002")}


def test_a_row_that_was_found_right_is_no_step_of_its_history(imported: Import, project: Project) -> None:
    header = ["项目编码", "网格", "项目名称"]
    imported([header, ["P9", project.grid.name, "新城"]])
    imported([header, ["P9", project.grid.name, "新城"]])
    imported([HEADER, row("P9", "a")])
    assert len(trail(Project.objects.get(code="P9"))) == 1


def test_offers_are_not_dated_in_the_future(imported: Import, project: Project) -> None:
    ahead = Month.of(TODAY + timedelta(days=62))
    imported([[f"项目竞争信息 {ahead.year}年{ahead.month}月"], HEADER, row("P000001", "a")])
    assert RivalOffer.objects.get().seen_on == TODAY


def test_an_operator_deleted_since_the_preview_asks_for_another_look(preview: Import, project: Project) -> None:
    batch = preview([HEADER, row("P000001", "100M 59元", "", "", "", "有优惠")])
    Operator.objects.get(name="其他").delete()
    batch = services.finish(services.apply(batch, valid_only=True))
    assert (batch.state, batch.fault and batch.fault["code"]) == (Batch.State.CHECKED, "stale")
    batch = services.finish(services.check(batch))
    assert (batch.state, batch.fault, counts(batch)) == (Batch.State.CHECKED, None, (0, 1, 0, 0))
    services.finish(services.apply(batch, valid_only=True))
    assert list(RivalOffer.objects.values_list("text", flat=True)) == ["100M 59元"]
