"""A list goes out, comes back filled, and its rows become contacts, each once (C4)."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from channels.models import Agent
from gridops.accounts.models import User
from gridops.common.months import Month
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import SHEETS
from projects.models import Project
from renewals.choices import Loss, Outcome, State
from renewals.models import Contact, ExpiryWarning, ReturnedLine, SecondVisit, Tally, WarningList
from renewals.rules_course import Said
from renewals.services_contacts import correct, record
from renewals.services_out import Share, rows_of, write_share
from tests import factories
from tests.workbooks.books import book, upload
from tests.workbooks.conftest import counts, faults

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
HEADER = ["清单月份", "用户账号", "姓名", "回访日期", "方式", "结果", "承诺日期", "流失原因", "备注"]
TODAY = timezone.localdate
PLACES = ("回访日期", "方式", "结果", "承诺日期", "流失原因", "备注")


@pytest.fixture
def month() -> Month:
    """Next month: its contracts are being called about."""
    return Month.of(TODAY()).plus(1)


@pytest.fixture
def warnings(project: Project, agent: Agent, month: Month) -> list[ExpiryWarning]:
    """Six of one agent's."""
    rows = [factories.make_subscriber(project, f"0280000000{n}", expires_on=month.day(n + 1)) for n in range(6)]
    return [factories.make_warning(row, agent=agent) for row in rows]


@pytest.fixture
def bring(manager: User) -> Callable[..., Batch]:
    """``bring(rows)``: rows (what is filled in, by account) imported by the manager, valid ones applied."""

    def run(*rows: Sequence[Any], user: User | None = None) -> Batch:
        filled = [[str(Month.of(TODAY()).plus(1)), row[0], "王芳", *row[1:], *[""] * (7 - len(row))] for row in rows]
        return services.import_now(upload(book([HEADER, *filled])), user or manager)

    return run


def told(**filters: Any) -> list[tuple[str, str, str]]:
    """Contacts: account, how, what."""
    rows = Contact.objects.filter(**filters).order_by("pk")
    return list(rows.values_list("subscriber__account", "medium", "outcome"))


# --- Out, filled, and in again ---


def fill(content: bytes, said: dict[str, dict[str, Any]]) -> bytes:
    """The exported list with what people wrote, by account and column."""
    filled = load_workbook(io.BytesIO(content))
    sheet: Any = filled.worksheets[0]
    header = {cell.value: cell.column for cell in sheet[2]}
    for row in sheet.iter_rows(min_row=3):
        for title, value in said.get(str(row[1].value), {}).items():
            sheet.cell(row[0].row, header[title], value)
    out = io.BytesIO()
    filled.save(out)
    return out.getvalue()


@pytest.fixture
def exported(warnings: list[ExpiryWarning], agent: Agent, month: Month) -> bytes:
    with write_share(Share(month, agent, "锦江01网格"), rows_of(ExpiryWarning.objects.all())) as file:
        return file.read()


SAID: dict[str, dict[str, Any]] = {
    "02800000000": {"回访日期": f"{TODAY():%Y.%m.%d}", "方式": " 电话 ", "结果": "未接 "},
    "02800000001": {"回访日期": f"{TODAY():%Y年%m月%d日}", "方式": "电话", "结果": "空号", "备注": "=HYPERLINK(1)"},
    "02800000002": {"回访日期": TODAY(), "方式": "上门", "结果": "拒", "流失原因": "太贵"},
    "02800000003": {
        "回访日期": TODAY(),
        "方式": "电话",
        "结果": "承诺续费",
        "承诺日期": f"{TODAY() + timedelta(days=3):%Y/%m/%d}",
    },
    "02800000004": {"回访日期": f"{TODAY():%Y%m%d}", "方式": "打电话", "结果": "已续"},
}


def test_a_list_that_was_filled_comes_back_as_contacts_and_again_as_none(
    exported: bytes, manager: User, warnings: list[ExpiryWarning]
) -> None:
    content = fill(exported, SAID)
    batch = services.import_now(upload(content), manager)
    assert (batch.kind, batch.state, counts(batch), batch.rows_skipped) == ("returned", "applied", (5, 0, 0, 0), 1)
    assert told() == [
        ("02800000000", "call", "no_answer"),
        ("02800000001", "call", "wrong_number"),
        ("02800000003", "call", "promised"),
        ("02800000004", "call", "renewed"),
        ("02800000002", "visit", "refused"),
    ]
    states = dict(ExpiryWarning.objects.values_list("subscriber__account", "state"))
    assert list(states.values()) == ["second_visit", "second_visit", "lost", "contacted", "renewed", "assigned"]
    assert ExpiryWarning.objects.get(state=State.LOST).loss == Loss.PRICE
    assert not ReturnedLine.objects.filter(contact=None).exists()
    assert {contact.batch for contact in Contact.objects.all()} == {batch}
    tally = Tally.objects.get(staff=None)
    assert (tally.contacted, tally.renewed, tally.lost) == (5, 1, 1)
    again = services.import_now(upload(content), manager)
    assert counts(again) == (0, 0, 5, 0)
    assert Contact.objects.count() == 5


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_list_saved_by_another_office_program_comes_back_as_well(
    exported: bytes, manager: User, tmp_path: Path
) -> None:
    (tmp_path / "list.xlsx").write_bytes(fill(exported, SAID))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        "out",
        "list.xlsx",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    content = (tmp_path / "out" / "list.xlsx").read_bytes()
    batch = services.import_now(upload(content), manager)
    assert (batch.kind, counts(batch), batch.rows_skipped) == ("returned", (5, 0, 0, 0), 1)
    assert Contact.objects.count() == 5
    rules = load_workbook(io.BytesIO(content)).worksheets[0].data_validations.dataValidation
    assert {rule.type for rule in rules} == {"list", "date"}


def test_a_later_version_of_the_sheet_brings_what_is_new_in_it(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning]
) -> None:
    first = ["02800000000", TODAY(), "电话", "无人接听"]
    bring(first)
    batch = bring(first, ["02800000001", TODAY(), "电话", "无人接听"], ["02800000000", TODAY(), "上门", "已续费"])
    assert counts(batch) == (2, 0, 1, 0)
    assert told() == [
        ("02800000000", "call", "no_answer"),
        ("02800000001", "call", "no_answer"),
        ("02800000000", "visit", "renewed"),
    ]
    visit = SecondVisit.objects.get(warning=warnings[0])
    assert visit.settled_by is not None


def test_a_changed_row_is_a_correction(bring: Callable[..., Batch], warnings: list[ExpiryWarning]) -> None:
    bring(["02800000000", TODAY(), "电话", "已续费"])
    batch = bring(["02800000000", TODAY(), "电话", "不续费"])
    assert counts(batch) == (0, 1, 0, 0)
    old, new = Contact.objects.order_by("pk")
    assert new.corrects == old
    assert ReturnedLine.objects.get().contact == new
    warnings[0].refresh_from_db()
    assert warnings[0].state == State.SECOND_VISIT
    services.finish(services.undo(batch))
    assert ReturnedLine.objects.get().outcome == Outcome.RENEWED
    last = Contact.objects.latest("pk")
    assert (last.corrects, last.outcome) == (new, Outcome.RENEWED)
    warnings[0].refresh_from_db()
    assert warnings[0].state == State.RENEWED


# --- What is refused ---


def test_rows_half_filled_are_refused_at_the_cell(bring: Callable[..., Batch], warnings: list[ExpiryWarning]) -> None:
    late = TODAY() + timedelta(days=1)
    batch = bring(
        ["02800000000", TODAY(), "电话", "承诺续费"],
        ["02800000001", TODAY(), "上门", "不续费"],
        ["02800000002", late, "电话", "无人接听"],
        ["02800000003", TODAY(), "", "无人接听"],
        ["02800000004", "", "", "", "", "", "家里没人"],
        ["02899999999", TODAY(), "电话", "无人接听"],
        ["02800000005", TODAY(), "上门", "号码错误"],
        ["02800000005", TODAY(), "电话", "不知道"],
        ["02800000005", "  "],
    )
    assert faults(batch) == {
        "G2": "promise_needs_day",
        "H3": "loss_needed",
        "D4": "not_yet",
        "E5": "required",
        "D6": "required",
        "E6": "required",
        "F6": "required",
        "B7": "not_on_list",
        "F8": "wrong_at_door",
        "F9": "not_choice",
    }
    assert batch.rows_skipped == 1
    assert not Contact.objects.exists()


def test_agent_staff_bring_rows_of_their_own_agent_alone(
    bring: Callable[..., Batch], agent_staff_user: User, warnings: list[ExpiryWarning], project: Project, month: Month
) -> None:
    factories.make_warning(factories.make_subscriber(project, "02811111111", expires_on=month.day(9)))
    batch = bring(
        ["02800000000", TODAY(), "电话", "无人接听"], ["02811111111", TODAY(), "电话", "已续费"], user=agent_staff_user
    )
    assert faults(batch) == {"B3": "not_on_list"}
    assert [(contact.by, contact.staff) for contact in Contact.objects.all()] == [
        (agent_staff_user, agent_staff_user.agent_staff)
    ]


def test_agent_staff_change_a_row_that_they_brought_before(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], agent_staff_user: User
) -> None:
    today = TODAY().isoformat()
    bring(["02800000001", today, "电话", "已续"], user=agent_staff_user)
    batch = bring(["02800000001", today, "电话", "未接"], user=agent_staff_user)
    assert (batch.rows_changed, batch.rows_refused) == (1, 0)
    assert told() == [("02800000001", "call", "renewed"), ("02800000001", "call", "no_answer")]


def test_what_the_course_refuses_is_said_on_the_imports_page_and_nothing_else_is_lost(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], manager: User, client_of: ClientOf
) -> None:
    bring(["02800000000", TODAY(), "上门", "已续费"])
    batch = bring(
        ["02800000000", TODAY() - timedelta(days=1), "上门", "不续费", "", "价格高"],
        ["02800000001", TODAY(), "电话", "已搬走"],
    )
    assert (batch.state, counts(batch)) == ("applied", (2, 0, 0, 0))
    assert [outcome for _account, _medium, outcome in told()] == ["renewed", "moved"]
    left = ReturnedLine.objects.get(contact=None)
    assert left.why_not
    page = client_of(manager).get(reverse("workbooks:batch", args=[batch.pk])).content.decode()
    assert "02800000000" in page
    assert left.why_not in page


def test_what_was_refused_is_tried_again_with_the_next_sheet(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], manager: User
) -> None:
    now = timezone.now()
    said = record(warnings[0].pk, Said("visit", "renewed", now - timedelta(hours=1)), manager, now=now).contact
    bring(["02800000000", TODAY(), "电话", "无人接听"])
    correct(said.pk, Said("visit", "void", now), manager, now)
    bring(["02800000000", TODAY(), "电话", "无人接听"])
    assert ReturnedLine.objects.get().contact is not None
    assert ReturnedLine.objects.get().why_not == ""


# --- Twice told, and taken back ---


def test_what_was_recorded_on_a_phone_the_same_day_is_not_doubled(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], agent_staff_user: User
) -> None:
    now = timezone.now()
    known = record(warnings[0].pk, Said("call", "no_answer", now), agent_staff_user, now=now).contact
    batch = bring(["02800000000", TODAY(), "电话", "无人接听"])
    assert ReturnedLine.objects.get().contact == known
    assert Contact.objects.count() == 1
    services.finish(services.undo(batch))
    assert Contact.objects.count() == 1


def test_undoing_takes_contacts_back_by_corrections_and_the_sheet_can_come_again(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], manager: User, client_of: ClientOf
) -> None:
    row = ["02800000000", TODAY(), "电话", "已续费"]
    batch = bring(row)
    assert SHEETS["returned"].undoing(batch)
    services.finish(services.undo(batch))
    assert [outcome for _account, _medium, outcome in told()] == ["renewed", "void"]
    warnings[0].refresh_from_db()
    assert (warnings[0].state, warnings[0].contacts_made) == (State.ASSIGNED, 0)
    assert not ReturnedLine.objects.exists()
    bring(row)
    assert Contact.objects.count() == 3
    warnings[0].refresh_from_db()
    assert warnings[0].state == State.RENEWED


def test_a_contact_that_somebody_corrected_since_stays_when_the_import_is_undone(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], agent_staff_user: User
) -> None:
    batch = bring(["02800000000", TODAY(), "电话", "已续费"])
    mistaken = Contact.objects.get()
    correct(mistaken.pk, Said("call", "no_answer", mistaken.at), agent_staff_user)
    services.finish(services.undo(batch))
    assert [outcome for _account, _medium, outcome in told()] == ["renewed", "no_answer"]


def test_lists_and_tallies_are_counted_once_for_all_rows(
    bring: Callable[..., Batch], warnings: list[ExpiryWarning], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Any] = []
    monkeypatch.setattr("renewals.services_course.retally", lambda lists, *_: counted.extend(lists))
    bring(*([f"0280000000{n}", TODAY(), "电话", "无人接听"] for n in range(5)))
    assert counted == [WarningList.objects.get().pk]
