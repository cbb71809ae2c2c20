"""The roster of people: who they are, their role, and the unit or grid they answer for (O1, O2).

It lives here since accounts, below, may not know workbooks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.services_deputies import end_groundless
from gridops.common.bulk import copy_rows
from gridops.workbooks.columns import Choice, Code, Phone, Text
from gridops.workbooks.dialect import among, update_many
from gridops.workbooks.models import Batch
from gridops.workbooks.objects import ObjectStore, Stored, Values
from gridops.workbooks.sheet import Cross, Sheet, derived, register
from gridops.workbooks.store import delete_free

IN_UNIT = (Role.SUPERVISOR, Role.RENEWAL_SPECIALIST)
PLACE = ("role", "unit", "grid")


def place_fits(role: Any, unit: Any, grid: Any) -> dict[str, Any] | None:
    """Admins have no place, unit roles a unit, grid managers a grid and its unit."""
    if role == Role.ADMIN:
        fits = not unit and not grid
    elif role in IN_UNIT:
        fits = bool(unit) and not grid
    else:
        fits = bool(unit) and bool(grid)
    return None if fits or not role else {}


class PeopleStore(ObjectStore):
    """User with the membership of today; units and grids are made when they are unknown."""

    def load(self, leading: Collection[Any]) -> list[Stored]:
        """Two queries: people, and their open memberships, of which the latest counts; deputyships are never open."""
        users = {user.pk: user for user in User.objects.filter(employee_no__in=leading)}
        latest: dict[int, Membership] = {}
        memberships = Membership.objects.filter(user__in=users, ends_on__isnull=True)
        for one in memberships.select_related("unit", "grid__unit").order_by("starts_on", "pk"):
            latest[one.user_id] = one
        return [self._stored_of(user, latest.get(pk)) for pk, user in users.items()]

    @staticmethod
    def _stored_of(user: User, membership: Membership | None) -> Stored:
        unit = grid = role = ""
        if membership is not None:
            role = membership.role
            grid = membership.grid.name if membership.grid else ""
            place = membership.grid.unit if membership.grid else membership.unit
            unit = place.name if place else ""
        values = {"employee_no": user.employee_no, "name": user.name, "phone": user.phone}
        return Stored(user.pk, 0, {**values, "role": role, "unit": unit, "grid": grid})

    def create(self, batch: Batch, rows: Sequence[Values]) -> None:  # noqa: ARG002
        """People who can't sign in before they have set a password by a link."""
        now = timezone.now()
        columns = ["employee_no", "name", "phone", "email", "language", "password", "is_active", "is_superuser"]
        copy_rows(
            User._meta.db_table,
            [*columns, "session_epoch", "date_joined"],
            [
                (
                    row["employee_no"],
                    row["name"],
                    row.get("phone", ""),
                    "",
                    "",
                    make_password(None),
                    True,
                    False,
                    0,
                    now,
                )
                for row in rows
            ],
        )
        ids = dict(
            User.objects.filter(employee_no__in=[r["employee_no"] for r in rows]).values_list("employee_no", "pk")
        )
        self._settle([(ids[row["employee_no"]], row) for row in rows if row.get("role")])

    def change(self, rows: Sequence[tuple[Stored, Values]]) -> None:
        """Names and phones; another role or place ends the old membership, its deputies, and the person's sessions."""
        merged = [(stored, {**stored.values, **wanted}) for stored, wanted in rows]
        update_many(User, "id", ["name", "phone"], [(s.pk, w["name"], w["phone"]) for s, w in merged])
        moved = [(s.pk, w) for s, w in merged if any(s.values[name] != w[name] for name in PLACE)]
        self._leave([pk for pk, _ in moved])
        self._settle([(pk, wanted) for pk, wanted in moved if wanted["role"]])
        end_groundless([pk for pk, _ in moved])
        update_many(User, "id", [], [(pk,) for pk, _ in moved], increment=["session_epoch"])

    @staticmethod
    def _leave(user_ids: Sequence[int]) -> None:
        today = timezone.localdate()
        current = Membership.objects.filter(user__in=user_ids, ends_on__isnull=True)
        current.filter(starts_on__gte=today).delete()  # it never held a whole day
        current.update(ends_on=today - timedelta(days=1))

    def _settle(self, people: Sequence[tuple[int, Values]]) -> None:
        """The membership from today; one that ended yesterday for the same place goes on instead."""
        units, grids = self._places([values for _, values in people])
        today = timezone.localdate()
        ended = {
            (m.user_id, m.role, m.unit_id, m.grid_id): m.pk
            for m in Membership.objects.own().filter(
                user__in=[pk for pk, _ in people], ends_on=today - timedelta(days=1)
            )
        }
        fresh, again = [], []
        for pk, values in people:
            role = values["role"]
            unit = units[values["unit"]] if role in IN_UNIT else None
            grid = grids[values["unit"], values["grid"]] if role == Role.GRID_MANAGER else None
            if (pk, role, unit, grid) in ended:
                again.append(ended[pk, role, unit, grid])
            else:
                fresh.append((pk, role, unit, grid, today))
        Membership.objects.filter(pk__in=again).update(ends_on=None)
        copy_rows(Membership._meta.db_table, ["user_id", "role", "unit_id", "grid_id", "starts_on"], fresh)

    @staticmethod
    def _places(rows: Sequence[Values]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
        """Ids of units by name and of grids by unit and name; the unknown ones are made."""
        wanted_units = sorted({row["unit"] for row in rows if row.get("unit")})
        known = set(Unit.objects.filter(name__in=wanted_units).values_list("name", flat=True))
        copy_rows(Unit._meta.db_table, ["name"], [(name,) for name in wanted_units if name not in known])
        units = dict(Unit.objects.filter(name__in=wanted_units).values_list("name", "pk"))

        wanted_grids = sorted({(row["unit"], row["grid"]) for row in rows if row.get("grid")})
        inside = Grid.objects.filter(unit__name__in=wanted_units)
        have = set(inside.values_list("unit__name", "name"))
        missing = [(units[unit], name) for unit, name in wanted_grids if (unit, name) not in have]
        copy_rows(Grid._meta.db_table, ["unit_id", "name"], missing)
        grids = {(unit, name): pk for unit, name, pk in inside.values_list("unit__name", "name", "pk")}
        return units, grids

    def undo(self, batch: Batch) -> int:
        """As ObjectStore; grids and units that the rows named and nothing refers to any more go, too.

        Only rosters make them: a mistyped one that stayed would make the name of its grid stand for two.
        """
        kept = super().undo(batch)
        written = [self._values(batch, row.values) for row in self._rows(batch)]
        for model, field in ((Grid, "grid"), (Unit, "unit")):
            names = sorted({values[field] for values in written if values.get(field)})
            condition, parameter = among(model._meta.get_field("name"), names)
            delete_free(model, "people", f"t.name {condition}", [parameter])
        return kept

    def remove(self, batch: Batch, rows: Sequence[Stored]) -> None:  # noqa: ARG002
        """People who never signed in and whom nothing refers to; their memberships go with them."""
        condition, parameter = among(User._meta.pk, [row.pk for row in rows])
        delete_free(User, "people", f"t.last_login IS NULL AND t.id {condition}", [parameter])


@register
class PeopleSheet(Sheet):
    """组织人员, one row a person."""

    kind = "people"
    title = "组织人员"
    model = "accounts.User"
    key = ("employee_no",)
    store = PeopleStore
    columns = (
        Code(field="employee_no", header="工号", synonyms=("员工号", "员工编号"), required=True, example="G0001"),
        Text(field="name", header="姓名", synonyms=("员工姓名",), limit=60, required=True, example="张静"),
        Phone(field="phone", header="联系电话", synonyms=("电话", "手机号码"), example="19900000001"),
        Choice(
            field="role",
            header="角色",
            synonyms=("岗位角色",),
            required=True,
            choices={
                "管理员": Role.ADMIN,
                "主管": Role.SUPERVISOR,
                "续费专员": Role.RENEWAL_SPECIALIST,
                "网格经理": Role.GRID_MANAGER,
            },
            example="网格经理",
        ),
        Text(field="unit", header="经营单位", synonyms=("单位", "所属单位"), limit=60, example="锦江区经营单位"),
        Text(field="grid", header="网格", synonyms=("所属网格", "网格名称"), limit=60, example="锦江01网格"),
    )
    cross = (Cross(PLACE, "role", "role_place", place_fits),)

    def check_rows(
        self, rows: Sequence[tuple[Any, ...]], fields: list[str], user: User
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """Nobody takes the admin's role from themselves by a file."""
        if "role" not in fields:
            return {}
        number, role = fields.index("employee_no"), fields.index("role")
        return {
            at: ("role", "own_role", {})
            for at, row in enumerate(rows)
            if row[number] == user.employee_no and row[role] != Role.ADMIN
        }


derived("people", "accounts.Membership", "user")
