"""A weighing as a workbook that reckons anew when a figure is changed in it; texts start no formula (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from channels.choices import PaidFor
from channels.models import Weighing
from channels.pages_weighing import TITLES, figure_title, line_title
from channels.rules_weighing import EARNED, INPUTS, Case
from channels.weighing_facts import origin_text
from gridops.common.templatetags.gridops import month as month_name
from gridops.workbooks.export import add_sheet, safe_cell, saved

BOLD, TITLE = Font(bold=True), Font(bold=True, size=14)
TYPED, HEAD = PatternFill("solid", fgColor="FFF9E5"), PatternFill("solid", fgColor="E6EBF2")
THIN = Side(style="thin", color="B8C0CC")
RULED = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
MONEY, NUMBER, SHARE = "#,##0.00", "#,##0.##", "0.0%"
FIRST = 5  # the row of the first figure: title, what it is of, an empty one, the cases' names


def write_weighing(weighing: Weighing, cases: Sequence[Case]) -> IO[bytes]:
    """One sheet: a column a case, what is typed on a yellow ground, the rest formulas."""
    return _Writer(weighing, cases).write()


@dataclass(slots=True)
class _Writer:
    weighing: Weighing
    cases: Sequence[Case]
    book: Workbook = field(default_factory=lambda: Workbook(write_only=True))
    sheet: Any = None
    rows: dict[str, int] = field(default_factory=dict)  # figure -> its row
    count: int = 0

    def write(self) -> IO[bytes]:
        self.sheet = add_sheet(self.book, _("Input against output"), [44, *[18] * len(self.cases), 52])
        self.sheet.freeze_panes = f"B{FIRST}"
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self._head()
        self._input()
        self._output()
        self._result()
        self.book.calculation.fullCalcOnLoad = True
        return saved(self.book)

    # --- Rows ---

    def _head(self) -> None:
        one = self.weighing
        title = safe_cell(self.sheet, one.title)
        title.font = TITLE
        self._add([title])
        made = date_format(timezone.localtime(one.made_at), "Y-m-d")
        whose = f"{one.agent.name} ({one.agent.code}) · {one.unit.name} · {month_name(one.month)}"
        self._add([safe_cell(self.sheet, f"{whose} · {one.made_by.name} {made}")])
        self._add([safe_cell(self.sheet, _("Yuan a month. Change what is on a yellow ground; the rest is reckoned."))])
        names = ["", *(case.name for case in self.cases), _("where the first case's figure is from")]
        self._add([self._text(name, head=True) for name in names])

    def _input(self) -> None:
        self._section(_("Input"))
        self._typed("people")
        self._typed("wage")
        self._formula("wages", TITLES["wages"], lambda c: f"=ROUND({c('people')}*{c('wage')},2)")
        for name in INPUTS[1:]:
            self._typed(name)
        first, last = INPUTS[0], INPUTS[-1]
        self._formula("cost", TITLES["cost"], lambda c: f"=SUM({c(first)}:{c(last)})", strong=True)

    def _output(self) -> None:
        self._section(_("Output"))
        lines = range(len(self.cases[0].lines))
        for at in lines:
            self._typed(f"count:{at}")
            self._typed(f"rate:{at}")
            title = f"{line_title(self.cases[0].lines[at])} · {_('amount (yuan)')}"
            self._formula(f"amount:{at}", title, lambda c, at=at: f"=ROUND({c(f'count:{at}')}*{c(f'rate:{at}')},2)")
        for name in EARNED:
            self._typed(name)

        def output(c: Any) -> str:
            amounts = "+".join(c(f"amount:{at}") for at in lines) or "0"
            return f"={amounts}-{c('taken_back')}+{c('income')}"

        self._formula("output", TITLES["output"], output, strong=True)

    def _result(self) -> None:
        self._section(_("Result"))
        self._formula("margin", TITLES["margin"], lambda c: f"={c('output')}-{c('cost')}", strong=True)
        self._formula(
            "per_yuan", TITLES["per_yuan"], lambda c: f'=IF({c("cost")}>0,ROUND({c("output")}/{c("cost")},2),"")'
        )
        self._formula("break_even", TITLES["break_even"], self._break_even, form=NUMBER)
        first, last = self.rows[INPUTS[0]], self.rows[INPUTS[-1]]
        labels = f"$A${first}:$A${last}"

        def heaviest(c: Any) -> str:
            own = f"{c(INPUTS[0])}:{c(INPUTS[-1])}"
            return f'=IF({c("cost")}>0,INDEX({labels},MATCH(MAX({own}),{own},0)),"")'

        def share(c: Any) -> str:
            return f'=IF({c("cost")}>0,MAX({c(INPUTS[0])}:{c(INPUTS[-1])})/{c("cost")},"")'

        self._formula("heaviest", TITLES["heaviest"], heaviest, form="General")
        self._formula("share", _("its share of all input"), share, form=SHARE)

    def _break_even(self, c: Any) -> str:
        own = [at for at, line in enumerate(self.cases[0].lines) if line.paid_for == PaidFor.NEW_INSTALL]
        if not own:
            return f'=IF({c("cost")}-{c("output")}<=0,0,"")'
        brought, number, rates, paying = (
            "+".join(pattern.format(c(f"{name}:{at}")) for at in own)
            for name, pattern in (("amount", "{}"), ("count", "{}"), ("rate", "{}"), ("rate", "({}>0)"))
        )
        missing = f"({c('cost')}-{c('output')}+{brought})"

        def needed(pieces: str, yuan: str) -> str:  # whole cents: what a binary fraction adds is no new install
            return f"ROUNDUP(ROUND({missing}*({pieces})/({yuan}),8),0)"

        mean = f'IF(({rates})>0,{needed(paying, rates)},"")'
        return f"=IF({missing}<=0,0,IF(({brought})>0,{needed(number, brought)},{mean}))"

    # --- Cells ---

    def _section(self, title: str) -> None:
        self._add([self._text(title, head=True) for title in (title, *[""] * (len(self.cases) + 1))])

    def _typed(self, figure: str) -> None:
        title = figure_title(self.cases[0], figure) if ":" in figure else str(TITLES[figure])
        kind = figure.partition(":")[0]
        cells = []
        for case in self.cases:
            cell = self._cell(case.figure(figure), NUMBER if kind in ("people", "count") else MONEY)
            cell.fill = TYPED
            cells.append(cell)
        told = self.cases[0].origin.get(figure)
        self.rows[figure] = self.count + 1
        self._add([self._text(title), *cells, self._text(origin_text(told) if told else "")])

    def _formula(self, figure: str, title: Any, formula: Any, *, form: str = MONEY, strong: bool = False) -> None:
        self.rows[figure] = self.count + 1
        cells = []
        for at in range(len(self.cases)):
            column = get_column_letter(at + 2)
            cell = self._cell(formula(lambda name, column=column: f"{column}{self.rows[name]}"), form)
            cell.font = BOLD if strong else Font()
            cells.append(cell)
        label = self._text(str(title))
        label.font = BOLD if strong else Font()
        told = self.cases[0].origin.get(figure)
        self._add([label, *cells, self._text(origin_text(told) if told else "")])

    def _cell(self, value: Decimal | str, form: str) -> Any:
        """A number, or a formula of ours: nothing that a person typed comes here as text."""
        cell = WriteOnlyCell(self.sheet, value)  # type: ignore[arg-type]
        cell.number_format, cell.border = form, RULED
        cell.alignment = Alignment(horizontal="right", vertical="center", wrap_text=form == "General")
        return cell

    def _text(self, text: str, *, head: bool = False) -> Any:
        cell = safe_cell(self.sheet, text)
        cell.border, cell.alignment = RULED, Alignment(vertical="center", wrap_text=True)
        if head:
            cell.font, cell.fill = BOLD, HEAD
        return cell

    def _add(self, cells: Sequence[Any]) -> None:
        self.count += 1
        self.sheet.append(cells)
