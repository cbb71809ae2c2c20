"""Who may import what: the kinds of one's roles, rows of one's scope, one's own imports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Role, Unit, User
from gridops.workbooks import services
from gridops.workbooks.models import Batch, HeaderMatch
from gridops.workbooks.sheet import SHEETS, sheets_for
from projects.models import Project
from renewals.models import SpecialistLine
from tests import factories
from tests.workbooks.books import PEOPLE, SUBSCRIBERS, book, subscriber, upload
from tests.workbooks.conftest import Import, counts, faults

pytestmark = pytest.mark.django_db

DETAILS = ["月份", "用户账号", "用户姓名", "联系电话", "项目编码", "到期日期", "产品", "月费"]
ClientOf = Callable[[User], Client]


def detail(account: str, project: str = "P000001", day: Any = date(2026, 12, 15)) -> list[Any]:
    """A row of 续费明细."""
    return ["2026-12", account, "王芳", "19900000001", project, day, "宽带200M", 99]


def test_a_kind_is_offered_to_its_roles(specialist: User, admin_user: User) -> None:
    assert "renewal_details" in sheets_for(specialist)
    assert "subscribers" not in sheets_for(specialist)
    assert sheets_for(admin_user) == SHEETS
    assert sheets_for(factories.make_user()) == {}


def test_without_a_kind_of_ones_own_the_pages_are_not_there(client_of: ClientOf) -> None:
    client = client_of(factories.make_user())
    assert {client.get(reverse(f"workbooks:{name}")).status_code for name in ("list", "upload")} == {403}


def test_the_upload_offers_and_takes_ones_own_kinds_only(specialist: User, client_of: ClientOf) -> None:
    client = client_of(specialist)
    assert SHEETS["people"].title not in client.get(reverse("workbooks:upload")).content.decode()
    sent = {"file": upload(book([PEOPLE, ["1"] * 6])), "kind": "people"}
    assert client.post(reverse("workbooks:upload"), sent).status_code == 200
    assert not Batch.objects.exists()
    assert client.get(reverse("workbooks:template", args=["people"])).status_code == 404
    assert client.get(reverse("workbooks:template", args=["renewal_details"])).status_code == 200


def test_a_file_recognised_as_anothers_kind_is_refused_and_says_what_is_ones_own(
    specialist: User, preview: Import, project: Project
) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001")], user=specialist)
    assert batch.state == Batch.State.REFUSED
    assert (batch.fault or {})["code"] == "not_your_kind"
    assert "用户名册" in batch.fault_text
    assert "续费明细" in batch.fault_text


def test_the_list_of_a_month_and_the_roster_are_told_apart(
    admin_user: User, specialist: User, preview: Import, project: Project
) -> None:
    assert preview([DETAILS, detail("028001")]).kind == "renewal_details"
    assert preview([SUBSCRIBERS, subscriber("028001")]).kind == "subscribers"
    assert preview([["用户账号", "到期日期"], ["028001", "2026-12-01"]]).kind == "subscribers"
    titled = [["2026年12月续费明细"], DETAILS[1:], detail("028001")[1:]]
    assert preview(titled).kind == "renewal_details"
    assert preview(titled[1:], title="续费明细2026年12月").kind == "renewal_details"
    bare = preview([["2026年12月"], *titled[1:]], user=specialist)
    assert (bare.kind, bare.month) == ("renewal_details", date(2026, 12, 1))


def test_a_project_of_others_is_as_unknown_as_none_at_all(
    specialist: User, preview: Import, project: Project, foreign_project: Project
) -> None:
    rows = [detail("1"), detail("2", foreign_project.code), detail("3", "P999999")]
    batch = preview([DETAILS, *rows], user=specialist)
    assert counts(batch) == (1, 0, 0, 2)
    assert faults(batch) == {"E3": "unknown_to_you", "E4": "unknown_to_you"}


def test_a_row_that_others_brought_is_not_changed(
    specialist: User, preview: Import, project: Project, foreign_project: Project
) -> None:
    SpecialistLine.objects.create(month=date(2026, 12, 1), account="028009", project=foreign_project)
    batch = preview([DETAILS, detail("028009")], user=specialist)
    assert faults(batch) == {"A2": "foreign_row"}


def test_an_import_is_its_uploaders_and_the_admins(
    specialist: User, supervisor: User, admin_user: User, preview: Import, project: Project, client_of: ClientOf
) -> None:
    batch = preview([DETAILS, detail("028001"), detail("028002", "P999999")], user=specialist)
    for user, status in ((specialist, 200), (supervisor, 404), (admin_user, 200)):
        client = client_of(user)
        for name in ("batch", "columns"):
            assert client.get(reverse(f"workbooks:{name}", args=[batch.pk])).status_code == status
        assert (batch in client.get(reverse("workbooks:list")).context["page"]) == (status == 200)
    others = client_of(supervisor)
    for name in ("check", "apply", "undo", "again"):
        assert others.post(reverse(f"workbooks:{name}", args=[batch.pk])).status_code == 404
    assert others.get(reverse("workbooks:marked", args=[batch.pk])).status_code == 404
    client_of(specialist).post(reverse("workbooks:apply", args=[batch.pk]), {"rows": "valid"})
    services.finish(Batch.objects.get())
    assert SpecialistLine.objects.get().account == "028001"


def test_who_may_no_longer_import_the_kind_does_not_reach_the_import(
    specialist: User, preview: Import, project: Project, client_of: ClientOf
) -> None:
    batch = preview([DETAILS, detail("028001")], user=specialist)
    specialist.memberships.all().delete()
    factories.make_manager(project.grid)
    specialist.memberships.create(role=Role.GRID_MANAGER, grid=project.grid, starts_on=factories.LONG_AGO)
    answer = client_of(User.objects.get(pk=specialist.pk)).post(reverse("workbooks:apply", args=[batch.pk]))
    assert answer.status_code in (403, 404)
    batch.refresh_from_db()
    assert batch.state == Batch.State.CHECKED


def sent(user: User, name: str) -> Batch:
    """An upload whose column B, the account, is called ``name``."""
    content = book([["月份", name, "项目编码", "到期日期", "联系电话"], ["2026-12", "028001", "P000001", "", ""]])
    return services.finish(services.receive(upload(content), user, "renewal_details"))


def mended(batch: Batch, by: User, account: int = 1) -> None:
    """Column ``account`` (0 is A) taken for the account, by hand."""
    services.finish(services.confirm_columns(batch, {0: "month", account: "account", 2: "project_id"}, by=by))


def test_what_somebody_mends_counts_for_them_and_what_an_admin_mends_for_all(
    specialist: User, supervisor: User, admin_user: User, project: Project
) -> None:
    mended(sent(specialist, "编号甲"), specialist)
    assert sent(specialist, "编号甲").columns["1"] == "account"
    assert "1" not in sent(supervisor, "编号甲").columns
    assert "1" not in sent(admin_user, "编号甲").columns
    mended(sent(admin_user, "编号乙"), admin_user)
    assert sent(supervisor, "编号乙").columns["1"] == "account"
    mended(sent(specialist, "编号乙"), specialist, account=3)
    assert HeaderMatch.objects.get(header="编号乙", only_for=None).field == "account"
    assert "1" not in sent(specialist, "编号乙").columns
    assert sent(supervisor, "编号乙").columns["1"] == "account"


def test_the_messy_list_of_a_unit_is_read(unit: Unit, specialist: User, preview: Import, project: Project) -> None:
    head = ["月份 ", "用户账号\n", "用户姓名*", "联系电话", "项目编码", "到期日期", "产品", "月费"]
    rows: list[list[Any]] = [["续费明细(填报单位:________)"], [], head]
    rows += [
        ["2026-12", 2800000001.0, "王芳", 19900000001.0, "P000001", "2026.12.15", "宽带200M", "９９"],
        [" 2026-12　", "02800000002", " 王芳", "19900000001", "P000001", 46371, "宽带200M", 99],
        [],
        ["2026-12", "02800000003", "王芳", "", "P000001", "2026年12月15日", "宽带200M", 99],
        ["2026-12", "", "王芳", "", "P000001", "2026-12-15", "", None],
        ["2026-12", "02800000002", "王芳", "", "P000001", "2026-12-15", "", None],
        ["2026-12", "02800000005", "王芳", "", "P999999", "2026-12-15", "", None],
        ["合计", 6, None, None, None, None, None, None],
    ]
    batch = preview(rows, user=specialist)
    assert batch.kind == "renewal_details"
    assert faults(batch) == {"B8": "required", "A9": "twice", "E10": "unknown_to_you"}
    assert counts(batch) == (3, 0, 0, 3)
