"""What happened to a row, as people read it: who changed which field from what to what, when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridops.common.templatetags.gridops import mask_name, mask_phone

MASKS = {"phone": mask_phone, "property_phone": mask_phone, "contact_phone": mask_phone}
# Whose name is a customer's: elsewhere "name" is a place's, a company's or a business contact's.
CUSTOMERS = frozenset({"subscriber"})
NOTHING = frozenset({"None", ""})
ELSEWHERE = "…"  # a row of another grid, or one that is gone: it was here, its name is not for this reader
# who wrote a row and when is said by its first step itself
UNSHOWN = frozenset({"version", "created_batch", "updated_at", "made_by", "made_at", "held_at"})
# fields that have no name of their own
LABELS = {"state": _("state"), "published_at": pgettext_lazy("campaign", "published")}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of a row's history. ``batch`` is the import that made it, if one did."""

    at: datetime
    who: str
    what: str | Promise
    changes: list[Change] = field(default_factory=list)
    batch: int | None = None

    def touched(self, name: str) -> bool:
        """Whether it changed field ``name``."""
        return any(change.field == name for change in self.changes)


ACTIONS = {
    LogEntry.Action.CREATE: _("made"),
    LogEntry.Action.UPDATE: _("changed"),
    LogEntry.Action.DELETE: _("deleted"),
}


def entries_of(instance: models.Model, limit: int, before: datetime | None = None) -> list[Entry]:
    """The newest ``limit`` hand-made steps of ``instance``, older than ``before`` if given."""
    kind = ContentType.objects.get_for_model(type(instance))
    rows = LogEntry.objects.filter(content_type=kind, object_id=instance.pk).exclude(action=LogEntry.Action.ACCESS)
    if before is not None:
        rows = rows.filter(timestamp__lt=before)
    rows = rows.select_related("actor").order_by("-timestamp", "-pk")[:limit]
    return [_entry(instance, row) for row in rows]


def _entry(instance: models.Model, row: Any) -> Entry:
    who = getattr(row.actor, "name", "") if row.actor_id else ""
    return Entry(row.timestamp, who, ACTIONS.get(row.action, ""), changes_of(instance, row.changes or {}))


def changes_of(instance: models.Model, changes: dict[str, Any]) -> list[Change]:
    """Stored changes (field -> [old, new]) with labels, choices by their names, personal fields masked."""
    made = []
    hidden = UNSHOWN | {field.name for field in instance._meta.concrete_fields if field.auto_created}
    for name, pair in changes.items():
        if isinstance(pair, dict):
            made.append(_added_or_removed(instance, name, pair))
        elif name not in hidden:
            old, new = (shown(instance, name, value) for value in pair)
            if old or new:
                made.append(Change(name, label_of(instance, name), old, new))
    return made


def _added_or_removed(instance: models.Model, name: str, stored: dict[str, Any]) -> Change:
    related: Any = instance._meta.get_field(name).related_model
    here = {str(row) for row in _of_same_grid(instance, related)}
    objects = "、".join(text if text in here else ELSEWHERE for text in stored.get("objects", []))
    removed = stored.get("operation") == "delete"
    return Change(name, label_of(instance, name), objects if removed else "", "" if removed else objects)


def _of_same_grid(instance: models.Model, related: Any) -> models.QuerySet[models.Model]:
    """Rows of ``related`` that whoever sees ``instance`` may see too: those of its grid, or all that have none."""
    rows: models.QuerySet[models.Model] = related._default_manager.all()
    if any(field.name == "grid" for field in related._meta.concrete_fields):
        return rows.filter(grid=getattr(instance, "grid_id", None))
    return rows


def label_of(instance: models.Model, name: str) -> str:
    """What people call a field."""
    try:
        field: Any = instance._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    # the rows of another table that belong to this one go by what each of them is
    named = getattr(field, "verbose_name", "") or field.related_model._meta.verbose_name
    return str(named if isinstance(named, Promise) else LABELS.get(name, named))


def shown(instance: models.Model, name: str, value: Any) -> str:
    """A stored value as people read it; empty for none."""
    text = "" if value is None else str(value)
    if text in NOTHING:
        return ""
    if mask := MASKS.get(name):
        return str(mask(text))
    model = instance._meta
    if name == "name" and model.model_name in CUSTOMERS:
        return mask_name(text)
    try:
        described: Any = model.get_field(name)
    except FieldDoesNotExist:
        return text
    if described.one_to_many and text.endswith(".None"):  # what other tables hold of a row that is made
        return ""
    if described.is_relation and text.replace("、", "").isdecimal():
        rows = described.related_model._default_manager.all()
        if described.many_to_many:
            rows = _of_same_grid(instance, described.related_model)
        names = rows.in_bulk([int(key) for key in text.split("、")])
        return "、".join(str(names.get(int(key), ELSEWHERE)) for key in text.split("、"))
    if described.is_relation:
        return text
    if described.get_internal_type() == "BooleanField":
        return str(_("yes") if text == "True" else _("no"))
    if described.get_internal_type() == "DateTimeField":
        return _moment(text)
    if described.get_internal_type() == "TimeField":
        return text[:5]
    return str(dict(described.flatchoices).get(text, text)) if described.flatchoices else text


def _moment(text: str) -> str:
    """A stored moment by the clock on the wall: it is kept in UTC, without saying so."""
    moment = parse_datetime(text)
    if moment is None:
        return text
    known = moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
    return timezone.localtime(known).strftime("%Y-%m-%d %H:%M")


def who_changed(entries: Iterable[Entry], name: str) -> Entry | None:
    """The newest step that changed field ``name``; the newest of all when none says so."""
    kept = list(entries)
    return next((entry for entry in kept if entry.touched(name)), kept[0] if kept else None)
