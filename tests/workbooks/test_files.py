"""Files that go out: templates, marked workbooks, exports."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gridops.accounts.models import Grid, User
from gridops.workbooks import services
from gridops.workbooks.blanks import template_workbook
from gridops.workbooks.columns import Choice
from gridops.workbooks.export import write_sheet
from gridops.workbooks.marking import marked_workbook
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import SHEETS, imported
from projects.models import Project
from tests.workbooks.books import SUBSCRIBERS, rewritten, subscriber, upload
from tests.workbooks.conftest import Import, counts


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(SHEETS))
def test_a_template_has_notes_lists_and_an_example(kind: str) -> None:
    page = load_workbook(template_workbook(SHEETS[kind])).worksheets[0]
    header = [cell.value for cell in page[1]]
    assert all(cell.comment for cell in page[1])
    key = [column.field for column in imported(SHEETS[kind])].index(SHEETS[kind].key[0])
    assert str(page[2][key].value).startswith("示例")
    lists = [column for column in SHEETS[kind].columns if isinstance(column, Choice)]
    assert len(page.data_validations.dataValidation) == len(lists)
    assert len(header) == len(set(header))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(SHEETS))
def test_a_template_filled_in_is_recognised_and_its_example_left_out(kind: str, admin_user: User) -> None:
    content = template_workbook(SHEETS[kind]).read()
    batch = services.finish(services.receive(upload(content), admin_user))
    assert (batch.kind, batch.state) == (kind, Batch.State.MATCHED)
    batch = services.finish(services.confirm_columns(batch))
    assert (batch.state, (batch.fault or {})["code"]) == (Batch.State.REFUSED, "no_rows")


@pytest.mark.django_db
def test_refused_rows_come_back_marked_with_their_reasons(preview: Import, project: Project) -> None:
    rows = [["填报单位"], [], SUBSCRIBERS, subscriber("028001"), subscriber(None, "P999999")]
    marked = load_workbook(marked_workbook(preview(rows))).worksheets[0]
    assert marked.cell(3, 13).value
    assert "E5" in str(marked.cell(5, 13).value)
    assert "A5" in str(marked.cell(5, 13).value)
    assert marked.cell(4, 13).value is None
    assert marked["E5"].comment is not None
    assert marked["E5"].fill.fgColor.rgb == "00F8B4B4"


@pytest.mark.django_db
def test_a_marked_workbook_mended_is_imported(preview: Import, imported: Import, project: Project) -> None:
    batch = imported([SUBSCRIBERS, subscriber("028001"), subscriber("028002", "P999999")])
    book = load_workbook(marked_workbook(batch))
    book.worksheets[0]["E3"] = "P000001"
    out = io.BytesIO()
    book.save(out)
    again = services.import_now(upload(out.getvalue()), batch.uploaded_by)
    assert counts(again) == (1, 0, 1, 0)


@pytest.mark.django_db
def test_what_openpyxl_can_not_take_gives_the_refused_rows_alone(
    admin_user: User, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.workbooks.books import book

    merge = b'<mergeCells count="1"><mergeCell ref="A9:XFD1048576"/></mergeCells>'
    content = rewritten(
        book([SUBSCRIBERS, subscriber("=1+1", "P999999")]),
        lambda name, data: (
            data.replace(b"</sheetData>", b"</sheetData>" + merge) if name.endswith("sheet1.xml") else data
        ),
    )
    monkeypatch.setattr("gridops.workbooks.marking.LIMITS", {"memory_bytes": 300 * 1024 * 1024, "seconds": 5})
    batch = services.finish(services.receive(upload(content), admin_user))
    batch = services.finish(services.confirm_columns(batch))
    page = load_workbook(marked_workbook(batch)).worksheets[0]
    assert [page.max_row, page.cell(2, 1).value] == [2, 2]
    assert page.cell(2, 2).data_type != "f"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1+2", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_no_exported_cell_starts_a_formula(start: str) -> None:
    page: Any = load_workbook(write_sheet("表", [start], [[start], [-5]])).worksheets[0]
    assert [page["A1"].data_type, page["A2"].data_type, page["A3"].data_type] == ["s", "s", "n"]
    assert page["A2"].quotePrefix
    assert page["A3"].value == -5


def test_faults_in_merged_cells_leave_the_workbook_as_it_is(preview: Import, admin_user: User, grid: Grid) -> None:
    made = Workbook()
    sheet: Any = made.active
    for row in (["项目编码", "网格", "项目名称"], ["P1", grid.name, "甲"], ["P2", None, "乙"]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    out = io.BytesIO()
    made.save(out)
    batch = services.import_now(upload(out.getvalue()), admin_user, "projects")
    marked = load_workbook(marked_workbook(batch)).worksheets[0]
    assert [str(one) for one in marked.merged_cells.ranges] == ["B2:B3"]
    assert "B3" in str(marked["D3"].value)
