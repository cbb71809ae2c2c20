"""Two people edit one row: the second is shown what changed meanwhile and loses nothing they typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django import forms
from django.core import signing
from django.db import models, transaction
from django.db.models import F

from gridops.common.history import Entry, who_changed
from gridops.common.templatetags.gridops import dash, day

M = TypeVar("M", bound=models.Model)
SALT = "gridops.common.versions"


class VersionedForm(forms.ModelForm[M]):
    """Base of every form that edits a versioned row. It carries the version it began with, and its values then."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=True, min_value=1)
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare()
        self.edited = [name for name in self.fields if name not in ("version", "base")]
        self.fields["version"].initial = self.instance.version  # type: ignore[attr-defined]
        now = values_now(self)
        self.initial["base"] = self.fields["base"].initial = signing.dumps(now, salt=SALT, compress=True)

    def prepare(self) -> None:
        """Take away or narrow fields, before the values are noted that the form begins with."""

    def began_with(self) -> dict[str, str] | None:
        """The values the form began with, or None when what came back is not ours."""
        try:
            kept: dict[str, str] = signing.loads(self.cleaned_data.get("base", ""), salt=SALT)
        except signing.BadSignature:
            return None
        return kept


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that someone changed meanwhile: what it was, theirs now, what you typed, who did it and when."""

    name: str
    label: str
    theirs: str
    typed: str
    by: Entry | None


@dataclass(frozen=True, slots=True)
class Conflict(Generic[M]):
    """Why a row was not saved, and the form with which the person may save on top.

    ``clashing``: changed by both. ``taken``: changed by others only, the form holds their value now.
    """

    form: VersionedForm[M]
    clashing: list[FieldConflict]
    taken: list[FieldConflict]


def save(form: VersionedForm[M]) -> bool:
    """Save a valid form if nobody changed the row since it was shown; the version decides, in the UPDATE itself."""
    instance: Any = form.instance
    expected: int = form.cleaned_data["version"]
    model = type(instance)
    with transaction.atomic():
        moved = model._default_manager.filter(pk=instance.pk, version=expected).update(version=F("version") + 1)
        if moved:
            instance.version = expected + 1
            form.save()
    return bool(moved)


def conflict(form: VersionedForm[M], history: Iterable[Entry]) -> Conflict[M]:
    """What stands against saving ``form``; ``history`` of the row, newest first, tells who did it."""
    model = type(form.instance)
    fresh = model._default_manager.get(pk=form.instance.pk)
    current = type(form)(instance=fresh, **kept_arguments(form))
    now, began, entries = values_now(current), form.began_with(), list(history)
    typed = {name: as_text(form.cleaned_data.get(name)) for name in form.edited}
    data: Any = form.data
    data = data.copy()
    data["version"], data["base"] = str(fresh.version), current.initial["base"]  # type: ignore[attr-defined]
    clashing: list[FieldConflict] = []
    taken: list[FieldConflict] = []
    for name in form.edited:
        mine = began is None or typed[name] != began.get(name)
        theirs = now[name] != typed[name] if began is None else now[name] != began.get(name)
        if not theirs or now[name] == typed[name]:
            continue
        found = FieldConflict(
            name,
            str(form.fields[name].label),
            shown(current, name, now[name]),
            shown(form, name, typed[name]),
            who_changed(entries, name),
        )
        (clashing if mine else taken).append(found)
        if not mine:
            _take(data, current, name)
    again = type(form)(data, instance=fresh, **kept_arguments(form))
    return Conflict(again, clashing, taken)


def kept_arguments(form: Any) -> dict[str, Any]:
    """The arguments beyond data and instance that made ``form``, for making it again."""
    arguments: dict[str, Any] = getattr(form, "arguments", {})
    return arguments


def _take(data: Any, current: Any, name: str) -> None:
    value = current[name].value()
    if isinstance(current.fields[name], forms.ModelMultipleChoiceField):
        offered = current.fields[name].queryset.filter(pk__in=[getattr(item, "pk", item) for item in value or []])
        data.setlist(name, [str(row.pk) for row in offered])
    elif isinstance(value, list):
        data.setlist(name, [str(one) for one in value])
    elif isinstance(value, bool):
        data.pop(name, None)
        if value:
            data[name] = "on"
    else:
        data[name] = "" if value is None else str(value)


def values_now(form: Any) -> dict[str, str]:
    """The row's values as comparable text, field by field."""
    return {name: as_text(form.get_initial_for_field(form.fields[name], name)) for name in form.edited}


def as_text(value: Any) -> str:
    """A value as text that is equal when the values are: 12.5 and 12.50, a row and its id, a set in any order."""
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, list | tuple | set | models.QuerySet):
        return ",".join(sorted(as_text(item) for item in value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(form: Any, name: str, text: str) -> str:
    """Comparable text as people read it: choices by their names."""
    described: Any = form.fields[name]
    if isinstance(described, forms.ModelMultipleChoiceField):
        rows: Any = described.queryset
        keys = [key for key in text.split(",") if key]
        return "、".join(str(row) for row in rows.filter(pk__in=keys)) or str(dash(""))
    if isinstance(described, forms.DateField) and text:
        return day(date.fromisoformat(text))
    for key, label in getattr(described, "choices", ()):
        if text and str(key) == text:
            return str(label)
    return str(dash(text))
