"""The pages of new projects: board, table, one of them, forms (F1, F2)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import AccessRecord, Grid, User
from projects.models import Operator, Preparation, PreparationTemplate, Project, Prospect, ProspectTalk, Stage
from tests import factories
from tests.factories import client_of
from tests.sheets import exported

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def prospect(grid: Grid) -> Prospect:
    return factories.make_prospect(grid, "翠湖雅苑", contact="李伟", contact_phone="19900000001")


@pytest.fixture
def client(manager: User) -> Client:
    return client_of(manager)


def at(name: str, row: Any) -> str:
    return reverse(f"projects:{name}", args=[row.pk])


def sent(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send back of the form at ``address``."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, "", False)}


# --- board and table ---


def test_a_column_a_stage_with_what_is_late_in_words(client: Client, grid: Grid) -> None:
    yesterday = TODAY - timedelta(days=1)
    factories.make_prospect(
        grid, "迟了", stage=Stage.APPROVAL, next_step="签协议", next_step_on=yesterday, agreement_planned_on=yesterday
    )
    Prospect.objects.update(looked_at=timezone.now() - timedelta(days=40))
    response = client.get(reverse("projects:prospects"))
    columns = response.context["columns"]
    assert [column["stage"] for column in columns] == Stage.values
    assert [column["count"] for column in columns] == [0, 1, 0, 0, 0, 0]
    now = columns[1]["cards"][0].standing
    assert (now.next_stage, now.next_late, now.step_late, now.is_unseen) == ("agreement", 1, 1, True)
    text = response.content.decode()
    assert all(words in text for words in ("迟了", "签协议"))
    assert {"ti-alert-triangle", "ti-clock", "ti-eye-off"} <= set(re.findall(r"ti-[a-z-]+", text))
    assert response.context["figures"] | {"talks": 0} == {
        "under_way": 1,
        "households": 800,
        "overdue": 1 + Preparation.objects.overdue(TODAY).count(),
        "unseen": 1,
        "talks": 0,
    }


def test_what_was_given_up_is_not_on_the_board_but_in_the_table(client: Client, grid: Grid) -> None:
    factories.make_prospect(grid, "放弃的", closed_on=TODAY, closed_reason="独家")
    assert "放弃的" not in client.get(reverse("projects:prospects")).content.decode()
    table = reverse("projects:prospect-table")
    assert "放弃的" in client.get(table).content.decode()
    assert "放弃的" in client.get(table, {"state": "closed"}).content.decode()
    assert "放弃的" not in client.get(table, {"state": "open"}).content.decode()


def test_the_table_is_filtered_and_exported_with_a_record(client: Client, grid: Grid) -> None:
    factories.make_prospect(grid, "甲", stage=Stage.BUILDING, building_on=TODAY - timedelta(days=30))
    factories.make_prospect(grid, "乙")
    response = client.get(reverse("projects:prospects"), {"view": "table", "stage": "building"})
    assert response.headers["Location"] == reverse("projects:prospect-table") + "?stage=building"
    header, row = exported(client.get(reverse("projects:prospect-export"), {"stage": "building"}))
    assert row[0] == "甲"
    assert 30 in row
    assert len(header) == len(row)
    assert AccessRecord.objects.get().kind == AccessRecord.Kind.EXPORT


@pytest.mark.parametrize("name", ["prospects", "prospect-table"])
def test_pages_cost_the_same_queries_at_50_and_at_600(client: Client, grid: Grid, name: str) -> None:
    counted = []
    for many in (50, 550):
        factories.make_prospects(grid, many, next_step_on=TODAY)
        client.get(reverse(f"projects:{name}"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(f"projects:{name}")).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] < 25


# --- noting and editing ---


def test_a_manager_notes_a_compound_and_its_steps_and_days_are_there(client: Client, grid: Grid) -> None:
    rival = Operator.objects.all()[0]
    fields = {
        **sent(client, reverse("projects:prospect-new")),
        "name": "金沙新城",
        "kind": "new_build",
        "households": "900",
        "rivals": [rival.pk],
        "building_planned_on": "2027-01-31",
        "building_months": "13",
    }
    response = client.post(reverse("projects:prospect-new"), fields)
    made = Prospect.objects.get()
    assert response.headers["Location"] == at("prospect", made)
    assert (made.grid, made.found_on, list(made.rivals.all())) == (grid, TODAY, [rival])
    assert (made.accepted_planned_on, made.live_planned_on) == (date(2028, 2, 29), date(2028, 3, 14))
    assert made.preparations.count() == PreparationTemplate.objects.count()
    history = client.get(at("prospect-history", made)).content.decode()
    assert "金沙新城" in history
    assert rival.name in history
    assert ".None" not in history
    again = client.post(reverse("projects:prospect-new"), fields)
    assert "name" in again.context["form"].errors


def test_a_changed_plan_brings_the_steps_along(client: Client, prospect: Prospect) -> None:
    fields = sent(client, at("prospect-edit", prospect)) | {"live_planned_on": "2027-03-31"}
    assert client.post(at("prospect-edit", prospect), fields).status_code == 302
    assert Preparation.objects.filter(stage=Stage.LIVE, due_on__lt=date(2027, 4, 1)).exists()


def test_planned_days_out_of_order_are_questioned_once_actual_ones_refused(client: Client, prospect: Prospect) -> None:
    address = at("prospect-edit", prospect)
    fields = sent(client, address) | {"agreement_planned_on": "2027-03-01", "building_planned_on": "2027-02-01"}
    response = client.post(address, fields)
    assert "building_planned_on" in response.context["form"].errors
    assert 'type="checkbox" name="sure"' in response.content.decode()
    assert client.post(address, {**fields, "sure": "on"}).status_code == 302
    Prospect.objects.update(stage=Stage.APPROVAL, approval_on="2026-02-01")
    wrong = sent(client, address) | {"approval_on": "2019-01-01", "sure": "on"}
    assert "approval_on" in client.post(address, wrong).context["form"].errors
    future = sent(client, address) | {"approval_on": str(TODAY + timedelta(days=1)), "sure": "on"}
    assert "approval_on" in client.post(address, future).context["form"].errors


def test_whoever_comes_second_sees_both_values(client: Client, prospect: Prospect, supervisor: User) -> None:
    address = at("prospect-next-step", prospect)
    mine, theirs = sent(client, address), sent(client_of(supervisor), address)
    client_of(supervisor).post(address, theirs | {"next_step": "拜访物业"})
    response = client.post(address, mine | {"next_step": "签协议", "next_step_on": "2026-12-01"})
    assert response.status_code == 409
    assert {"拜访物业", "签协议"} <= {
        text for row in response.context["conflict"].clashing for text in (row.theirs, row.typed)
    }
    prospect.refresh_from_db()
    assert prospect.next_step == "拜访物业"


# --- the page ---


def test_the_page_shows_plan_and_fact_and_masks_the_number(client: Client, prospect: Prospect) -> None:
    Prospect.objects.update(
        stage=Stage.BUILDING,
        approval_planned_on="2026-01-01",
        approval_on="2026-01-11",
        building_on=TODAY - timedelta(days=100),
        building_months=12,
    )
    response = client.get(at("prospect", prospect))
    stones = {stone.stage: stone for stone in response.context["course"]}
    assert stones["approval"].difference == 10
    assert response.context["standing"].under_construction == 100
    text = response.content.decode()
    assert "199****01" in text
    assert "19900000001" not in text


def test_a_reveal_is_written_down(client: Client, prospect: Prospect) -> None:
    client.post(at("prospect-reveal", prospect))
    assert AccessRecord.objects.get().kind == AccessRecord.Kind.REVEAL
    assert "19900000001" in client.get(at("prospect", prospect)).content.decode()
    assert "19900000001" not in client.get(at("prospect", prospect)).content.decode()


def test_a_specialist_reads_and_is_offered_nothing_to_change(specialist: User, prospect: Prospect) -> None:
    text = client_of(specialist).get(at("prospect", prospect)).content.decode()
    assert at("prospect-look", prospect) not in text
    assert at("prospect-edit", prospect) not in text
    assert client_of(specialist).post(at("prospect-look", prospect)).status_code == 403


def test_a_talk_is_written_down_and_a_faulty_one_comes_back(client: Client, prospect: Prospect, manager: User) -> None:
    tomorrow = str(TODAY + timedelta(days=1))
    response = client.post(at("prospect-talk", prospect), {"text": "谈了返利", "held_on": tomorrow})
    assert response.status_code == 422
    assert "谈了返利" in response.content.decode()
    client.post(at("prospect-talk", prospect), {"text": "谈了返利", "held_on": str(TODAY), "with_whom": "开发商"})
    talk = ProspectTalk.objects.get()
    assert (talk.by, talk.with_whom) == (manager, "开发商")


def test_a_step_is_ticked_with_day_and_remark_and_taken_back(client: Client, prospect: Prospect) -> None:
    step = prospect.preparations.all()[0]
    client.post(at("prospect-tick", step), {"day": "2026-11-01", "note": "物业已确认"})
    step.refresh_from_db()
    assert (step.done_on, step.note) == (date(2026, 11, 1), "物业已确认")
    client.post(at("prospect-tick", step), {"undo": "on"})
    step.refresh_from_db()
    assert (step.done_on, step.done_by, step.note) == (None, None, "物业已确认")
    client.post(at("prospect-due", step), {"day": "2026-12-24"})
    step.refresh_from_db()
    assert (step.due_on, step.is_due_set) == (date(2026, 12, 24), True)
    client.post(at("prospect-add-step", prospect), {"title": "查电源", "stage": "building", "due_on": "2026-12-02"})
    own = Preparation.objects.get(title="查电源")
    assert (own.due_on, own.template) == (date(2026, 12, 2), None)
    assert client.post(at("prospect-add-step", prospect), {"stage": "building"}).status_code == 422


# --- moving ---


def test_a_move_asks_for_the_day_and_for_those_of_skipped_stages(client: Client, prospect: Prospect) -> None:
    form = client.get(at("prospect-move", prospect)).context["form"]
    assert form["approval_on"].value() == TODAY
    address = at("prospect-move", prospect) + "?to=agreement"
    assert set(client.get(address).context["form"].fields) == {"version", "approval_on", "agreement_on"}
    fields = {"version": 1, "agreement_on": "2026-11-01"}
    assert "approval_on" in client.post(address, fields).context["form"].errors
    wrong = client.post(address, {**fields, "approval_on": "2026-11-02"})
    assert "agreement_on" in wrong.context["form"].errors
    assert client.post(address, {**fields, "approval_on": "2026-10-01"}).status_code == 302
    assert client.post(address, {**fields, "approval_on": "2026-10-01"}).status_code == 302  # there already
    prospect.refresh_from_db()
    assert (prospect.stage, prospect.version) == ("agreement", 2)
    stale = client.post(at("prospect-move", prospect), {"version": 1, "building_on": str(TODAY)})
    assert stale.status_code == 409


def test_given_up_with_a_reason_and_taken_up_again(client: Client, prospect: Prospect) -> None:
    client.post(at("prospect-give-up", prospect), {"version": 1, "reason": ""})
    prospect.refresh_from_db()
    assert prospect.closed_on is None
    client.post(at("prospect-give-up", prospect), {"version": 1, "reason": "电信独家"})
    assert "电信独家" in client.get(at("prospect", prospect)).content.decode()
    client.post(at("prospect-take-up", prospect), {"version": 2})
    prospect.refresh_from_db()
    assert (prospect.closed_on, prospect.closed_reason) == (None, "")


def test_into_service_by_one_form_and_reachable_from_the_ledger(client: Client, prospect: Prospect) -> None:
    Prospect.objects.update(stage=Stage.ACCEPTED, accepted_on="2026-11-01")
    address = at("prospect-live", prospect)
    assert client.get(at("prospect-move", prospect)).headers["Location"] == address
    taken = factories.make_project(prospect.grid, "P1")
    fields = sent(client, address)
    assert fields["name"] == "翠湖雅苑"
    assert "code" in client.post(address, {**fields, "code": taken.code}).context["form"].errors
    response = client.post(address, {**fields, "code": "P900001"})
    made = Project.objects.get(code="P900001")
    assert response.headers["Location"] == reverse("projects:detail", args=[made.pk])
    assert (made.property_contact, made.property_phone) == ("李伟", "19900000001")
    assert at("prospect", prospect) in client.get(reverse("projects:detail", args=[made.pk])).content.decode()
    again = client.post(address, {**fields, "code": "P900002"})
    assert again.headers["Location"] == reverse("projects:detail", args=[made.pk])
    assert not Project.objects.filter(code="P900002").exists()


# --- what all are prepared with ---


def test_admins_edit_the_steps_of_all(admin_user: User, prospect: Prospect) -> None:
    client, address = client_of(admin_user), reverse("projects:preparations")
    formset = client.get(address).context["formset"]
    fields = {key: str(value) for key, value in formset.management_form.initial.items()}
    fields = {f"form-{key}": value for key, value in fields.items()}
    for form in formset:
        for name in form.fields:
            if (value := str(form[name].value())) not in ("None", "False"):
                fields[form.add_prefix(name)] = value
    extra = f"form-{len(formset) - 1}"
    more = {f"{extra}-stage": "live", f"{extra}-title": "通知装维", f"{extra}-days": "-2", f"{extra}-position": "99"}
    assert client.post(address, {**fields, **more, f"{extra}-is_active": "on"}).status_code == 302
    assert prospect.preparations.filter(title="通知装维").exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("building_months", "241"),
        ("longitude", "180.5"),
        ("latitude", "-91"),
        ("rivals", "9" * 25),
        ("households", "2147483648"),
        ("found_on", "0001-01-01"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(client: Client, prospect: Prospect, field: str, typed: str) -> None:
    address = at("prospect-edit", prospect)
    form = client.post(address, sent(client, address) | {field: typed}).context["form"]
    assert form.errors.keys() == {field}
