"""The rosters that spread over several tables: people, agents, outlets; and who owns a project."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels.models import Agent, AgentStaff, Outlet, Ownership
from channels.services_ownership import assign_owners
from gridops.accounts.models import Grid, Membership, Unit, User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from plans.models import Target
from projects.models import MonthlyIndicator, Project
from tests.workbooks.books import AGENTS, INDICATORS, OUTLETS, PEOPLE, PROJECTS, TARGETS
from tests.workbooks.conftest import Import, counts, faults, notes

pytestmark = pytest.mark.django_db

TEAM = [
    PEOPLE,
    ["S0009", "赵强", "19900000001", "主管", "锦江区经营单位", ""],
    ["G0009", "钱芳", 19900000002.0, "网格经理", "锦江区经营单位", "锦江09网格"],
]


def undone(batch: Batch) -> Batch:
    return services.finish(services.undo(batch))


def current(employee_no: str) -> Membership:
    return Membership.objects.get(user__employee_no=employee_no, ends_on__isnull=True)


# --- people ---


def test_people_come_with_their_unit_grid_and_role_and_without_a_password(imported: Import) -> None:
    batch = imported(TEAM)
    assert counts(batch) == (2, 0, 0, 0)
    manager = User.objects.get(employee_no="G0009")
    assert not manager.has_usable_password()
    assert (manager.name, manager.phone) == ("钱芳", "19900000002")
    assert current("G0009").grid == Grid.objects.get(name="锦江09网格")
    assert current("S0009").unit == Unit.objects.get(name="锦江区经营单位")
    assert counts(imported(TEAM)) == (0, 0, 2, 0)


def test_a_moved_manager_keeps_the_past_and_is_signed_out(imported: Import) -> None:
    imported(TEAM)
    today = timezone.localdate()
    Membership.objects.update(starts_on=today - timedelta(days=30))
    batch = imported([PEOPLE, ["G0009", "钱芳", "19900000002", "网格经理", "锦江区经营单位", "锦江10网格"]])
    assert counts(batch) == (0, 1, 0, 0)
    old, new = Membership.objects.filter(user__employee_no="G0009").order_by("starts_on")
    assert (old.ends_on, new.starts_on, new.grid and new.grid.name) == (today - timedelta(days=1), today, "锦江10网格")
    assert User.objects.get(employee_no="G0009").session_epoch == 1
    undone(batch)
    assert current("G0009").pk == old.pk


def test_a_roster_leaves_deputies_alone_and_ends_those_of_a_role_that_it_ends(imported: Import) -> None:
    imported(TEAM)
    today = timezone.localdate()
    Membership.objects.update(starts_on=today - timedelta(days=30))
    away, deputy = User.objects.get(employee_no="G0009"), User.objects.get(employee_no="S0009")
    lent = {"user": deputy, "role": "grid_manager", "grid": current("G0009").grid, "stands_in_for": away}
    over = Membership.objects.create(**lent, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    running = Membership.objects.create(**lent, starts_on=today, ends_on=today + timedelta(days=9))
    assert counts(imported(TEAM)) == (0, 0, 2, 0)
    assert Membership.objects.deputyships().current(today).get() == running
    # the deputy gets the grid for themselves: what was held for another yesterday does not go on
    batch = imported([PEOPLE, ["S0009", "赵强", "19900000001", "网格经理", "锦江区经营单位", "锦江09网格"]])
    over.refresh_from_db()
    assert over.ends_on == today - timedelta(days=1)
    assert current("S0009").stands_in_for is None
    undone(batch)
    assert current("S0009").role == "supervisor"
    assert Membership.objects.deputyships().current(today).get() == running
    imported([PEOPLE, ["G0009", "钱芳", "19900000002", "网格经理", "锦江区经营单位", "锦江10网格"]])
    assert not Membership.objects.deputyships().current(today).exists()


def test_undo_removes_people_who_never_signed_in_and_keeps_the_others(imported: Import) -> None:
    batch = imported(TEAM)
    User.objects.filter(employee_no="S0009").update(last_login=timezone.now())
    batch = undone(batch)
    assert User.objects.filter(employee_no__in=["S0009", "G0009"]).get().employee_no == "S0009"
    assert (batch.rows_kept, batch.rows.get(kept=True).key) == (1, "S0009")


def test_a_role_needs_its_place_and_nobody_takes_the_admins_role_from_themselves(
    preview: Import, admin_user: User
) -> None:
    batch = preview(
        [
            PEOPLE,
            ["G1", "甲", "", "网格经理", "锦江区经营单位", ""],
            ["S1", "乙", "", "主管", "", ""],
            ["A1", "丙", "", "管理员", "", "锦江01网格"],
            [admin_user.employee_no, admin_user.name, "", "主管", "锦江区经营单位", ""],
        ]
    )
    assert faults(batch) == {"D2": "role_place", "D3": "role_place", "D4": "role_place", "D5": "own_role"}


# --- agents and who owns what ---

FIRM = [
    AGENTS,
    ["D0009", "翠湖通信", "李娜", "19900000003", "负责人"],
    ["D0009", "翠湖通信", "周明", "19900000004", "业务人员"],
]


def test_agents_come_with_their_staff(imported: Import) -> None:
    assert counts(imported(FIRM)) == (2, 0, 0, 0)
    assert {staff.name for staff in Agent.objects.get(code="D0009").staff.all()} == {"李娜", "周明"}
    assert counts(imported(FIRM)) == (0, 0, 2, 0)


def test_an_agent_is_renamed_by_its_rows_and_undo_gives_the_name_back(imported: Import) -> None:
    imported(FIRM)
    batch = imported(
        [AGENTS, ["D0009", "金沙通信", "李娜", "19900000003", "负责人"], ["D0009", "金沙通信", "新人", "", ""]]
    )
    assert counts(batch) == (1, 1, 0, 0)
    assert Agent.objects.get(code="D0009").name == "金沙通信"
    undone(batch)
    assert Agent.objects.get(code="D0009").name == "翠湖通信"
    assert AgentStaff.objects.count() == 2


def test_undo_removes_agents_with_nobody_left(imported: Import) -> None:
    batch = undone(imported(FIRM))
    assert batch.rows_kept == 0
    assert not Agent.objects.filter(code="D0009").exists()


def test_one_code_with_two_names_is_refused(preview: Import) -> None:
    batch = preview([AGENTS, ["D0009", "翠湖通信", "李娜", "", ""], ["D0009", "别的公司", "周明", "", ""]])
    assert faults(batch) == {"B3": "name_differs"}


def test_a_project_belongs_to_the_one_agent_of_its_name(imported: Import, grid: Grid) -> None:
    row = ["P000009", "锦江01网格", "新城", *[""] * 8, "翠湖通信"]
    imported([PROJECTS, row])
    assert not Ownership.objects.exists()
    imported(FIRM)
    owned = Ownership.objects.get()
    assert (owned.agent.code, owned.starts_on, owned.ends_on) == ("D0009", timezone.localdate(), None)
    imported([PROJECTS, row])
    assert Ownership.objects.get() == owned


def test_ownership_ends_and_passes_on_with_dates(project: Project) -> None:
    first, second = (Agent.objects.create(code=f"D{n}", name=f"公司{n}") for n in (1, 2))
    Project.objects.update(agent_name="公司1")
    assert (assign_owners(date(2026, 11, 1)), assign_owners(date(2026, 11, 2))) == (1, 0)
    Project.objects.update(agent_name="公司2")
    assign_owners(date(2026, 11, 20))
    spans = set(Ownership.objects.values_list("agent", "starts_on", "ends_on"))
    assert spans == {(first.pk, date(2026, 11, 1), date(2026, 11, 19)), (second.pk, date(2026, 11, 20), None)}
    Agent.objects.create(code="D3", name="公司2")  # two of one name: nobody can tell
    assign_owners(date(2026, 11, 25))
    assert not Ownership.objects.filter(ends_on__isnull=True).exists()


def test_undoing_projects_takes_their_ownership_along(imported: Import, grid: Grid) -> None:
    imported(FIRM)
    batch = undone(imported([PROJECTS, ["P000009", "锦江01网格", "新城", *[""] * 8, "翠湖通信"]]))
    assert batch.rows_kept == 0
    assert not Project.objects.filter(code="P000009").exists()
    assert not Ownership.objects.exists()


# --- outlets ---


def shop(**other: Any) -> list[Any]:
    cells: dict[str, Any] = {
        "code": "W000009",
        "grid": "锦江01网格",
        "name": "春熙店",
        "address": "春熙路1号",
        "owner": "赵强",
        "phone": "19900000005",
        "staff": "王芳、李娜",
        "near": "P000002、P000001",
        "lng": 104.066541,
        "lat": "30.5",
    }
    return list({**cells, **other}.values())


def test_outlets_come_with_staff_and_the_projects_around(
    imported: Import, project: Project, other_project: Project
) -> None:
    assert counts(imported([OUTLETS, shop()])) == (1, 0, 0, 0)
    made = Outlet.objects.get()
    assert {one.name for one in made.staff.all()} == {"王芳", "李娜"}
    assert set(made.nearby_projects.all()) == {project, other_project}
    assert (str(made.longitude), str(made.latitude)) == ("104.066541", "30.500000")
    assert counts(imported([OUTLETS, shop(near="P000001,P000002", staff="李娜 王芳")])) == (0, 0, 1, 0)


def test_changed_lists_are_replaced_and_undo_gives_them_back(
    imported: Import, project: Project, other_project: Project
) -> None:
    imported([OUTLETS, shop()])
    batch = imported([OUTLETS, shop(staff="周明", near="P000001")])
    made = Outlet.objects.get()
    assert [one.name for one in made.staff.all()] == ["周明"]
    assert list(made.nearby_projects.all()) == [project]
    undone(batch)
    assert {one.name for one in made.staff.all()} == {"王芳", "李娜"}
    assert made.nearby_projects.count() == 2


def test_an_outlets_history_names_staff_and_projects_of_its_own_grid_only(
    imported: Import, project: Project, other_project: Project
) -> None:
    imported([OUTLETS, shop(near="P000001")])
    imported([OUTLETS, shop(staff="周明")])
    changed = {change.label: (change.old, change.new) for change in trail(Outlet.objects.get())[0].changes}
    assert changed == {"坐店人员": ("李娜、王芳", "周明"), "周边项目": ("锦绣花园", "锦绣花园、…")}


def test_undo_removes_outlets_with_their_lists(imported: Import, project: Project, other_project: Project) -> None:
    batch = undone(imported([OUTLETS, shop()]))
    assert (batch.rows_kept, Outlet.objects.count()) == (0, 0)


# --- by month ---


def test_indicators_are_keyed_by_month_and_project(imported: Import, project: Project) -> None:
    rows = [INDICATORS, *([m, "P000001", "", 400, "31500.5", -3, 640, 400] for m in ("2026-10", "2026年11月"))]
    assert counts(imported(rows)) == (2, 0, 0, 0)
    rows[2] = ["2026.11", "P000001", "", 401, "31500.50", -3, 640, 400]
    assert counts(imported(rows)) == (0, 1, 1, 0)
    assert MonthlyIndicator.objects.get(month=date(2026, 11, 1)).billing_users == 401


def test_targets_keep_their_percentages(imported: Import, grid: Grid) -> None:
    imported([TARGETS, ["2026-12", "锦江01网格", 160, "90", 210, 0.72]])
    target = Target.objects.get()
    assert (target.month, target.net_adds, str(target.port_utilisation)) == (date(2026, 12, 1), 90, "72.00")


def test_a_new_person_whose_role_lacks_its_place_in_the_file_is_refused(preview: Import, grid: Grid) -> None:
    rows = [
        ["工号", "姓名", "角色", "经营单位"],
        ["G0007", "张静", "网格经理", grid.unit.name],
        ["A0007", "李伟", "管理员", ""],
    ]
    batch = preview(rows, kind="people")
    assert (counts(batch), faults(batch)) == ((1, 0, 0, 1), {"C2": "role_place"})


def test_a_new_name_that_new_staff_bring_is_noted_and_undone(imported: Import) -> None:
    imported([AGENTS, ["D0001", "甲部", "张静", "", ""]])
    batch = imported([AGENTS, ["D0001", "乙部", "李伟", "", ""]])
    assert (counts(batch), notes(batch)) == ((1, 0, 0, 0), {"B2": "shared_changes"})
    assert Agent.objects.get().name == "乙部"
    assert services.finish(services.undo(batch)).rows_kept == 0
    assert (Agent.objects.get().name, AgentStaff.objects.get().name) == ("甲部", "张静")


def test_an_outlets_lists_may_be_all_that_a_file_brings(imported: Import, grid: Grid) -> None:
    first = imported([OUTLETS, ["W000001", grid.name, "甲", "", "", "", "王芳、李娜", "", None, None]])
    second = imported([["受理点编码", "坐店人员"], ["W000001", "张三"]], kind="outlets")
    outlet = Outlet.objects.get()
    assert list(outlet.staff.values_list("name", flat=True)) == ["张三"]
    assert services.finish(services.undo(second)).rows_kept == 0
    assert sorted(outlet.staff.values_list("name", flat=True)) == ["李娜", "王芳"]
    assert services.finish(services.undo(first)).rows_kept == 0
    assert not Outlet.objects.exists()


def test_undo_takes_mistyped_grids_and_units_along(imported: Import, project: Project) -> None:
    grid, unit = project.grid, project.grid.unit
    rows = [
        ["G0007", "张静", "", "网格经理", "锦江单位", grid.name],
        ["G0008", "李伟", "", "网格经理", unit.name, grid.name],
    ]
    batch = imported([PEOPLE, *rows], kind="people")
    assert Grid.objects.filter(name=grid.name).count() == 2
    assert services.finish(services.undo(batch)).rows_kept == 0
    assert (Grid.objects.get(), Unit.objects.get()) == (grid, unit)
