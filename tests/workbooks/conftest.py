"""Importing in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gridops.accounts.models import User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from tests.workbooks.books import book, upload

Import = Callable[..., Batch]


@pytest.fixture
def preview(admin_user: User) -> Import:
    """``preview(rows)``: the batch of a workbook with these rows, read and checked, nothing applied."""

    def run(rows: Sequence[Sequence[Any]], *, kind: str = "", user: User | None = None, **options: Any) -> Batch:
        batch = services.finish(services.receive(upload(book(rows, **options)), user or admin_user, kind))
        if batch.state == Batch.State.MATCHED:
            batch = services.finish(services.confirm_columns(batch))
        return batch

    return run


@pytest.fixture
def imported(preview: Import) -> Import:
    """``imported(rows)``: as ``preview``, and the valid rows applied."""

    def run(rows: Sequence[Sequence[Any]], **options: Any) -> Batch:
        batch = preview(rows, **options)
        assert batch.state == Batch.State.CHECKED, batch.fault
        return services.finish(services.apply(batch, valid_only=True))

    return run


def faults(batch: Batch) -> dict[str, str]:
    """Cell -> code of every fault."""
    return {fault["cell"]: fault["code"] for row in batch.rows.refused() for fault in row.faults or []}


def notes(batch: Batch) -> dict[str, str]:
    """Cell -> code of every note."""
    return {note["cell"]: note["code"] for row in batch.rows.noted() for note in row.notes or []}


def counts(batch: Batch) -> tuple[int, int, int, int]:
    """New, changed, same, refused."""
    return batch.rows_new, batch.rows_changed, batch.rows_same, batch.rows_refused
