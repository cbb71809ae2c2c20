"""Applying and undoing: what is written, what is kept, what voids a preview."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from gridops.accounts.models import Grid
from gridops.jobs import services as jobs
from gridops.workbooks import services
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.services import Conflict
from projects.models import Project
from renewals.models import Subscriber
from tests.workbooks.books import SUBSCRIBERS, book, subscriber, upload
from tests.workbooks.conftest import Import, counts

pytestmark = pytest.mark.django_db


def undone(batch: Batch) -> Batch:
    return services.finish(services.undo(batch))


def test_a_file_imported_twice_changes_nothing(imported: Import, project: Project) -> None:
    rows = [SUBSCRIBERS, *(subscriber(f"028{n:04d}", 月费=n) for n in range(30))]
    first = imported(rows)
    before = list(Subscriber.objects.order_by("pk").values())
    again = imported(rows)
    assert (counts(first), counts(again)) == ((30, 0, 0, 0), (0, 0, 30, 0))
    assert list(Subscriber.objects.order_by("pk").values()) == before
    assert not Row.objects.filter(batch=again).exists()


def test_columns_that_the_file_lacks_are_left_alone(imported: Import, project: Project) -> None:
    imported([SUBSCRIBERS, subscriber("028001")])
    batch = imported([["用户账号", "到期日期"], ["028001", "2027-05-01"]], kind="subscribers")
    made = Subscriber.objects.get()
    assert counts(batch) == (0, 1, 0, 0)
    assert (made.name, str(made.expires_on), made.version) == ("王芳", "2027-05-01", 2)
    row = batch.rows.get()
    assert (row.before, row.values) == (["028001", "2026-12-01"], ["028001", "2027-05-01"])


def test_with_a_refused_row_all_is_impossible_and_valid_only_writes_the_rest(preview: Import, project: Project) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001"), subscriber("028002", "P999999")])
    with pytest.raises(Conflict):
        services.apply(batch, valid_only=False)
    assert not Subscriber.objects.exists()
    services.finish(services.apply(batch, valid_only=True))
    assert Subscriber.objects.get().account == "028001"


def test_rows_point_to_the_batch_that_made_them(imported: Import, project: Project) -> None:
    batch = imported([SUBSCRIBERS, subscriber("028001")])
    assert Subscriber.objects.get().created_batch == batch


def test_a_changed_row_voids_the_preview_and_nothing_is_written(
    preview: Import, project: Project, imported: Import
) -> None:
    imported([SUBSCRIBERS, subscriber("028001")])
    batch = preview([SUBSCRIBERS, subscriber("028001", 用户姓名="李娜"), subscriber("028002")])
    Subscriber.objects.update(version=F("version") + 1, address="搬了")
    batch = services.finish(services.apply(batch, valid_only=False))
    assert (batch.state, (batch.fault or {})["code"]) == (Batch.State.CHECKED, "stale")
    assert Subscriber.objects.get().name == "王芳"
    with pytest.raises(Conflict):
        services.apply(batch, valid_only=False)
    batch = services.finish(services.check(batch))
    assert counts(batch) == (1, 1, 0, 0)
    batch = services.finish(services.apply(batch, valid_only=False))
    assert batch.state == Batch.State.APPLIED


def test_a_row_made_meanwhile_voids_the_preview(preview: Import, project: Project) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001"), subscriber("028002")])
    Subscriber.objects.create(account="028001", project=project)
    batch = services.finish(services.apply(batch, valid_only=False))
    assert (batch.fault or {})["code"] == "stale"
    assert Subscriber.objects.count() == 1


def test_a_project_deleted_meanwhile_voids_the_preview(preview: Import, project: Project) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001")])
    project.delete()
    if (
        connection.vendor == "postgresql"
    ):  # the reference is checked at the end of the transaction, which a test never ends
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        batch = services.finish(services.apply(batch, valid_only=False))
        assert (batch.fault or {})["code"] == "stale"


def test_the_file_that_was_checked_is_the_one_applied(preview: Import, project: Project) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001")])
    with batch.file.storage.open(str(batch.file.name), "wb") as stored:
        stored.write(book([SUBSCRIBERS, subscriber("028666")]))
    batch = services.finish(services.apply(batch, valid_only=False))
    assert (batch.fault or {})["code"] == "file_changed"
    assert not Subscriber.objects.exists()


def test_undo_takes_back_what_nobody_touched(imported: Import, project: Project) -> None:
    imported([SUBSCRIBERS, subscriber("028001")])
    batch = imported([SUBSCRIBERS, subscriber("028001", 用户姓名="李娜", 月费=199), subscriber("028002")])
    batch = undone(batch)
    left = Subscriber.objects.get()
    assert (batch.state, batch.rows_kept) == (Batch.State.UNDONE, 0)
    assert (left.account, left.name, str(left.monthly_fee)) == ("028001", "王芳", "99.00")


def test_undo_keeps_and_lists_edited_rows(imported: Import, project: Project) -> None:
    imported([SUBSCRIBERS, subscriber("028001")])
    batch = imported([SUBSCRIBERS, subscriber("028001", 用户姓名="李娜"), subscriber("028002"), subscriber("028003")])
    Subscriber.objects.filter(account__in=["028001", "028002"]).update(version=F("version") + 1, phone="19900000009")
    batch = undone(batch)
    assert set(Subscriber.objects.values_list("account", "name")) == {("028001", "李娜"), ("028002", "王芳")}
    assert batch.rows_kept == 2
    assert set(batch.rows.filter(kept=True).values_list("key", flat=True)) == {"028001", "028002"}


def test_undo_keeps_new_rows_that_something_refers_to(imported: Import, project: Project) -> None:
    header = ["项目编码", "网格", "项目名称"]
    batch = imported([header, ["P000008", "锦江01网格", "甲"], ["P000009", "锦江01网格", "乙"]], kind="projects")
    Subscriber.objects.create(account="1", project=Project.objects.get(code="P000008"))
    batch = undone(batch)
    assert set(Project.objects.values_list("code", flat=True)) == {"P000001", "P000008"}
    assert batch.rows.get(kept=True).key == "P000008"


def test_a_step_is_taken_once(preview: Import, project: Project) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001")])
    stale = Batch.objects.get(pk=batch.pk)
    services.apply(batch, valid_only=False)
    with pytest.raises(Conflict):
        services.apply(stale, valid_only=False)


def test_a_job_that_comes_twice_writes_once(preview: Import, project: Project) -> None:
    batch = services.finish(services.apply(preview([SUBSCRIBERS, subscriber("028001")]), valid_only=False))
    assert batch.job is not None
    jobs.run_again(batch.job)
    jobs.work(batch.job.pk)
    assert Subscriber.objects.get().version == 1


def _queries(rows: int, user: Any) -> list[int]:
    content = book([SUBSCRIBERS, *(subscriber(f"028{n:06d}") for n in range(rows))])
    used = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            services.import_now(upload(content), user)
        used.append(sum(1 for query in captured if "jobs_job" not in query["sql"]))
    batch = Batch.objects.latest("pk")
    Subscriber.objects.update(name="x")
    Subscriber.objects.update(version=1)
    with CaptureQueriesContext(connection) as captured:
        changed = services.import_now(upload(content), user)
        services.finish(services.undo(changed))
    assert changed.rows_changed == rows, batch.pk
    used.append(sum(1 for query in captured if "jobs_job" not in query["sql"]))
    return used


def test_the_number_of_queries_does_not_grow_with_the_rows(admin_user: Any, project: Project) -> None:
    few = _queries(200, admin_user)
    Subscriber.objects.all().delete()
    many = _queries(5_000, admin_user)
    assert many == few


def test_two_imports_of_one_file_side_by_side_make_no_doubles(preview: Import, project: Project) -> None:
    rows = [SUBSCRIBERS, subscriber("028001"), subscriber("028002")]
    first, second = preview(rows), preview(rows)
    assert (counts(first), counts(second)) == ((2, 0, 0, 0), (2, 0, 0, 0))
    first = services.finish(services.apply(first, valid_only=False))
    second = services.finish(services.apply(second, valid_only=False))
    assert (first.state, (second.fault or {})["code"]) == (Batch.State.APPLIED, "stale")
    assert Subscriber.objects.count() == 2


def test_undoing_an_import_keeps_what_a_later_one_changed(imported: Import, project: Project) -> None:
    first = imported([SUBSCRIBERS, subscriber("028001")])
    imported([SUBSCRIBERS, subscriber("028001", 月费=199)])
    first = undone(first)
    assert (first.rows_kept, Subscriber.objects.count()) == (1, 1)


def test_files_and_rows_go_after_their_time_but_what_changed_stays_in_the_history(
    imported: Import, project: Project, settings: Settings
) -> None:
    imported([SUBSCRIBERS, subscriber("02800000001")])
    batch = imported([SUBSCRIBERS, subscriber("02800000001", 月费=120), subscriber("02800000002")])
    path = Path(batch.file.path)
    now = batch.uploaded_at + timedelta(days=settings.WORKBOOK_KEEP_DAYS)
    assert services.forget_old(now) == 1  # the first of the two, a moment older
    assert path.exists()
    assert services.forget_old(now + timedelta(minutes=1)) == 1
    assert not path.exists()
    assert list(batch.rows.values_list("state", flat=True)) == ["changed"]
    assert Subscriber.objects.count() == 2
    batch.refresh_from_db()
    with pytest.raises(Conflict):
        services.undo(batch)
    assert services.forget_old(now + timedelta(days=1)) == 0


def test_imports_undone_last_first_leave_what_was_there(imported: Import, project: Project) -> None:
    first = imported([SUBSCRIBERS, subscriber("028001")])
    second = imported([SUBSCRIBERS, subscriber("028001", 月费=1), subscriber("028002")])
    third = imported([SUBSCRIBERS, subscriber("028001", 月费=2), subscriber("028002", 月费=3)])
    stored = Subscriber.objects.order_by("account").values_list("account", "monthly_fee")
    assert (undone(third).rows_kept, list(stored.all())) == (0, [("028001", Decimal(1)), ("028002", Decimal(99))])
    assert (undone(second).rows_kept, list(stored.all())) == (0, [("028001", Decimal(99))])
    assert (undone(first).rows_kept, list(stored.all())) == (0, [])


def test_an_edit_between_two_imports_is_kept_when_both_are_undone(imported: Import, project: Project) -> None:
    first = imported([SUBSCRIBERS, subscriber("028001")])
    Subscriber.objects.update(version=F("version") + 1, phone="19900000009")
    second = imported([SUBSCRIBERS, subscriber("028001", 月费=1)])
    assert undone(second).rows_kept == 0
    assert (undone(first).rows_kept, Subscriber.objects.get().phone) == (1, "19900000009")


@pytest.mark.django_db(transaction=True)
def test_a_project_that_an_undo_took_away_voids_the_preview(preview: Import, imported: Import, grid: Grid) -> None:
    projects = imported([["项目编码", "网格", "项目名称"], ["P000001", grid.name, "甲"]], kind="projects")
    batch = preview([SUBSCRIBERS, subscriber("028001")])
    undone(projects)
    batch = services.finish(services.apply(batch, valid_only=False))
    assert (batch.state, (batch.fault or {})["code"]) == (Batch.State.CHECKED, "stale")
    assert not Subscriber.objects.exists()
    assert counts(services.finish(services.check(batch))) == (0, 0, 0, 1)
