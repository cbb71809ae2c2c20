"""The columns of the list of rivals' moves and of its export (P3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order

MOVES = ListSpec(
    name="rival-moves",
    title=_("Rivals' moves"),
    columns=[
        Column(_("seen on"), lambda row: row.seen_on, sort="seen_on"),
        Column(_("project"), lambda row: row.project.name),
        Column(_("project code"), lambda row: row.project.code, page=False),
        Column(_("grid"), lambda row: row.project.grid.name),
        Column(_("operator"), lambda row: row.operator.name),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("what they offer"), lambda row: row.text or _("nothing any more")),
        Column(_("monthly fee (yuan)"), lambda row: row.monthly_fee, sort="monthly_fee", number=True),
        Column(_("source"), lambda row: row.get_source_display(), page=False),
        Column(_("seen again on"), lambda row: row.seen_again_on, page=False),
        Column(_("our answer"), lambda row: row.answer),
        Column(_("answered on"), lambda row: row.answered_on, page=False),
        Column(_("by whom"), lambda row: row.by.name if row.by else "", page=False),
    ],
    rows="projects/_rival_moves_rows.html",
    order=Order("seen_on", descending=True),
    empty=_("Nothing has been seen of rivals yet. Open a project and add what you saw."),
    search=_("Project, offer or answer"),
    export="projects:rival-moves-export",
    count_up_to=10_000,
)
