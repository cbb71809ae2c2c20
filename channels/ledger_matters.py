"""The columns of the list of matters, and of its export."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from channels.notices import about
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order


def _subject(row: Any) -> object:
    return about(row) if row.outlet_id or row.agent_id or row.project_id else ""


MATTERS = ListSpec(
    name="matters",
    title=_("Matters"),
    columns=[
        Column(_("what it is about"), lambda row: row.what),
        Column(_("from whom"), _subject),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("grid"), lambda row: row.grid.name),
        Column(_("raised"), lambda row: row.raised_at, sort="raised_at"),
        Column(_("dealt with by"), lambda row: row.owner.name),
        Column(_("due on"), lambda row: row.due_on, sort="due_on"),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("answer"), lambda row: row.answer, page=False),
    ],
    rows="channels/_matter_rows.html",
    order=Order("due_on"),
    empty=_("Nobody waits for an answer. What agents and outlets bring up is written down here, until it is answered."),
    search=_("Words, agent, outlet or project"),
    export="channels:matters-export",
)
