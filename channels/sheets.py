"""The roster of agents with their staff (O4); those of outlets are in ``sheets_outlets``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone

from channels.models import Agent, AgentStaff
from channels.services_ownership import assign_owners
from gridops.accounts.models import User
from gridops.common.bulk import copy_rows
from gridops.workbooks.columns import Code, Phone, Text
from gridops.workbooks.dialect import among, update_many
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.objects import ObjectStore, Stored, Values
from gridops.workbooks.sheet import Sheet, after_batch, after_undone, derived, register
from gridops.workbooks.store import delete_free, undone_steps


class AgentStore(ObjectStore):
    """AgentStaff, one row a person, with the Agent that the rows of a code share."""

    def load(self, leading: Collection[Any]) -> list[Stored]:
        """One query."""
        staff = AgentStaff.objects.filter(agent__code__in=leading).select_related("agent")
        return [
            Stored(
                one.pk,
                one.version,
                {
                    "agent_code": one.agent.code,
                    "agent_name": one.agent.name,
                    "name": one.name,
                    "phone": one.phone,
                    "position": one.position,
                },
            )
            for one in staff
        ]

    def create(self, batch: Batch, rows: Sequence[Values]) -> None:
        """Unknown agents first, then their staff."""
        names = {row["agent_code"]: row["agent_name"] for row in rows if "agent_name" in row}
        agents = {agent.code: agent for agent in Agent.objects.filter(code__in={row["agent_code"] for row in rows})}
        fresh = [(code, name, batch.pk) for code, name in names.items() if code not in agents]
        copy_rows(Agent._meta.db_table, ["code", "name", "created_batch_id"], fresh)
        self._rename([(agents[code].pk, name) for code, name in names.items() if code in agents])
        ids = dict(Agent.objects.filter(code__in={row["agent_code"] for row in rows}).values_list("code", "pk"))
        copy_rows(
            AgentStaff._meta.db_table,
            ["agent_id", "name", "phone", "position", "created_batch_id"],
            [
                (ids[row["agent_code"]], row["name"], row.get("phone", ""), row.get("position", ""), batch.pk)
                for row in rows
            ],
        )

    def change(self, rows: Sequence[tuple[Stored, Values]]) -> None:
        """The staff's own figures, and the name of their agent."""
        merged = [(stored.pk, {**stored.values, **wanted}) for stored, wanted in rows]
        own = [(pk, values["phone"], values["position"]) for pk, values in merged]
        update_many(AgentStaff, "id", ["phone", "position"], own, increment=["version"])
        names = {values["agent_code"]: values["agent_name"] for _, values in merged}
        ids = Agent.objects.filter(code__in=names).values_list("code", "pk")
        self._rename([(pk, names[code]) for code, pk in ids])

    @staticmethod
    def _rename(pairs: Sequence[tuple[int, str]]) -> None:
        stored = dict(Agent.objects.filter(pk__in=[pk for pk, _ in pairs]).values_list("pk", "name"))
        changed = [(pk, name) for pk, name in pairs if stored.get(pk) != name]
        update_many(Agent, "id", ["name"], changed, increment=["version"])

    def undo(self, batch: Batch) -> int:
        """As ObjectStore; an agent that only new rows have renamed gets its name back, too."""
        kept = super().undo(batch)
        old: dict[tuple[str, str], str] = {}
        for row in Row.objects.filter(batch=batch, state=Row.State.NEW, before__isnull=False, kept=False):
            values = self._values(batch, row.values)
            old[values["agent_code"], values["agent_name"]] = self._values(batch, row.before)["agent_name"]
        agents = Agent.objects.filter(code__in={code for code, _ in old}).values_list("pk", "code", "name")
        self._rename([(pk, old[code, name]) for pk, code, name in agents if (code, name) in old])
        return kept

    def remove(self, batch: Batch, rows: Sequence[Stored]) -> None:
        """Staff without a sign-in, then the agents the batch made that have nobody left."""
        condition, parameter = among(AgentStaff._meta.pk, [row.pk for row in rows])
        version = f"t.version = 1 + {undone_steps(batch, 't.id', '0')}"
        which = f"t.id {condition} AND {version} AND t.created_batch_id = %s AND t.user_id IS NULL"
        delete_free(AgentStaff, "agents", which, [parameter, batch.pk])
        delete_free(Agent, "agents", "t.created_batch_id = %s AND t.version = 1", [batch.pk])


@register
class AgentSheet(Sheet):
    """代理商名册, one row a person of an agent."""

    kind = "agents"
    title = "代理商名册"
    model = "channels.AgentStaff"
    key = ("agent_code", "name")
    store = AgentStore
    shared = ("agent_name",)
    columns = (
        Code(field="agent_code", header="代理商编码", synonyms=("代理商编号",), required=True, example="D00001"),
        Text(
            field="agent_name",
            header="代理商名称",
            synonyms=("代理商",),
            limit=80,
            required=True,
            example="锦绣通信服务部",
        ),
        Text(field="name", header="业务人员", synonyms=("业务员", "姓名"), limit=60, required=True, example="李伟"),
        Phone(field="phone", header="联系电话", synonyms=("电话", "手机号码"), example="19900000001"),
        Text(field="position", header="岗位", synonyms=("职务",), limit=40, example="业务人员"),
    )

    def check_rows(
        self,
        rows: Sequence[tuple[Any, ...]],
        fields: list[str],
        user: User,  # noqa: ARG002
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """All rows of a code name the same agent; the first one counts."""
        if "agent_name" not in fields:
            return {}
        code, name = fields.index("agent_code"), fields.index("agent_name")
        first: dict[Any, int] = {}
        found = {}
        for at, row in enumerate(rows):
            known = first.setdefault(row[code], at)
            if row[name] != rows[known][name] and row[name] and rows[known][name]:
                found[at] = ("agent_name", "name_differs", {"value": rows[known][name]})
        return found


def _assign_owners(batch: Batch) -> None:
    assign_owners(timezone.localdate(), batch.uploaded_by)


for _kind, _field in (("projects", "project"), ("agents", "agent")):
    derived(_kind, "channels.Ownership", _field)
    after_batch(_kind, _assign_owners)
    after_undone(_kind, _assign_owners)

# The engine looks for an app's rosters here.
from channels import sheets_commission, sheets_outlets  # noqa: E402, F401
