"""What of the history of projects is news that was not told yet: steps by hand, imports and their undoing (C6).

Each step makes news once: its id stands in ``NewsEntry``. Ids commit out of order, so steps of the last hours are asked
for again until they are there. An import is one step, whose id is below zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q

from channels.models import NewsEntry
from channels.rules_news import IN_SERVICE, MADE, NO, PROJECT_KEYS, YES, Changes, told_of
from gridops.workbooks.models import Batch, Row
from projects.models import Project

KIND = "projects"
OVERLAP = timedelta(hours=2)  # longer than any transaction lasts
PACE = timedelta(hours=1)  # so often the place from which is read moves on, though nothing happens
NOTHING_YET = 0  # the entry that says: the first look was taken


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a project: when, by whom, of which entry of the history."""

    at: datetime
    entry: int
    by: int | None
    changes: Changes


@dataclass(slots=True)
class Unread:
    """Entries that are new, and the steps in them by project."""

    entries: list[int] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=lambda: defaultdict(list))

    def add(self, project: int, step: Step) -> None:
        """A step of a project, unless there is nothing to tell in it."""
        if step.changes:
            self.steps[project].append(step)


def applied(batch: int) -> int:
    """The id of an import's step."""
    return -2 * batch


def undone(batch: int) -> int:
    """The id of its undoing."""
    return -2 * batch - 1


def anything_unread() -> bool:
    """Whether there is something new, without reading it."""
    return _new_entries().exists() or bool(_new_batches())


def unread() -> Unread:
    """All that is new."""
    found = Unread()
    for row in _new_entries().values("pk", "object_id", "action", "changes", "actor_id", "timestamp").iterator():
        found.entries.append(row["pk"])
        if row["object_id"]:
            changes = _of_entry(row["action"], row["changes"] or {})
            found.add(row["object_id"], Step(row["timestamp"], row["pk"], row["actor_id"], changes))
    for batch, entry in _new_batches():
        found.entries.append(entry)
        for project, step in _of_batch(batch, entry):
            found.add(project, step)
    return found


def begin() -> None:
    """The very first look: what happened before is not told."""
    entries = [NOTHING_YET, *_new_entries().values_list("pk", flat=True)]
    entries += [entry for _batch, entry in _new_batches()]
    NewsEntry.objects.bulk_create([NewsEntry(entry=entry) for entry in entries], ignore_conflicts=True)


def move_on(now: datetime) -> None:
    """Note the newest entry of another kind when the last one noted is old: from there on is read the next time."""
    others = LogEntry.objects.exclude(content_type=_kind()).order_by("-pk")  # of projects it may just have come
    newest, (_entry, noted) = others.values_list("pk", "timestamp").first(), _last_noted()
    if newest and newest[1] <= now and (noted is None or newest[1] > noted + PACE):
        NewsEntry.objects.bulk_create([NewsEntry(entry=newest[0])], ignore_conflicts=True)


def _kind() -> ContentType:
    return ContentType.objects.get_for_model(Project)


def _last_noted() -> tuple[int, datetime | None]:
    """The newest entry that is noted, and when it was written; None when nothing says so any more."""
    entry = NewsEntry.objects.order_by("-entry").values_list("entry", flat=True).first() or NOTHING_YET
    return entry, LogEntry.objects.filter(pk=entry).values_list("timestamp", flat=True).first()


def _new_entries() -> models.QuerySet[LogEntry, Any]:
    noted = NewsEntry.objects.filter(entry=OuterRef("pk"))
    rows: models.QuerySet[LogEntry, Any] = LogEntry.objects.filter(content_type=_kind()).exclude(Exists(noted))
    entry, at = _last_noted()
    return (rows.filter(pk__gt=entry) if at is None else rows.filter(timestamp__gte=at - OVERLAP)).order_by("pk")


def _new_batches() -> list[tuple[Batch, int]]:
    there = Q(applied_at__isnull=False) | Q(undone_at__isnull=False)
    batches = Batch.objects.filter(there, kind=KIND).only("pk", "fields", "applied_at", "undone_at", "uploaded_by")
    found = [(one, applied(one.pk)) for one in batches if one.applied_at]
    found += [(one, undone(one.pk)) for one in batches if one.undone_at]
    noted = set(NewsEntry.objects.filter(entry__lt=NOTHING_YET).values_list("entry", flat=True))
    return [(one, entry) for one, entry in found if entry not in noted]


def _of_entry(action: int, changes: dict[str, Any]) -> Changes:
    if action == LogEntry.Action.CREATE:
        in_service = told_of({IN_SERVICE: changes.get(IN_SERVICE, ["", YES])})[IN_SERVICE][1]
        return _made(in_service)
    return told_of(changes) if action == LogEntry.Action.UPDATE else {}


def _made(in_service: str = YES) -> Changes:
    return {MADE: ("", YES)} if in_service == YES else {MADE: ("", YES), IN_SERVICE: (YES, NO)}


def _of_batch(batch: Batch, entry: int) -> Iterator[tuple[int, Step]]:
    back = entry == undone(batch.pk)
    at = batch.undone_at if back else batch.applied_at
    if at is None:
        return
    places = [(name, place) for place, name in enumerate(batch.fields) if name in PROJECT_KEYS]
    if places:
        yield from _changed(batch, entry, at, places)
    if not back:
        for pk in _made_by(batch):
            yield pk, Step(at, entry, batch.uploaded_by_id, _made())


def _changed(batch: Batch, entry: int, at: datetime, places: Iterable[tuple[str, int]]) -> Iterator[tuple[int, Step]]:
    back = entry == undone(batch.pk)
    rows = Row.objects.filter(batch=batch, state=Row.State.CHANGED, object_id__isnull=False).order_by("number")
    if back:
        rows = rows.filter(kept=False)
    for pk, values, before in rows.values_list("object_id", "values", "before").iterator():
        old, new = (values, before) if back else (before, values)
        if pk and old and new:
            changes = told_of({name: [old[place], new[place]] for name, place in places})
            yield pk, Step(at, entry, batch.uploaded_by_id, changes)


def _made_by(batch: Batch) -> Iterable[int]:
    """Projects that an import made, in grids that had others: a grid's first roster is no news."""
    others = Project.objects.filter(grid=OuterRef("grid")).exclude(created_batch=batch.pk, created_batch__isnull=False)
    return Project.objects.filter(Exists(others), created_batch=batch.pk, is_active=True).values_list("pk", flat=True)
