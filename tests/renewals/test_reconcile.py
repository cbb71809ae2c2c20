"""The specialist's list beside ours: what differs is kept, and follows both sides (S7, N1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.workbooks import services as workbooks
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import SHEETS
from projects.models import Project
from renewals.models import Difference, ExpiryWarning, SpecialistLine, Subscriber
from renewals.services_reconcile import reconcile
from tests import factories
from tests.workbooks.books import book, upload

pytestmark = pytest.mark.django_db

DECEMBER = Month(2026, 12)
IN_MONTH, LATER = date(2026, 12, 15), date(2027, 3, 1)


def line(account: str, project: Project, expires_on: date | None = IN_MONTH, **fields: Any) -> SpecialistLine:
    """A row of the specialist's list of December."""
    given = {"month": DECEMBER.first, "name": "王芳", "phone": "19900000001", **fields}
    return SpecialistLine.objects.create(account=account, project=project, expires_on=expires_on, **given)


def compared(unit: Unit) -> dict[str, tuple[str, str]]:
    """Account -> kind and reason of every difference that is not settled, after comparing."""
    reconcile(unit, DECEMBER, timezone.now())
    rows = Difference.objects.filter(unit=unit, settled_at=None)
    return {row.account: (row.kind, row.reason) for row in rows}


@pytest.fixture
def listed(project: Project) -> Subscriber:
    """Somebody who is on our list of December."""
    made = factories.make_subscriber(project, "028001", expires_on=IN_MONTH)
    factories.make_warning(made)
    return made


def test_without_their_list_or_without_ours_nothing_differs(unit: Unit, listed: Subscriber, project: Project) -> None:
    assert compared(unit) == {}
    line("028002", project)
    assert len(compared(unit)) == 2
    ExpiryWarning.objects.all().delete()
    listed.project.grid.warning_lists.all().delete()
    assert compared(unit) == {}


def test_the_same_account_on_the_same_day_is_no_difference(unit: Unit, listed: Subscriber, project: Project) -> None:
    line("028001", project)
    assert compared(unit) == {}
    SpecialistLine.objects.update(expires_on=None)
    assert compared(unit) == {}


def test_days_that_differ_are_told_from_months_that_differ(unit: Unit, listed: Subscriber, project: Project) -> None:
    row = line("028001", project, date(2026, 12, 20))
    assert compared(unit) == {"028001": ("expiry", "same_month")}
    SpecialistLine.objects.filter(pk=row.pk).update(expires_on=date(2027, 1, 2))
    assert compared(unit) == {"028001": ("expiry", "other_month")}


def test_why_somebody_is_only_on_their_list(
    unit: Unit, listed: Subscriber, project: Project, foreign_project: Project, supervisor: User
) -> None:
    make = factories.make_subscriber
    make(project, "A-inactive", expires_on=IN_MONTH, status=Subscriber.Status.CLOSED)
    make(project, "A-later", expires_on=LATER)
    make(project, "A-never", expires_on=None)
    make(project, "A-new", expires_on=IN_MONTH)
    make(project, "A-twice", expires_on=IN_MONTH, household="duplicate")
    make(foreign_project, "A-foreign", expires_on=IN_MONTH)
    off = make(project, "A-off", expires_on=IN_MONTH)
    given: dict[str, Any] = {"state": "withdrawn", "withdrawn_by": supervisor, "next_step": "", "next_on": None}
    factories.make_warning(off, **given)
    for account in ("inactive", "later", "never", "new", "twice", "foreign", "off", "unknown"):
        line(f"A-{account}", project)
    line("028001", project)
    found = compared(unit)
    assert {account: reason for account, (_kind, reason) in found.items()} == {
        "A-inactive": "inactive",
        "A-later": "other_month",
        "A-never": "no_expiry",
        "A-new": "not_listed",
        "A-twice": "duplicate",
        "A-foreign": "other_unit",
        "A-off": "taken_off",
        "A-unknown": "unknown",
    }
    assert {kind for kind, _reason in found.values()} == {"theirs"}
    foreign = Difference.objects.get(account="A-foreign")
    assert (foreign.subscriber, foreign.ours_on, foreign.project) == (None, None, project)


def test_a_line_that_slipped_into_a_wrong_month_is_no_difference(
    unit: Unit, listed: Subscriber, project: Project
) -> None:
    factories.make_subscriber(project, "A-later", expires_on=LATER)
    line("028001", project)
    line("A-later", project, LATER)
    assert compared(unit) == {}


def test_why_somebody_is_only_on_our_list(
    unit: Unit, listed: Subscriber, project: Project, foreign_project: Project
) -> None:
    for account in ("B-missing", "B-beside", "B-elsewhere"):
        factories.make_warning(factories.make_subscriber(project, account, expires_on=IN_MONTH))
    line("028001", project)
    line("B-beside", project, month=date(2027, 1, 1))
    line("B-elsewhere", foreign_project)
    assert compared(unit) == {
        "B-missing": ("ours", "missing"),
        "B-beside": ("ours", "other_list"),
        "B-elsewhere": ("ours", "elsewhere"),
    }


def decided(account: str, decision: str, by: User) -> None:
    Difference.objects.filter(account=account).update(decision=decision, decided_by=by, decided_at=timezone.now())


def test_a_decision_stays_while_the_days_stay_and_is_open_again_when_they_change(
    unit: Unit, listed: Subscriber, project: Project, specialist: User
) -> None:
    row = line("028001", project, date(2026, 12, 20))
    compared(unit)
    decided("028001", "ours", specialist)
    compared(unit)
    assert Difference.objects.get().decision == "ours"
    SpecialistLine.objects.filter(pk=row.pk).update(expires_on=date(2026, 12, 21))
    compared(unit)
    kept = Difference.objects.get()
    assert (kept.decision, kept.earlier, kept.decided_by) == ("", "ours", specialist)


def test_what_vanished_is_gone_when_open_and_kept_when_decided(
    unit: Unit, listed: Subscriber, project: Project, specialist: User
) -> None:
    line("A-unknown", project)
    compared(unit)
    assert Difference.objects.count() == 2
    decided("A-unknown", "ours", specialist)
    SpecialistLine.objects.all().delete()
    assert compared(unit) == {}
    kept = Difference.objects.get()
    assert kept.account == "A-unknown"
    assert kept.settled_at
    line("A-unknown", project)
    assert compared(unit)["A-unknown"] == ("theirs", "unknown")
    assert Difference.objects.get(account="A-unknown").decision == "ours"


def test_one_settled_their_way_that_is_there_again_is_open_again(
    unit: Unit, listed: Subscriber, project: Project, specialist: User
) -> None:
    line("028001", project, date(2026, 12, 20))
    compared(unit)
    decided("028001", "theirs", specialist)
    ExpiryWarning.objects.update(expires_on=date(2026, 12, 20))
    assert compared(unit) == {}
    ExpiryWarning.objects.update(expires_on=IN_MONTH)
    compared(unit)
    assert (Difference.objects.get().decision, Difference.objects.get().earlier) == ("", "theirs")


def test_each_unit_has_its_own_differences(
    unit: Unit, other_unit: Unit, listed: Subscriber, project: Project, foreign_project: Project, foreign_grid: Grid
) -> None:
    factories.make_warning(factories.make_subscriber(foreign_project, "F1", expires_on=IN_MONTH))
    line("028001", project)
    line("F2", foreign_project)
    assert compared(unit) == {}
    assert set(compared(other_unit)) == {"F1", "F2"}


# --- By import ---

HEADER = ["月份", "用户账号", "用户姓名", "联系电话", "项目编码", "到期日期", "产品", "月费"]


def imported(user: User, *rows: tuple[str, str, str]) -> Batch:
    """An applied import of 续费明细; a row is account, project, day."""
    cells = [["2026-12", account, "王芳", "19900000001", code, day, "", ""] for account, code, day in rows]
    return workbooks.import_now(upload(book([HEADER, *cells])), user, "renewal_details")


def test_an_import_of_their_list_and_undoing_it_compare_anew(
    unit: Unit, listed: Subscriber, project: Project, specialist: User
) -> None:
    batch = imported(specialist, ("028001", project.code, "2026-12-15"), ("A-unknown", project.code, "2026-12-09"))
    assert batch.state == Batch.State.APPLIED
    assert Difference.objects.get().account == "A-unknown"
    later = imported(specialist, ("A-unknown", project.code, "2026-12-10"), ("A-2", project.code, "2026-12-09"))
    assert Difference.objects.get(account="A-unknown").theirs_on == date(2026, 12, 10)
    assert SHEETS["renewal_details"].consequences(later)[0].url
    workbooks.finish(workbooks.undo(later))
    assert Difference.objects.get().theirs_on == date(2026, 12, 9)
    workbooks.finish(workbooks.undo(batch))
    assert not Difference.objects.exists()
    assert not SpecialistLine.objects.exists()


def test_a_line_that_moves_to_another_units_project_is_gone_from_the_first(
    unit: Unit, other_unit: Unit, listed: Subscriber, project: Project, foreign_project: Project, admin_user: User
) -> None:
    factories.make_warning(factories.make_subscriber(foreign_project, "F1", expires_on=IN_MONTH))
    rows = [("028001", project.code, "2026-12-15"), ("F1", foreign_project.code, "2026-12-15")]
    imported(admin_user, *rows, ("A-unknown", project.code, "2026-12-09"))
    assert Difference.objects.get().unit == unit
    imported(admin_user, ("A-unknown", foreign_project.code, "2026-12-09"))
    assert Difference.objects.get().unit == other_unit


def test_a_difference_keeps_no_import_of_subscribers_from_being_undone(
    unit: Unit, listed: Subscriber, project: Project, specialist: User, admin_user: User
) -> None:
    header = ["用户账号", "项目编码", "到期日期", "状态", "装机地址"]
    roster = workbooks.import_now(
        upload(book([header, ["A-closed", project.code, "2026-12-09", "拆机", ""]])), admin_user
    )
    imported(specialist, ("028001", project.code, "2026-12-15"), ("A-closed", project.code, "2026-12-09"))
    assert Difference.objects.get().reason == "inactive"
    assert workbooks.finish(workbooks.undo(roster)).rows_kept == 0
    assert not Subscriber.objects.filter(account="A-closed").exists()
