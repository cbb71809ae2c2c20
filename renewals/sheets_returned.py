"""An agent's list that comes back filled: 回访结果, one row a contact (C4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.models import Role, User
from gridops.workbooks.columns import Choice, Code, Day, Ignored, MonthColumn, Text
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import Consequence, Cross, Sheet, after_batch, after_undone, register
from gridops.workbooks.store import TableStore
from renewals.choices import Loss, Medium, Outcome
from renewals.models import ExpiryWarning, ReturnedLine
from renewals.services_returned import record_lines, take_back

ACCOUNTS_NAMED = 30  # of those that brought no contact, on the import's page
ACCOUNTS_ASKED = 900  # in one question: SQLite binds no more than 999 values on old builds


def _promise_without_day(outcome: Any, promised_on: Any) -> dict[str, Any] | None:
    return {} if outcome == Outcome.PROMISED and not promised_on else None


def _promise_before_contact(day: Any, promised_on: Any) -> dict[str, Any] | None:
    return {} if day and promised_on and promised_on < day else None


def _refused_without_reason(medium: Any, outcome: Any, loss: Any) -> dict[str, Any] | None:
    return {} if medium == Medium.VISIT and outcome == Outcome.REFUSED and not loss else None


def _wrong_at_door(medium: Any, outcome: Any) -> dict[str, Any] | None:
    return {} if medium == Medium.VISIT and outcome == Outcome.WRONG_NUMBER else None


def _not_yet(day: Any) -> dict[str, Any] | None:
    return {"value": day} if day and day > timezone.localdate().isoformat() else None


@register
class ReturnedSheet(Sheet):
    """回访结果: the list as it was written for an agent, with its places filled; rows left empty are passed over."""

    kind = "returned"
    title = "回访结果"
    model = "renewals.ReturnedLine"
    key = ("account", "month", "day", "medium")
    store = TableStore
    roles = (Role.ADMIN, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.GRID_MANAGER, Role.AGENT_STAFF)
    filled = ("day", "medium", "outcome", "promised_on", "loss", "note")
    columns = (
        MonthColumn(
            field="month",
            header="清单月份",
            synonyms=("月份", "到期月份"),
            required=True,
            example="2026-12",
        ),
        Code(field="account", header="用户账号", synonyms=("宽带账号", "账号"), required=True, example="02800000001"),
        Ignored(field="name", header="姓名", synonyms=("用户姓名",)),
        Ignored(field="phone", header="电话", synonyms=("联系电话",)),
        Ignored(field="address", header="地址", synonyms=("装机地址",)),
        Ignored(field="project", header="项目", synonyms=("项目名称",)),
        Ignored(field="product", header="产品", synonyms=("套餐",)),
        Ignored(field="monthly_fee", header="月费"),
        Ignored(field="expires_on", header="到期日期", synonyms=("到期日",)),
        Ignored(field="state", header="状态"),
        Day(
            field="day",
            header="回访日期",
            synonyms=("联系日期", "回访时间", "联系时间"),
            required=True,
            example="2026-11-26",
        ),
        Choice(
            field="medium",
            header="方式",
            synonyms=("回访方式", "联系方式"),
            required=True,
            choices={"电话": Medium.CALL, "上门": Medium.VISIT},
            more={
                **dict.fromkeys(("打电话", "电话回访", "电话沟通", "去电", "外呼", "微信"), Medium.CALL),
                **dict.fromkeys(("上门回访", "上门拜访", "二次上门", "入户", "走访"), Medium.VISIT),
            },
            example="电话",
        ),
        Choice(
            field="outcome",
            header="结果",
            synonyms=("回访结果", "联系结果"),
            required=True,
            choices={
                "已续费": Outcome.RENEWED,
                "承诺续费": Outcome.PROMISED,
                "不续费": Outcome.REFUSED,
                "无人接听": Outcome.NO_ANSWER,
                "号码错误": Outcome.WRONG_NUMBER,
                "已搬走": Outcome.MOVED,
            },
            more={
                **dict.fromkeys(("续费", "已续", "已交费", "已缴费", "已办理", "成功"), Outcome.RENEWED),
                **dict.fromkeys(("承诺", "答应", "答应续费", "考虑续费", "约定续费", "预约"), Outcome.PROMISED),
                **dict.fromkeys(("拒绝", "拒", "拒续", "不续", "拒绝续费", "不愿续费"), Outcome.REFUSED),
                **dict.fromkeys(
                    ("未接", "未接听", "无人接", "没人接", "不接", "关机", "停机", "无人", "家中无人", "无人在家"),
                    Outcome.NO_ANSWER,
                ),
                **dict.fromkeys(("空号", "错号", "号码错", "号错", "打错", "非本人"), Outcome.WRONG_NUMBER),
                **dict.fromkeys(("搬走", "搬家", "已搬家", "已搬", "迁走", "已迁走"), Outcome.MOVED),
            },
            example="承诺续费",
        ),
        Day(field="promised_on", header="承诺日期", synonyms=("承诺续费日期", "承诺时间"), example="2026-12-01"),
        Choice(
            field="loss",
            header="流失原因",
            synonyms=("不续原因", "原因"),
            choices={
                "价格高": Loss.PRICE,
                "转用他网": Loss.RIVAL,
                "网络质量": Loss.QUALITY,
                "服务问题": Loss.SERVICE,
                "搬走": Loss.MOVED,
                "不再使用": Loss.UNUSED,
                "其他": Loss.OTHER,
            },
            more={
                **dict.fromkeys(("价格", "太贵", "贵", "资费高", "资费贵"), Loss.PRICE),
                **dict.fromkeys(("竞争对手", "转网", "换电信", "换移动", "电信", "移动", "友商"), Loss.RIVAL),
                **dict.fromkeys(("质量", "网速慢", "网络差", "网速"), Loss.QUALITY),
                **dict.fromkeys(("服务", "服务差", "服务不好"), Loss.SERVICE),
                **dict.fromkeys(("已搬走", "搬家", "搬迁", "迁走"), Loss.MOVED),
                **dict.fromkeys(("不用", "不用了", "不需要", "用不上"), Loss.UNUSED),
                **dict.fromkeys(("其他原因", "其它"), Loss.OTHER),
            },
            example="",
        ),
        Text(field="note", header="备注", synonyms=("说明",), limit=300, example="下班后再打"),
    )
    cross = (
        Cross(("outcome", "promised_on"), "promised_on", "promise_needs_day", _promise_without_day),
        Cross(("day", "promised_on"), "promised_on", "promise_before", _promise_before_contact),
        Cross(("medium", "outcome", "loss"), "loss", "loss_needed", _refused_without_reason),
        Cross(("medium", "outcome"), "outcome", "wrong_at_door", _wrong_at_door),
        Cross(("day",), "day", "not_yet", _not_yet),
    )

    def check_rows(
        self, rows: Sequence[tuple[Any, ...]], fields: list[str], user: User
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """Accounts that are on no list of their month that the importer works at (a query for each 900 of them)."""
        account, month = fields.index("account"), fields.index("month")
        asked: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row[account] and row[month]:
                asked[row[month]].add(row[account])
        there = {(first, one) for first, accounts in asked.items() for one in listed(first, accounts, user)}
        return {
            at: ("account", "not_on_list", {"value": row[account], "month": row[month][:7]})
            for at, row in enumerate(rows)
            if row[account] and row[month] and (row[month], row[account]) not in there
        }

    def consequences(self, batch: Batch) -> list[Consequence]:
        """That rows become contacts; afterwards, which of them did not, and why."""
        if batch.state != Batch.State.APPLIED:
            number = batch.rows_new + batch.rows_changed
            text = ngettext("%(n)d row will be kept as a contact.", "%(n)d rows will be kept as contacts.", number)
            return [Consequence(text % {"n": number})] if number else []
        without: dict[str, list[str]] = defaultdict(list)
        for account, why in ReturnedLine.objects.of_batch(batch).left_out().values_list("account", "why_not"):
            without[why].append(account)
        return [Consequence(_left_out(why, accounts)) for why, accounts in sorted(without.items())]

    def undoing(self, batch: Batch) -> list[str]:
        """That contacts are taken back, not deleted."""
        number = ReturnedLine.objects.filter(contact__batch=batch).count()
        text = ngettext(
            "%(n)d contact that it brought is taken back by a correction; it stays in the history.",
            "%(n)d contacts that it brought are taken back by corrections; they stay in the history.",
            number,
        )
        return [text % {"n": number}] if number else []


def listed(first: str, accounts: set[str], user: User) -> set[str]:
    """Those of ``accounts`` that are on a list of the month from ``first`` on, as far as ``user`` works at it."""
    found: set[str] = set()
    known = sorted(accounts)
    own = ExpiryWarning.objects.for_user(user).filter(month=date.fromisoformat(first)).order_by()
    for at in range(0, len(known), ACCOUNTS_ASKED):
        some = own.filter(subscriber__account__in=known[at : at + ACCOUNTS_ASKED])
        found.update(some.values_list("subscriber__account", flat=True))
    return found


def _left_out(why: str, accounts: list[str]) -> str:
    text = ngettext(
        "%(n)d row became no contact (%(why)s): %(accounts)s",
        "%(n)d rows became no contacts (%(why)s): %(accounts)s",
        len(accounts),
    )
    named = "、".join(accounts[:ACCOUNTS_NAMED])
    if len(accounts) > ACCOUNTS_NAMED:
        named = _("%(accounts)s and others") % {"accounts": named}
    return text % {"n": len(accounts), "why": why, "accounts": named}


after_batch("returned", record_lines)
after_undone("returned", take_back)
