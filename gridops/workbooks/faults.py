"""Every reason to refuse a file or a row, and every note: one table of codes and sentences."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class WorkbookFault(Exception):
    """The whole workbook is refused."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params

    def as_json(self) -> dict[str, Any]:
        """As the batch keeps it."""
        return {"code": self.code, "params": self.params}


MESSAGES: dict[str, Promise] = {
    # the file
    "not_xlsx": _("This is not an Excel workbook (.xlsx). Save it as .xlsx and upload it again."),
    "encrypted": _("The workbook is protected by a password or in the old .xls format. Save it as .xlsx without one."),
    "truncated": _("The workbook is damaged or incomplete. Open it in Excel, save it and upload it again."),
    "bomb": _("The workbook unpacks to far more than its size. It was not read."),
    "too_large": _("The file is larger than %(limit)s MB. Split it and upload the parts."),
    "too_big": _("The sheet reaches too far or is too large to be read. Delete the empty cells around the table."),
    "too_slow": _("Reading took longer than %(seconds)s seconds and was stopped. Split the file."),
    "too_many_rows": _("The sheet has more than %(limit)s rows. Split it and upload the parts."),
    "too_wide": _("The sheet has more than %(limit)s columns. Delete what does not belong to the table."),
    "no_header": _("No header row of a known roster was found in the first 20 rows of any sheet."),
    "wrong_kind": _("The header is that of %(found)s, not of %(wanted)s."),
    "not_your_kind": _("This is a workbook of %(found)s, which you may not import. Yours to import: %(allowed)s."),
    "no_rows": _("There are no rows below the header."),
    "no_key": _("The column %(columns)s must be matched: rows are recognised by it."),
    "stale": _("Rows have changed since the preview. Nothing was written: check again."),
    "file_changed": _("The stored file is not the one that was checked. Nothing was written: upload it again."),
    # a cell
    "required": _("must not be empty"),
    "error_cell": _("holds an error such as #N/A instead of a value"),
    "too_long": _("has %(length)s characters; %(limit)s are allowed"),
    "digits_lost": _("is a number of more than 15 digits: Excel has lost its last digits. Enter it as text."),
    "not_integer": _("“%(value)s” is not a whole number"),
    "not_number": _("“%(value)s” is not a number"),
    "too_small": _("%(value)s is less than %(limit)s"),
    "too_great": _("%(value)s is more than %(limit)s"),
    "too_precise": _("“%(value)s” has more than %(limit)s decimal places"),
    "not_percent": _("“%(value)s” is not a percentage from 0 to 100"),
    "not_date": _("“%(value)s” is not a date"),
    "date_range": _("“%(value)s” is not a date between 1901 and 2199"),
    "not_month": _("“%(value)s” is not a month"),
    "not_clock": _("“%(value)s” is not a time of day like 9:00"),
    "not_weekdays": _("“%(value)s” does not name days of the week like 周六、周日"),
    "not_phone": _("“%(value)s” is not a telephone number"),
    "not_choice": _("“%(value)s” is none of: %(choices)s"),
    "not_speed": _("“%(value)s” is not a speed like 100M"),
    "unknown": _("“%(value)s” is not known"),
    "unknown_to_you": _("“%(value)s” is not known in what is yours"),
    "foreign": _("you have no rights for the grid of “%(value)s”"),  # imports of before
    "ambiguous": _("“%(value)s” stands for more than one"),
    # a row
    "twice": _("stands in the file twice; the first is row %(row)s"),
    "foreign_row": _("you have no rights for the grid of this row"),
    "new_needs": _("this row is new; it needs the columns %(columns)s"),
    "expires_before_start": _("lies before the start"),
    "more_than_whole": _("%(value)s is more than %(whole)s"),
    "role_place": _("does not fit the role"),
    "nothing_said": _("the row holds none of the figures"),
    "not_yet": _("%(value)s has not come yet"),
    "not_on_list": _("“%(value)s” is on no list of %(month)s that you work at"),
    "promise_needs_day": _("must not be empty where somebody promised"),
    "promise_before": _("lies before the day of the contact"),
    "wrong_at_door": _("a wrong number is found out by a call, not by a visit"),
    "loss_needed": _("must not be empty where a visit was refused"),
    "from_roster": _(
        "comes from the roster %(roster)s and is %(value)s; leave the cell empty, or leave this column out"
    ),
    "name_differs": _("the same code stands for “%(value)s” further up"),
    "own_role": _("you can't change your own role by import"),
    # notes: a value that can be read two ways
    "read_percent": _("%(value)s was read as %(read)s %%"),
    "read_serial": _("the number %(value)s was read as the date %(read)s"),
    "rounded": _("%(value)s was rounded to %(read)s"),
    "read_digits": _("%(value)s was read as the date %(read)s"),
    "zeros_restored": _("the number %(value)s was read as %(read)s, like the other ids of the column"),
    "time_dropped": _("the time of day in %(value)s was dropped"),
    "month_of_day": _("%(value)s was read as the month %(read)s"),
    "shared_changes": _("“%(value)s” becomes “%(read)s” in all rows of this code"),
}


def message(code: str, params: dict[str, Any] | None = None) -> str:
    """The sentence for ``code`` in the reader's language."""
    known = MESSAGES.get(code)
    return str(known) % (params or {}) if known is not None else code
