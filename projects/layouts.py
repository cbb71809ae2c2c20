"""The ledgers as the handbook lays them out (P1, P2, P3): their columns in its order and words, for files and print.

Every header is that of the roster's column (``sheets.py``), so what is exported is recognised again. What the ledger
holds besides stands behind the handbook's columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gridops.workbooks.columns import Choice
from gridops.workbooks.printed import FormColumn
from gridops.workbooks.sheet import Sheet, sheet_of
from projects.models import Ledger
from projects.sheets_rivals import MEASURE, OFFER

EYE = "grid"


@dataclass(frozen=True, slots=True)
class Shown:
    """A roster's column in the file: what it holds, its width, whether it is added up and printed."""

    field: str
    kind: str = "text"
    width: float = 10
    total: bool = False
    printed: bool = True
    centred: bool = False


BASICS = (
    Shown("code", width=11, centred=True),
    Shown("name", width=18),
    Shown("address", width=28),
    Shown("built_on", "date", 11, centred=True),
    Shown("nature", width=8, centred=True),
    Shown("households", "integer", 9, total=True),
    Shown("access", width=8, centred=True),
    Shown("ports", "integer", 9, total=True),
    Shown("property_company", width=14),
    Shown("property_contact", width=9, centred=True),
    Shown("property_phone", width=13, centred=True),
    Shown("property_rebate", width=18),
    Shown("occupancy", "percent", 9),
    Shown("rivals", width=26),
    Shown("market_share", "percent", 9),
    Shown("grid_id", width=14, printed=False),
    Shown("agent_name", width=18, printed=False),
    Shown("longitude", "place", 12, printed=False),
    Shown("latitude", "place", 12, printed=False),
)
INDICATORS = (
    Shown("project_id", width=11, centred=True),
    Shown("project_name", width=20),
    Shown("billing_users", "integer", 9, total=True),
    Shown("billing_revenue", "money", 13, total=True),
    Shown("last_net_adds", "integer", 7, total=True),
    Shown("target_net_adds", "integer", 9, total=True),
    Shown("net_adds", "integer", 7, total=True),
    Shown("last_renewals", "integer", 7, total=True),
    Shown("target_renewals", "integer", 9, total=True),
    Shown("renewals_due", "integer", 8, total=True),
    Shown("renewals_done", "integer", 8, total=True),
    Shown("renewal_rate", "percent", 9),
    Shown("last_port_utilisation", "percent", 9),
    Shown("target_port_utilisation", "percent", 9),
    Shown("ports", "integer", 8, total=True),
    Shown("ports_used", "integer", 11, total=True),
    Shown("port_utilisation", "percent", 9),
    Shown("last_commission", "money", 12, total=True),
    Shown("commission", "money", 12, total=True),
)
SIDE = Shown(EYE, width=14, printed=False)
KINDS = {Ledger.BASICS: "projects", Ledger.INDICATORS: "indicators", Ledger.RIVALS: "rivals"}
# The roster of indicators has a shorter name than the handbook's ledger.
TITLES = {Ledger.INDICATORS: "项目经营指标台账"}


@dataclass(frozen=True, slots=True)
class Layout:
    """A ledger's columns, and the roster that they come from."""

    title: str
    sheet: Sheet
    shown: Sequence[Shown]

    @property
    def fields(self) -> list[str]:
        """What each column holds."""
        return [one.field for one in self.shown]

    @property
    def columns(self) -> list[FormColumn]:
        """As the form is written."""
        return [self._form_column(one) for one in self.shown]

    def _form_column(self, one: Shown) -> FormColumn:
        column = self.sheet.column(one.field)
        group, _, title = column.grouped.rpartition("/")
        return FormColumn(title or column.header, group, one.kind, one.width, printed=one.printed, centred=one.centred)

    def words(self, field: str) -> dict[str, str]:
        """What is stored -> the roster's word for it."""
        column = self.sheet.column(field)
        return {kept: word for word, kept in column.choices.items()} if isinstance(column, Choice) else {}


def layout_of(ledger: str, *, several_grids: bool = False) -> Layout:
    """The layout of a ledger; of several grids each row names its own."""
    sheet = sheet_of(KINDS[Ledger(ledger)])
    shown = {Ledger.BASICS: BASICS, Ledger.INDICATORS: INDICATORS}.get(Ledger(ledger)) or _rivals(sheet)
    if several_grids and ledger != Ledger.BASICS:
        shown = (*shown, SIDE)
    return Layout(TITLES.get(Ledger(ledger), sheet.title), sheet, shown)


def _rivals(sheet: Sheet) -> tuple[Shown, ...]:
    """One column an operator in use."""
    texts = [column.field for column in sheet.columns if column.keeps and column.field.startswith(OFFER)]
    width = max(14.0, 100 / max(1, len(texts)))
    operators = [Shown(name, width=width) for name in texts]
    project = Shown("project_id", width=11, centred=True), Shown("project_name", width=18)
    return *project, *operators, Shown(MEASURE, width=32)
