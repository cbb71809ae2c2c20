"""The page of a split as a form that is sent whole: what changed in it since it was shown."""

from __future__ import annotations

from collections.abc import Mapping

from django.core import signing
from django.http import Http404, QueryDict

from gridops.common.ids import read_id
from plans.cells import Cell, Place, clean
from plans.editing import BREAK
from plans.forms_split import KINDS
from plans.models import Plan

SALT = "plans.editing_split"


def signed_base(plan: Plan, stored: Mapping[Place, str]) -> str:
    """What the page begins with, signed: what comes back is compared with it."""
    values = {f"{line}{BREAK}{name}": value for (line, name), value in stored.items()}
    return signing.dumps(values, salt=f"{SALT}.{plan.pk}", compress=True)


def posted_shares(plan: Plan, data: QueryDict) -> list[Cell]:
    """The cells that differ from what the page began with; 404 for a line that names no row.

    Inputs that are none of the page's are ignored. Without the page's own beginnings every value counts as typed.
    """
    try:
        base: dict[str, str] = signing.loads(data.get("base", ""), salt=f"{SALT}.{plan.pk}")
    except signing.BadSignature:
        base = {}
    cells = []
    for name in data:
        line, found, field = name.partition(BREAK)
        kind, _, pk = line.partition(":")
        if not found or field not in KINDS.get(kind, ()):
            continue
        if not read_id(pk):
            raise Http404
        value, was = clean(str(data[name])), base.get(name)
        if was is None or value != clean(was):
            cells.append(Cell(line, field, value, was if was is None else clean(was)))
    return cells
