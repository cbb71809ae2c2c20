"""What outlets and agents must know of a project or campaign, how changes add up, and how they are said (C6, C7).

Changes map a field to what it was and what it is, both as text; "" is nothing. ``MADE``, ``PUBLISHED`` and ``ENDED``
are not fields: they say that the project is new, the campaign came out, or was ended at once or taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.common.templatetags.gridops import day

MADE, PUBLISHED, ENDED = "made", "published", "ended"
YES, NO = "True", "False"

Change = tuple[str, str]
Changes = dict[str, Change]


@dataclass(frozen=True, slots=True)
class Known:
    """A field that has to be known: what it is called, whether its values are said, and are days."""

    label: Promise
    values: bool = True
    days: bool = False


# Of a project: what somebody at a counter needs to sell there. Who manages the property, or its rivals, is not theirs.
PROJECT_FIELDS: Mapping[str, Known] = {
    "name": Known(gettext_lazy("project name")),
    "address": Known(gettext_lazy("project address")),
    "access": Known(gettext_lazy("access type")),
    "ports": Known(gettext_lazy("ports")),
    "households": Known(gettext_lazy("households covered")),
}
IN_SERVICE = "is_active"
# Of a campaign: all that is said to customers and sellers; long texts are shown as they are now, not compared.
CAMPAIGN_FIELDS: Mapping[str, Known] = {
    "name": Known(gettext_lazy("campaign")),
    "starts_on": Known(gettext_lazy("first day"), days=True),
    "ends_on": Known(gettext_lazy("last day"), days=True),
    "products": Known(gettext_lazy("products")),
    "offer": Known(gettext_lazy("offer"), values=False),
    "commission": Known(gettext_lazy("its commission"), values=False),
    "selling_points": Known(gettext_lazy("selling points"), values=False),
}
PROJECT_KEYS = frozenset(PROJECT_FIELDS) | {IN_SERVICE}


def plain(value: object) -> str:
    """A value of the history, of an import or of a row as text that is equal when the values are."""
    if value is None or value == "None":
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def told_of(changes: Mapping[str, object]) -> Changes:
    """Of a step of a project's history (field -> [old, new]) what has to be told."""
    found: Changes = {}
    for name, pair in changes.items():
        if name in PROJECT_KEYS and isinstance(pair, list | tuple) and len(pair) == 2:
            old, new = plain(pair[0]), plain(pair[1])
            if old != new:
                found[name] = (old, new)
    return found


def add_up(steps: Iterable[Mapping[str, Iterable[str]]]) -> Changes:
    """Steps, the oldest first, as one: from what was first to what is now; what was changed back is gone.

    Of a campaign that was ended before anybody heard of it nothing is left, nor of a project that was made and is not
    in service.
    """
    found: Changes = {}
    for step in steps:
        if PUBLISHED in found and tuple(step.get(ENDED, ("", "")))[1] == YES:
            found.clear()
            continue
        if PUBLISHED in step:
            found.pop(ENDED, None)
        for name, pair in step.items():
            old, new = pair
            found[name] = (found[name][0] if name in found else old, new)
    if MADE in found and found.get(IN_SERVICE, ("", YES))[1] == NO:
        return {}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def title_of(changes: Mapping[str, Iterable[str]], name: str, *, campaign: bool) -> str:
    """In a few words what happened to the project or campaign called ``name``."""
    values = {"name": name}
    if PUBLISHED in changes:
        return _("New campaign: %(name)s") % values
    if ENDED in changes:
        over = tuple(changes[ENDED])[1] == YES
        return (_("Campaign ended: %(name)s") if over else _("Campaign goes on: %(name)s")) % values
    if campaign:
        return _("Campaign changed: %(name)s") % values
    if MADE in changes:
        return _("New project: %(name)s") % values
    old_new = tuple(changes.get(IN_SERVICE, ()))
    if old_new[1:] == (NO,):
        return _("No longer in service: %(name)s") % values
    if old_new[1:] == (YES,):
        return _("Now in service: %(name)s") % values
    return _("Project changed: %(name)s") % values


def lines_of(changes: Mapping[str, Iterable[str]], *, campaign: bool) -> list[str]:
    """What changed, field by field, in words; not for what is new or over, of which all is said."""
    fields = CAMPAIGN_FIELDS if campaign else PROJECT_FIELDS
    found = []
    for name, known in fields.items():
        if name not in changes:
            continue
        old, new = changes[name]
        label = str(known.label)
        if not known.values:
            found.append(_("%(field)s: changed") % {"field": label})
            continue
        shown = (_said(old, known), _said(new, known))
        found.append(_("%(field)s: %(new)s (was %(old)s)") % {"field": label, "old": shown[0], "new": shown[1]})
    return found


def _said(value: str, known: Known) -> str:
    if not value:
        return _("nothing")
    return day(date.fromisoformat(value)) if known.days else value
