"""The steps of an import, each a state of the batch and a job: received, matched, checked, applied, undone."""

from __future__ import annotations

import hashlib
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from gridops.accounts.models import User
from gridops.jobs import services as jobs
from gridops.jobs.models import Job
from gridops.jobs.run import Run
from gridops.workbooks import headers, reading
from gridops.workbooks.checking import check_file
from gridops.workbooks.faults import WorkbookFault
from gridops.workbooks.headers import Match, Mended
from gridops.workbooks.models import Batch, HeaderMatch, Row
from gridops.workbooks.reading import SheetTop
from gridops.workbooks.sheet import SHEETS, imported, run_batch_hooks, run_hooks, run_undo_hooks, sheet_of, sheets_for
from gridops.workbooks.store import lock_kind

State = Batch.State
READ, CHECK, APPLY, UNDO = "workbooks.read", "workbooks.check", "workbooks.apply", "workbooks.undo"


class Conflict(Exception):
    """The batch is not in the state that the step starts from: somebody was quicker."""


# --- what a person asks for ---


def receive(upload: File[bytes], user: User, kind: str = "") -> Batch:
    """Store an uploaded workbook and start to look for its header. ``kind`` empty: recognised from the header."""
    name = Path(upload.name or "").name[:200] or "workbook.xlsx"
    limit = settings.WORKBOOK_LIMITS["file_bytes"]
    if upload.size > limit:
        fault = WorkbookFault("too_large", limit=limit // 1024**2)
        return Batch.objects.create(
            kind=kind, file_name=name, uploaded_by=user, state=State.REFUSED, fault=fault.as_json()
        )
    batch = Batch(kind=kind, file_name=name, uploaded_by=user, sha256=_sha256(upload))
    batch.file.save(f"{uuid4()}.xlsx", upload, save=False)
    with transaction.atomic():
        batch.job = jobs.start(READ, key=f"{READ}:{uuid4()}", requested_by=user)
        batch.save()
        Job.objects.filter(pk=batch.job.pk).update(payload={"batch": batch.pk})
    return batch


def confirm_columns(
    batch: Batch, columns: dict[int, str] | None = None, month: date | None = None, *, by: User | None = None
) -> Batch:
    """Take columns and month as matched, or both as mended by hand (remembered for next time), and start the check.

    WorkbookFault ``no_key`` when a part of the natural key has no column, nor is the month known from elsewhere.
    """
    sheet = sheet_of(batch.kind)
    chosen = {int(index): name for index, name in batch.columns.items()} if columns is None else columns
    known = {column.field for column in imported(sheet)}  # columns may be data, and be gone since they were matched
    chosen = {index: name for index, name in chosen.items() if name in known}
    month = batch.month if columns is None else month
    fields = [chosen[index] for index in sorted(chosen)]
    if month and sheet.month_field and sheet.month_field not in fields:
        fields.append(sheet.month_field)
    if missing := [sheet.column(name).header for name in sheet.key if name not in fields]:
        raise WorkbookFault("no_key", columns="、".join(missing))
    if columns is not None and by is not None:
        _remember(batch, columns, by)
    values = {"columns": chosen, "month": month, "fields": fields}
    return _advance(batch, [State.MATCHED, State.CHECKED], State.CHECKING, CHECK, **values)


def check(batch: Batch) -> Batch:
    """Check again: the stored rows have changed since the preview."""
    if batch.state != State.CHECKED:
        raise Conflict
    return confirm_columns(batch)


def apply(batch: Batch, *, valid_only: bool) -> Batch:
    """Write the checked rows. With refused rows among them only ``valid_only`` is possible: all or nothing."""
    if batch.fault is not None or (batch.rows_refused and not valid_only):
        raise Conflict
    return _advance(batch, [State.CHECKED], State.APPLYING, APPLY, valid_only=valid_only)


def undo(batch: Batch) -> Batch:
    """Take the batch back; rows that someone edited since are kept and listed."""
    return _advance(batch, [State.APPLIED], State.UNDOING, UNDO)


def import_now(
    source: Path | File[bytes], user: User, kind: str = "", *, columns: dict[int, str] | None = None
) -> Batch:
    """All steps at once, here, through the very same jobs: read, check, apply the valid rows."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            batch = receive(File(file, source.name), user, kind)
    else:
        batch = receive(source, user, kind)
    batch = finish(batch)
    if batch.state == State.MATCHED:
        batch = finish(confirm_columns(batch, columns, batch.month))
    if batch.state == State.CHECKED and batch.rows_new + batch.rows_changed + batch.rows_same:
        batch = finish(apply(batch, valid_only=True))
    return batch


def finish(batch: Batch) -> Batch:
    """Do the batch's job here, or wait for the worker that took it. RuntimeError when it failed."""
    while batch.job is not None:
        jobs.work(batch.job.pk)
        batch.job.refresh_from_db()
        if batch.job.state == Job.State.FAILED:
            raise RuntimeError(batch.job.error)
        if not batch.job.is_open:
            break
        time.sleep(0.2)
    batch.refresh_from_db()
    return batch


def forget_old(now: datetime) -> int:
    """Drop files and rows of imports older than ``WORKBOOK_KEEP_DAYS``: they hold people's data. Returns how many.

    What was imported stays, and so do changed rows: they are the history of what they changed.
    """
    forgotten = 0
    for batch in Batch.objects.outlived(now - timedelta(days=settings.WORKBOOK_KEEP_DAYS)).iterator():
        with transaction.atomic():
            still = Batch.objects.filter(pk=batch.pk, state=batch.state, forgotten_at=None)
            if not still.update(forgotten_at=now, sample=[], file="", marked_file=""):
                continue
            Row.objects.filter(batch=batch).exclude(state=Row.State.CHANGED).delete()
        for kept in (batch.file, batch.marked_file):
            if kept.name:
                kept.storage.delete(kept.name)
        forgotten += 1
    return forgotten


# --- what the jobs do ---


def do_read(run: Run) -> None:
    """Find the header and the kind, or refuse the file."""
    batch = _batch(run, State.READING)
    if batch is None:
        return
    try:
        match = _match(batch)
        _allow(match, batch.uploaded_by)
    except WorkbookFault as fault:
        _refuse(run, batch, fault)
        return
    with transaction.atomic():
        run.fence()
        batch.kind, batch.state = match.sheet.kind, State.MATCHED
        batch.sheet_name, batch.header_row = match.sheet_name, match.header_row
        batch.headers, batch.columns, batch.sample = match.headers, match.columns, match.sample
        batch.month = headers.month_above(match, batch.file_name)
        batch.save()


def do_check(run: Run) -> None:
    """Read and check every row, and store what it would do."""
    batch = _batch(run, State.CHECKING)
    if batch is None:
        return
    try:
        check = check_file(batch, run)
        if not check.counts["rows_read"]:
            raise WorkbookFault("no_rows")
    except WorkbookFault as fault:
        _refuse(run, batch, fault)
        return
    counts = check.counts
    run.progress(counts["rows_read"], counts["rows_read"], "storing")
    with transaction.atomic():
        run.fence()
        check.write(batch)
        Batch.objects.filter(pk=batch.pk).update(state=State.CHECKED, fault=None, **counts)


def do_apply(run: Run) -> None:
    """Write the checked rows in one transaction, or nothing."""
    batch = _batch(run, State.APPLYING)
    if batch is None:
        return
    sheet = sheet_of(batch.kind, batch.month)
    total = batch.rows_new + batch.rows_changed
    run.progress(0, total, "writing")
    try:
        if _stored_sha256(batch) != batch.sha256:
            raise WorkbookFault("file_changed")
        with transaction.atomic():
            run.fence()
            lock_kind(batch.kind)
            sheet.store(sheet).apply(batch)
            _follow_up(batch)
            Batch.objects.filter(pk=batch.pk).update(state=State.APPLIED, applied_at=timezone.now())
    except WorkbookFault as fault:
        _back_to_preview(run, batch, fault)
    except IntegrityError:  # what rows refer to has gone since; the database looks at that when it commits
        _back_to_preview(run, batch, WorkbookFault("stale"))


def do_undo(run: Run) -> None:
    """Take the batch back in one transaction."""
    batch = _batch(run, State.UNDOING)
    if batch is None:
        return
    sheet = sheet_of(batch.kind, batch.month)
    run.progress(0, batch.rows_new + batch.rows_changed, "undoing")
    with transaction.atomic():
        run.fence()
        lock_kind(batch.kind)
        kept = sheet.store(sheet).undo(batch)
        run_hooks(sheet.kind)
        run_undo_hooks(batch)
        Batch.objects.filter(pk=batch.pk).update(state=State.UNDONE, undone_at=timezone.now(), rows_kept=kept)


# --- parts ---


def _follow_up(batch: Batch) -> None:
    try:
        run_hooks(batch.kind)
        run_batch_hooks(batch)
    except IntegrityError as error:  # an import of another kind was at it, too: no reason to check again
        raise DatabaseError("try again") from error


def _batch(run: Run, state: str) -> Batch | None:
    """The job's batch while it waits for this step; an earlier attempt may have done it already."""
    return Batch.objects.select_related("uploaded_by").filter(pk=run.payload["batch"], state=state).first()


def _advance(batch: Batch, before: list[State], state: State, kind: str, **fields: Any) -> Batch:
    """From one state to the next with its job, once: a conditional update decides between two who press a button."""
    with transaction.atomic():
        job = jobs.start(kind, payload={"batch": batch.pk}, requested_by=batch.uploaded_by)
        moved = Batch.objects.filter(pk=batch.pk, state__in=before, forgotten_at=None).update(
            state=state, job=job, fault=None, **fields
        )
        if not moved:
            raise Conflict
    batch.refresh_from_db()
    return batch


def _refuse(run: Run, batch: Batch, fault: WorkbookFault) -> None:
    with transaction.atomic():
        run.fence()
        Batch.objects.filter(pk=batch.pk).update(state=State.REFUSED, fault=fault.as_json())


def _back_to_preview(run: Run, batch: Batch, fault: WorkbookFault) -> None:
    with transaction.atomic():
        run.fence()
        Batch.objects.filter(pk=batch.pk).update(state=State.CHECKED, fault=fault.as_json())


def _match(batch: Batch) -> Match:
    """The header of the batch's file. WorkbookFault when there is none, or when it is another kind's."""
    tops = reading.peek(batch.file)
    mended = HeaderMatch.objects.known_to(batch.uploaded_by)
    try:
        return _found(batch, tops, mended)
    except WorkbookFault:  # columns that somebody left out once still say what the file is
        return _found(batch, tops, {key: field for key, field in mended.items() if field})


def _allow(match: Match, user: User) -> None:
    own = sheets_for(user)
    if match.sheet.kind not in own:
        allowed = "、".join(sheet.title for sheet in own.values())
        raise WorkbookFault("not_your_kind", found=match.sheet.title, allowed=allowed)


def _found(batch: Batch, tops: list[SheetTop], mended: Mended) -> Match:
    match, other = headers.find(tops, batch.kind, mended, sheets_for(batch.uploaded_by))
    another = other is not None and other.is_convincing
    if match is None or len(match.columns) < 2 or (another and (match.is_strange or not match.has_key)):
        if batch.kind and other is not None and another:
            raise WorkbookFault("wrong_kind", found=other.sheet.title, wanted=SHEETS[batch.kind].title)
        raise WorkbookFault("no_header")
    return match


def _remember(batch: Batch, columns: dict[int, str], by: User) -> None:
    """Keep what the person chose where it differs from what was matched: for all when an admin did, else for them."""
    matched = {int(index): name for index, name in batch.columns.items()}
    for index, header in enumerate(batch.headers):
        name = headers.normal(header)
        if name and columns.get(index, "") != matched.get(index, ""):
            HeaderMatch.objects.update_or_create(
                kind=batch.kind,
                header=name,
                only_for=None if by.scope.everything else by,
                defaults={"field": columns.get(index, ""), "set_by": by},
            )


def _sha256(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for piece in file.chunks(1024 * 1024):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _stored_sha256(batch: Batch) -> str:
    try:
        with batch.file.open("rb") as stored:
            return _sha256(stored)
    except FileNotFoundError:
        return ""
