"""Writing down what rivals offer, with photos, and what we suggest against it, each with its history (P3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from gridops.accounts.models import User
from gridops.common import versions
from gridops.common.bulk import copy_rows
from gridops.common.journal import Step, write_steps
from gridops.common.photos import TOO_MANY, Photo, delete_on_commit, files_of_transaction, keep_photo
from gridops.common.versions import Conflict, VersionedForm
from gridops.workbooks.dialect import among, is_postgresql
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from projects.models import CounterMeasure, Ledger, LedgerTouch, Operator, Project, RivalOffer, RivalPhoto

CHUNK = 5_000  # rows written in one constant number of queries
Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The newest row of a key: its text, and whether ``by`` may still mend it in place."""

    pk: int
    text: str
    own: bool


Newest = Mapping[Key, Known]


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the two tables: which columns tell its rows apart, which holds the day."""

    model: Any
    key: tuple[str, ...]
    day: str


OFFERS = _Table(RivalOffer, ("project_id", "operator_id"), "seen_on")
MEASURES = _Table(CounterMeasure, ("project_id",), "noted_on")


def newest_offers(projects: Sequence[int], by: User, day: date) -> Newest:
    """The newest offer of each (project, operator) on ``day``, locked, for a caller who has locked the projects."""
    return _newest(OFFERS, projects, by, day)


def newest_measures(projects: Sequence[int], by: User, day: date) -> Newest:
    """The newest measure of each (project,) on ``day``, locked, for a caller who has locked the projects."""
    return _newest(MEASURES, projects, by, day)


def _newest(table: _Table, projects: Sequence[int], by: User, day: date) -> Newest:
    rows = ((row, tuple(row[name] for name in table.key)) for row in _newest_of_few(table, projects, day, lock=True))
    return {key: Known(row["id"], row["text"], bool(row["of_day"]) and _own(row, by)) for row, key in rows}


def _newest_of_few(table: _Table, projects: Sequence[int], day: date, *, lock: bool = False) -> list[dict[str, Any]]:
    """``latest`` for the cells of a page: ready-made, since a cell's save is to cost little; one look an offer."""
    name, photos = (connection.ops.quote_name(one._meta.db_table) for one in (table.model, RivalPhoto))
    columns = ["id", *table.key, "text", "by_id", "created_batch_id"]
    pictured = "false"
    if table is OFFERS:
        columns += ["kind", "monthly_fee", "source", "answer"]
        pictured = f"EXISTS (SELECT 1 FROM {photos} p WHERE p.offer_id = r.id)"  # noqa: S608
    same = " AND ".join(f"i.{column} = r.{column}" for column in table.key)
    listed, ids = among(table.model._meta.get_field("project"), projects)
    statement = f"""
        SELECT {", ".join(f"r.{column}" for column in columns)}, r.{table.day} = %s, {pictured} FROM {name} r
        WHERE r.project_id {listed} AND r.{table.day} <= %s AND r.id = (
            SELECT i.id FROM {name} i WHERE {same} AND i.{table.day} <= %s
            ORDER BY i.{table.day} DESC, i.id DESC LIMIT 1
        ) {"FOR UPDATE OF r" if lock and is_postgresql() else ""}
    """  # noqa: S608 - names of our own tables and columns; values are bound
    with connection.cursor() as cursor:
        cursor.execute(statement, [day, ids, day, day])
        named = [*columns, "of_day", "pictured"]
        return [dict(zip(named, row, strict=True)) for row in cursor.fetchall()]


def note_offers(
    rows: Iterable[tuple[int, int, str]],
    by: User,
    day: date,
    batch: Batch | None = None,
    newest: Newest | None = None,
) -> int:
    """Write down that operators were seen to offer something on ``day``: (project, operator, text). How many written.

    A text that is the newest already, or an empty one where nothing was known, is left out. What ``by`` wrote the same
    day is mended in place, anything else gets a new row: so are rows that an import made, or that hold more than a
    text (photos, a fee, a source, an answer). Texts are at most 500 characters; that and the scope are the caller's to
    check. Of a key that comes twice the last counts. ``newest``: what ``newest_offers`` gave in this transaction.
    """
    return _note(OFFERS, (((project, operator), text) for project, operator, text in rows), by, day, batch, newest)


def note_measures(
    rows: Iterable[tuple[int, str]], by: User, day: date, batch: Batch | None = None, newest: Newest | None = None
) -> int:
    """Write down what we suggest against the rivals of projects from ``day`` on: (project, text); as offers are."""
    return _note(MEASURES, (((project,), text) for project, text in rows), by, day, batch, newest)


def suggest(project: Project, text: str, by: User, day: date, seen: str) -> CounterMeasure | None:
    """Write down what we suggest, or say which measure stands against it: one newer than the ``seen`` state."""
    with transaction.atomic():
        lock_projects(Project.objects.filter(pk=project.pk))
        newest = CounterMeasure.objects.filter(project=project).latest(day).first()
        if newest and newest.state != seen and newest.text != text:
            return newest
        note_measures([(project.pk, text)], by, day)
    return None


def _note(
    table: _Table,
    rows: Iterable[tuple[Key, str]],
    by: User,
    day: date,
    batch: Batch | None,
    newest: Newest | None,
) -> int:
    wanted, written = iter({key: text.strip() for key, text in rows}.items()), 0
    with transaction.atomic(savepoint=newest is None):
        while chunk := dict(islice(wanted, CHUNK)):
            known = _locked(table, chunk, by, day) if newest is None else newest
            written += _note_chunk(table, chunk, by, day, batch, known)
    return written


def _locked(table: _Table, wanted: dict[Key, str], by: User, day: date) -> Newest:
    """The newest row of each key; two people who write the same cell at once come one after the other."""
    projects = sorted({key[0] for key in wanted})
    lock_projects(Project.objects.filter(pk__in=projects))
    return _known(table, projects, by, day)


def lock_projects(projects: QuerySet[Project, Project]) -> None:
    """Keep what is known of ``projects`` from other writers until the transaction ends; in the order that all keep."""
    list(projects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _note_chunk(table: _Table, wanted: dict[Key, str], by: User, day: date, batch: Batch | None, known: Newest) -> int:
    projects = sorted({key[0] for key in wanted})
    mended: list[Step] = []
    fresh: dict[Key, str] = {}
    touched: set[int] = set()
    names = _names(table, projects)
    for key, text in wanted.items():
        there = known.get(key)
        if text == (there.text if there else ""):
            continue
        if there and there.own and batch is None:
            mended.append(Step(there.pk, f"{names[key[-1]]} {day}", {"text": (there.text, text)}))
        else:
            fresh[key] = text
        touched.add(key[0])
    _mend(table, mended, by)
    _add(table, fresh, by, day, batch)
    if fresh and batch is None:  # what an import makes has its history in the batch
        write_steps(table.model, _made(table, fresh, by, day, names), by.pk)
    _touch(touched, by, LedgerTouch.How.IMPORTED if batch else LedgerTouch.How.EDITED)
    return len(mended) + len(fresh)


def _names(table: _Table, projects: Sequence[int]) -> dict[int, str]:
    """What a row is called after: its operator, or its project."""
    named = Operator.objects.all() if table is OFFERS else Project.objects.filter(pk__in=projects)
    return dict(named.values_list("pk", "name"))


def _known(table: _Table, projects: Sequence[int], by: User, day: date) -> Newest:
    """The newest row of each key on ``day``, locked."""
    rows = table.model.objects.latest(day, Project.objects.filter(pk__in=projects))
    rows = rows.select_for_update(of=("self",))
    names = [*table.key, table.day, "pk", "text", "by_id", "created_batch_id"]
    if table is OFFERS:
        rows = rows.annotate(pictured=Exists(RivalPhoto.objects.filter(offer=OuterRef("pk"))))
        names += ["kind", "monthly_fee", "source", "answer", "pictured"]
    rows = rows.values(*names)
    return {
        tuple(row[name] for name in table.key): Known(row["pk"], row["text"], row[table.day] == day and _own(row, by))
        for row in rows
    }


def _own(row: dict[str, Any], by: User) -> bool:
    plain = row.get("kind", RivalOffer.Kind.TARIFF) == RivalOffer.Kind.TARIFF and row.get("monthly_fee") is None
    more = row.get("source") or row.get("answer") or row.get("pictured") or row["created_batch_id"]
    return bool(row["by_id"] == by.pk and plain and not more)


def _mend(table: _Table, steps: list[Step], by: User) -> None:
    if not steps:
        return
    name = connection.ops.quote_name(table.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {name} SET text = %s, version = version + 1 WHERE id = %s",  # noqa: S608
            [(str(step.changes["text"][1]), step.pk) for step in steps],
        )
    write_steps(table.model, steps, by.pk)


def _add(table: _Table, rows: dict[Key, str], by: User, day: date, batch: Batch | None) -> None:
    if not rows:
        return
    now, of_batch = timezone.now(), batch.pk if batch else None
    columns = (*table.key, table.day, "text", "by_id", "recorded_at", "created_batch_id")
    extra: tuple[str, ...] = ()
    if table is OFFERS:
        columns, extra = (*columns, "source", "answer"), ("", "")
    copy_rows(
        table.model._meta.db_table,
        columns,
        ((*key, day, text, by.pk, now, of_batch, *extra) for key, text in rows.items()),
    )


def _made(table: _Table, rows: dict[Key, str], by: User, day: date, names: dict[int, str]) -> Iterator[Step]:
    """The rows that were just made, as steps of their history."""
    for row in _newest_of_few(table, list({key[0] for key in rows}), day):
        pk, key = row["id"], tuple(row[name] for name in table.key)
        if (text := rows.get(key)) is None:
            continue
        changes: dict[str, tuple[object, object]] = {"project": (None, key[0])}
        if table is OFFERS:
            changes |= {"operator": (None, key[1]), "kind": (None, RivalOffer.Kind.TARIFF.value)}
        changes |= {table.day: (None, day), "text": (None, text), "by": (None, by.pk)}
        yield Step(pk, f"{names[key[-1]]} {day}", changes, made=True)


def _touch(projects: Iterable[int], by: User, how: str = LedgerTouch.How.EDITED) -> None:
    from projects.services_ledgers import touch  # it knows the rosters, and the roster of rivals is written by this

    touch(projects, Ledger.RIVALS, by, how)


# --- One at a time ---


def add_offer(offer: RivalOffer, photos: Sequence[Photo], by: User) -> None:
    """Keep a new offer and its photos; all of it or, with the files, nothing."""
    offer.by = by
    with files_of_transaction() as files:
        offer.save()
        for photo in photos:
            keep_photo(RivalPhoto(offer=offer, by=by), photo, files)
        _touch([offer.project_id], by)


def add_photos(offer: RivalOffer, photos: Sequence[Photo], by: User) -> None:
    """Keep more photos of an offer; ValidationError when it would have too many."""
    with files_of_transaction() as files:
        list(RivalOffer.objects.select_for_update().filter(pk=offer.pk).values_list("pk"))
        limit = settings.PHOTO_LIMITS["count"]
        if offer.photos.count() + len(photos) > limit:
            raise ValidationError(TOO_MANY, code="photo", params={"limit": limit})
        for photo in photos:
            keep_photo(RivalPhoto(offer=offer, by=by), photo, files)
        _touch([offer.project_id], by)


def save_offer(form: VersionedForm[RivalOffer], by: User) -> Conflict[RivalOffer] | None:
    """Save a valid form of an offer, or say what stands against it: only a change of the same fields does."""
    if _save(form, by):
        return None
    found = versions.conflict(form, trail(form.instance))
    beside = not found.clashing and not found.taken and found.form.is_valid()
    return None if beside and _save(found.form, by) else found


def _save(form: VersionedForm[RivalOffer], by: User) -> bool:
    with transaction.atomic():
        saved = versions.save(form)
        if saved:
            _touch([form.instance.project_id], by)
    return saved


def see_again(offer: RivalOffer, by: User, day: date) -> None:
    """Note that an offer was found unchanged on ``day``. One that was replaced since is seen anew: a new row."""
    with transaction.atomic():
        rows = RivalOffer.objects.filter(project=offer.project_id, operator=offer.operator_id, kind=offer.kind)
        newest = rows.select_for_update().order_by("-seen_on", "-pk").first()
        if newest is None or newest.pk != offer.pk:
            same = {name: getattr(offer, name) for name in ("project_id", "operator_id", "kind", "text", "monthly_fee")}
            RivalOffer.objects.create(**same, seen_on=day, by=by)
        elif day > (newest.seen_again_on or newest.seen_on):
            rows.filter(pk=newest.pk).update(seen_again_on=day, version=F("version") + 1)
            change = {"seen_again_on": (newest.seen_again_on, day)}
            write_steps(RivalOffer, [Step(newest.pk, str(offer), change)], by.pk)
        _touch([offer.project_id], by, LedgerTouch.How.CONFIRMED)


def may_remove(offer: RivalOffer, user: User) -> bool:
    """One's own entry of today may be taken back, unless it was answered: everything else is history."""
    own = offer.by_id == user.pk and offer.created_batch_id is None
    return own and timezone.localdate(offer.recorded_at) == timezone.localdate() and not offer.answer


def may_remove_photo(photo: RivalPhoto, user: User) -> bool:
    """A photo that one added oneself today may be taken back."""
    return photo.by_id == user.pk and timezone.localdate(photo.at) == timezone.localdate()


def mark_own(offer: RivalOffer, user: User) -> None:
    """Say on an offer and its photos, for a page, what ``user`` may take back."""
    offer.removable = may_remove(offer, user)
    for photo in offer.photos.all():
        photo.removable = may_remove_photo(photo, user)


def remove_offer(offer: RivalOffer, by: User) -> bool:
    """Take back an entry made by mistake, with its photos; that it was there stays in the records. Whether it was."""
    with transaction.atomic():
        row = RivalOffer.objects.select_for_update().filter(pk=offer.pk).first()
        if row is None or not may_remove(row, by):
            return False
        for photo in row.photos.all():
            delete_on_commit(photo.image, photo.small)
        row.delete()
    return True


def remove_photo(photo: RivalPhoto, by: User) -> bool:
    """Take back a photo that one added oneself today. Whether it was."""
    if not may_remove_photo(photo, by):
        return False
    with transaction.atomic():
        delete_on_commit(photo.image, photo.small)
        photo.delete()
    return True
