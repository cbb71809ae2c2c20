"""The three ledgers as grids: their columns, how each cell is read and shown (P1, P2, P3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from gridops.common.templatetags.gridops import number
from gridops.workbooks.columns import Column, Text
from gridops.workbooks.sheet import SHEETS
from projects.models import Ledger, Operator, Project
from projects.rules import Amount, Contradiction
from projects.sheets import FED_BY, IndicatorSheet, ProjectSheet

Title = str | Promise
Choices = tuple[tuple[str, Title], ...]
MEASURE, OFFER = "measure", "o"  # the fields of the ledger of rivals: a measure, and ``o7`` for operator 7


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """One column of a ledger. ``reader`` cleans what is typed; one without is never typed into."""

    field: str
    title: Title
    kind: str = "text"
    group: Title | None = None
    reader: Column | None = None
    frozen: bool = False
    width: int = 110
    choices: Choices = ()
    computed: bool = False
    formula: Title = ""
    total: str | None = None
    of: tuple[str, ...] = ()
    masked: bool = False

    def as_setup(self, editable: bool) -> dict[str, Any]:
        """As the grid's script wants it."""
        return {
            "field": self.field,
            "title": str(self.title),
            "group": None if self.group is None else str(self.group),
            "kind": self.kind,
            "editable": editable,
            "frozen": self.frozen,
            "width": self.width,
            "choices": [[value, str(label)] for value, label in self.choices],
            "computed": self.computed,
            "formula": str(self.formula),
            "total": self.total,
            "of": list(self.of),
            "masked": self.masked,
        }


def wired(value: Any) -> Any:
    """A stored value as it travels: numbers as numbers, days as text, nothing as null."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def plain(value: Any) -> Any:
    """A stored value in the shape that readers clean to (and a history keeps): decimals and days as text."""
    return str(value) if isinstance(value, Decimal | date) else value


# --- Columns ---


def _reader(sheet: type[Any], field: str) -> Column:
    found: Column = next(column for column in SHEETS[sheet.kind].columns if column.field == field)
    return found


def _basic(field: str, kind: str = "text", width: int = 110, **more: Any) -> GridColumn:
    described: Any = Project._meta.get_field(field)
    choices = tuple(described.choices or ())
    reader = _reader(ProjectSheet, field)
    return GridColumn(
        field=field, title=described.verbose_name, kind=kind, width=width, reader=reader, choices=choices, **more
    )


CODE = GridColumn(field="code", title=_("project code"), frozen=True, width=110)
NAME = GridColumn(field="name", title=_("project name"), frozen=True, width=170)
GRID = GridColumn(field="grid", title=_("grid"), width=120)

BASICS = (
    _basic("address", width=220),
    _basic("built_on", "date", 115),
    _basic("nature", "choice", 120),
    _basic("households", "integer", 105, total="sum"),
    _basic("access", "choice", 100),
    _basic("ports", "integer", 95, total="sum"),
    _basic("property_company", width=150),
    _basic("property_contact", width=110, masked=True),
    _basic("property_phone", width=130, masked=True),
    _basic("property_rebate", width=150),
    _basic("occupancy", "percent", 115),
    _basic("rivals", width=180),
    _basic("market_share", "percent", 130),
    GridColumn(
        field="port_utilisation",
        title=_("port utilisation (%)"),
        kind="percent",
        width=185,
        computed=True,
        formula=_("ports in use ÷ ports, of the newest month reported"),
        total="ratio",
        of=("_used", "_ports"),
    ),
    GridColumn(
        field="penetration",
        title=_("penetration (%)"),
        kind="percent",
        width=135,
        computed=True,
        formula=_("billing users of the newest month ÷ (households covered × occupancy)"),
        total="ratio",
        of=("_users", "_homes"),
    ),
    GridColumn(
        field="free_ports",
        title=_("free ports"),
        kind="integer",
        computed=True,
        formula=_("ports − ports in use, of the newest month reported"),
        total="sum",
    ),
)

# The groups and their columns are called as the handbook calls them (P2).
LAST, THIS, TARGET = _("last month"), _("this month"), _("this month's target")
USERS, REVENUE, NET_ADDS = _("billing users"), _("billing revenue (yuan)"), _("net adds of users")
RENEWALS, PORTS, COMMISSION = _("renewal figures"), _("port utilisation"), _("commission paid (yuan)")


def _shown(field: str, title: Title, group: Title, kind: str = "integer", **more: Any) -> GridColumn:
    return GridColumn(field=field, title=title, group=group, kind=kind, width=more.pop("width", 95), **more)


def _typed(field: str, title: Title, group: Title, kind: str = "integer", **more: Any) -> GridColumn:
    return _shown(field, title, group, kind, reader=_reader(IndicatorSheet, field), total="sum", **more)


INDICATORS = (
    _shown("last_billing_users", LAST, USERS, total="sum"),
    _typed("billing_users", THIS, USERS),
    _shown("last_billing_revenue", LAST, REVENUE, "decimal", total="sum", width=110),
    _typed("billing_revenue", THIS, REVENUE, "decimal", width=110),
    _shown("last_net_adds", LAST, NET_ADDS, total="sum"),
    _shown("target_net_adds", TARGET, NET_ADDS, total="sum"),
    _typed("net_adds", THIS, NET_ADDS),
    _shown(
        "net_adds_computed",
        _("from users"),
        NET_ADDS,
        computed=True,
        formula=_("billing users of this month − billing users of last month; counts where nothing is typed"),
        total="sum",
        width=140,
    ),
    _shown("last_renewal_rate", LAST, RENEWALS, "percent", total="ratio", of=("_last_done", "_last_due")),
    _shown("target_renewals", TARGET, RENEWALS, total="sum"),
    _typed("renewals_due", _("expiring"), RENEWALS),
    _typed("renewals_done", _("renewed"), RENEWALS),
    _shown(
        "renewal_rate",
        _("renewal rate"),
        RENEWALS,
        "percent",
        computed=True,
        formula=_("renewed ÷ expiring"),
        total="ratio",
        of=("renewals_done", "renewals_due"),
    ),
    _shown("last_port_utilisation", LAST, PORTS, "percent", total="ratio", of=("_last_used", "_last_ports")),
    _shown("target_port_utilisation", TARGET, PORTS, "percent"),
    _typed("ports", _("ports"), PORTS),
    _typed("ports_used", _("ports in use"), PORTS, width=110),
    _shown(
        "port_utilisation",
        THIS,
        PORTS,
        "percent",
        computed=True,
        formula=_("ports in use ÷ ports"),
        total="ratio",
        of=("ports_used", "ports"),
    ),
    _shown("last_commission", LAST, COMMISSION, "decimal", total="sum", width=110),
    _typed("commission", THIS, COMMISSION, "decimal", width=110),
    GridColumn(
        field="penetration",
        title=_("penetration (%)"),
        kind="percent",
        width=135,
        computed=True,
        formula=_("billing users ÷ (households covered × occupancy)"),
        total="ratio",
        of=("billing_users", "_homes"),
    ),
    GridColumn(
        field="average_revenue",
        title=_("revenue per user (yuan)"),
        kind="decimal",
        width=150,
        computed=True,
        formula=_("billing revenue ÷ billing users"),
        total="ratio",
        of=("billing_revenue", "billing_users"),
    ),
)


def _rival_columns() -> tuple[GridColumn, ...]:
    offers = tuple(
        GridColumn(field=f"{OFFER}{pk}", title=name, width=190, reader=Text(field="text", header=name, limit=500))
        for pk, name in Operator.objects.filter(is_active=True).values_list("pk", "name")
    )
    measure = Text(field="text", header=MEASURE, limit=500)
    return (*offers, GridColumn(field=MEASURE, title=_("suggested measure"), width=240, reader=measure))


def columns_of(ledger: str, several_grids: bool) -> tuple[GridColumn, ...]:
    """The columns of a ledger in order; whose grid a row is in is said to those who have several."""
    own = BASICS if ledger == Ledger.BASICS else INDICATORS if ledger == Ledger.INDICATORS else _rival_columns()
    return (CODE, NAME, *((GRID,) if several_grids else ()), *own)


def typed_fields(columns: Iterable[GridColumn]) -> dict[str, GridColumn]:
    """Those that are typed into, by field."""
    return {column.field: column for column in columns if column.reader is not None}


# --- Figures that a roster writes ---

#: field -> what says of a row that the figure is the sum of a roster
FED_MARKS = {"commission": "commission_from_roster"}


def fed_words(field: str) -> str:
    """Why a cell that a roster writes is not typed into."""
    return _text("This is the sum of the roster %(roster)s; to change it, import that roster.") % {
        "roster": FED_BY[field]
    }


# --- Questions ---

QUESTIONS: dict[str, Promise] = {
    "users_over_ports": _("Billing users (%(one)s) are more than the ports (%(other)s)."),
    "users_over_homes": _("Billing users (%(one)s) are more than the occupied households (%(other)s)."),
    "net_adds_differ": _("Net adds (%(one)s) are not what billing users grew by (%(other)s)."),
    "renewed_over_due": _("More contracts were renewed (%(one)s) than expire (%(other)s)."),
    "used_over_ports": _("Ports in use (%(one)s) are more than the ports (%(other)s)."),
}


def question(found: Contradiction) -> dict[str, str]:
    """A contradiction as a cell asks it."""
    figures = {"one": _figure(found.one), "other": _figure(found.other)}
    return {"code": found.code, "numbers": found.numbers, "text": str(QUESTIONS[found.code]) % figures}


def _figure(value: Amount) -> str:
    return number(int(value) if value == int(value) else value)


def full_title(column: GridColumn) -> Title:
    """A column's title with its group's."""
    return format_lazy("{} · {}", column.group, column.title) if column.group else column.title
