"""One project's row of a ledger as a form: what is typed goes the same way as the cells of the grid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Fieldset, Layout, Row, Submit
from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.common.templatetags.gridops import NOTHING, money, number, percent
from projects.grids import GridColumn
from projects.grids_rows import Book
from projects.services_cells import Cell, Outcome

SALT = "projects.ledger.card"
LONG = 120  # characters above which a text gets several lines
LONGEST, BASE_LIMIT = 4_000, 200_000  # characters of a cell, and of all that a row of long texts began with


def written(column: GridColumn, value: Any) -> str:
    """A value as one would type it; a percent keeps its sign, so that 0.5% stays half a percent."""
    if value is None:
        return ""
    text = f"{Decimal(str(value)).normalize():f}" if isinstance(value, float) else str(value)
    return f"{text}%" if column.kind == "percent" else text


def shown(column: GridColumn, value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return NOTHING
    if column.kind == "percent":
        return percent(value)
    if column.kind in ("integer", "decimal"):
        return money(value) if isinstance(value, float) and column.kind == "decimal" else number(value)
    return str(dict(column.choices).get(value, value))


class CardForm(forms.Form):
    """The cells of one row that the person may type into; ``base`` is what stood in them when it was shown."""

    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=BASE_LIMIT)

    def __init__(self, book: Book, row: dict[str, Any], data: QueryDict | None = None) -> None:
        super().__init__(data)
        fed = row.get("_fed", ())
        self.columns = [column for column in book.columns if book.takes(column) and column.field not in fed]
        self.book, self.row, self.salt = book, row, f"{SALT}:{book.ledger}:{book.month}:{row['id']}"
        for column in self.columns:
            self.fields[column.field] = _field(column, row, _hints(book, column, row))
        self.initial["base"] = self._signed({column.field: row[column.field] for column in self.columns})
        self.helper = FormHelper()
        self.helper.layout = Layout(*self._groups(), "base", *_buttons())

    @property
    def told(self) -> set[str]:
        """The columns that the form shows, as fields or beside them."""
        groups = {column.group for column in self.columns if column.group}
        beside = {one.field for one in self.book.columns if one.group in groups and not one.computed}
        return (set(self.fields) | beside) - set(self.row.get("_fed", ()))

    def _groups(self) -> Iterable[Any]:
        for group, columns in groupby(self.columns, key=lambda column: column.group):
            cells = [Column(column.field, css_class="col-sm-6 col-lg-4") for column in columns]
            yield Fieldset(group or "", Row(*cells))

    def _signed(self, values: dict[str, Any]) -> str:
        return signing.dumps(values, salt=self.salt, compress=True)

    def cells(self) -> list[Cell] | None:
        """What was typed over what the form began with; None when that is not ours."""
        try:
            began: dict[str, Any] = signing.loads(self.cleaned_data.get("base", ""), salt=self.salt)
        except signing.BadSignature:
            return None
        found = []
        for column in self.book.typed.values():
            if column.field in began:
                typed = self._typed(column)
                if typed != written(column, began.get(column.field)):
                    found.append(Cell(self.row["id"], column.field, typed or None, began.get(column.field)))
        return found

    def _typed(self, column: GridColumn) -> str:
        """What was sent for a column, also for one that may not be typed into any more: contacts are hidden again."""
        if column.field in self.fields:
            return str(self.cleaned_data[column.field])
        return str(self.data.get(column.field, "")).strip()[:LONGEST]

    def after(self, outcomes: list[Outcome], row: dict[str, Any], data: QueryDict) -> CardForm:
        """The form again: what was not taken stays typed, with the reason, and may be sent over what stands there."""
        again = data.copy()
        told = {column.field: row[column.field] for column in self.columns}
        again["base"] = self._signed(told)
        failed = {outcome.cell.field: outcome for outcome in outcomes if outcome.state in ("fault", "conflict")}
        for column in self.columns:
            if column.field not in failed:
                again[column.field] = written(column, told[column.field])
        form = CardForm(self.book, row, again)
        form.is_valid()
        for column in self.columns:
            if outcome := failed.pop(column.field, None):
                if not form.errors:
                    form.fields[column.field].widget.attrs["autofocus"] = True  # in sight, on a phone too
                form.add_error(column.field, _reason(column, outcome))
        for field, outcome in failed.items():
            form.add_error(None, f"{self.book.typed[field].title}: {outcome.text} “{outcome.cell.value or NOTHING}”")
        return form


def _field(column: GridColumn, row: dict[str, Any], hint: str) -> forms.Field:
    initial = written(column, row[column.field])
    more: dict[str, Any] = {"required": False, "label": column.title, "initial": initial, "help_text": hint}
    return forms.CharField(widget=_widget(column), max_length=LONGEST, **more)


def _widget(column: GridColumn) -> forms.Widget:
    if column.kind == "choice":
        return forms.Select(choices=[("", NOTHING), *column.choices])
    if column.kind == "date":
        return forms.DateInput(attrs={"type": "date"})
    if column.kind in ("integer", "decimal", "percent"):
        pad = "numeric" if column.kind == "integer" else "decimal"
        # The keypads of some phones have no minus.
        return forms.TextInput(attrs={"inputmode": "text" if getattr(column.reader, "low", 0) < 0 else pad})
    limit = getattr(column.reader, "limit", LONG)
    return forms.Textarea(attrs={"rows": 2}) if limit > LONG else forms.TextInput()


def _hints(book: Book, column: GridColumn, row: dict[str, Any]) -> str:
    """What stands beside the field in the grid: last month's figure and the target."""
    beside = [
        one
        for one in book.columns
        if column.group and one.group == column.group and not one.reader and not one.computed
    ]
    first = next(one for one in book.columns if one.group == column.group and one.reader)
    if first is not column:
        return ""
    return " · ".join(f"{one.title} {shown(one, row.get(one.field))}" for one in beside)


def _reason(column: GridColumn, outcome: Outcome) -> str:
    if outcome.state == "fault":
        return outcome.text
    names = {"theirs": shown(column, outcome.value), "yours": outcome.cell.value or NOTHING, "by": outcome.by}
    if outcome.by and outcome.at:
        names["at"] = timezone.localtime(datetime.fromisoformat(outcome.at)).strftime("%Y-%m-%d %H:%M")
        text = _("%(by)s put “%(theirs)s” here at %(at)s. You typed “%(yours)s”: save again to put yours.")
    else:
        text = _("Meanwhile someone put “%(theirs)s” here. You typed “%(yours)s”: save again to put yours.")
    return text % names


def _buttons() -> list[Any]:
    save = Submit("save", gettext_lazy("Save"))
    following = Submit("next", gettext_lazy("Save, next project"), css_class="btn-outline-primary")
    return [Div(save, following, css_class="ledger-save")]
