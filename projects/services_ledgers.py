"""What is written about ledgers beside their cells: who saw to them, figures found right, a person's layout."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from gridops.accounts.models import Preference, User
from gridops.common.months import Month
from gridops.workbooks.dialect import is_postgresql, quoted
from projects.grids_rows import Book, contradictions_of
from projects.models import ConfirmedFigure, Ledger, LedgerTouch, Project

NARROWEST, WIDEST = 30, 1_000  # pixels
MOST_SORTS = 5


class NotAsked(ValueError):
    """The figures do not contradict each other (any more)."""


def touch(
    project_ids: Iterable[int],
    ledger: str,
    by: User | None,
    how: str = LedgerTouch.How.EDITED,
    at: datetime | None = None,
) -> None:
    """Note that projects' rows in ``ledger`` were seen to in the month of ``at`` (now): one statement (P).

    To be called in the transaction that changes what the ledger shows.
    """
    ids = sorted(set(project_ids))
    if not ids:
        return
    at = at or timezone.now()
    moment = connection.ops.adapt_datetimefield_value(at)
    source = "unnest(%s::bigint[]) AS v(value)" if is_postgresql() else "json_each(%s) AS v"
    statement = f"""
        INSERT INTO {quoted(LedgerTouch._meta.db_table)} (project_id, ledger, month, at, by_id, how)
        SELECT v.value, %s, %s, %s, %s, %s FROM {source} WHERE true
        ON CONFLICT (project_id, ledger, month)
        DO UPDATE SET at = excluded.at, by_id = excluded.by_id, how = excluded.how
    """  # noqa: S608 - the table's name; values are bound
    month = Month.of(timezone.localdate(at)).first
    told: list[Any] = [str(ledger), month, moment, by.pk if by else None, str(how)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*told, ids if is_postgresql() else orjson.dumps(ids).decode()])


@transaction.atomic
def confirm(book: Book, project: Project, code: str, numbers: str, note: str) -> None:
    """Keep that the figures of contradiction ``code`` were looked at and found right; asked again when they change.

    ``NotAsked`` when they are no longer the ``numbers`` that the person saw.
    """
    list(Project.objects.select_for_update(no_key=True).filter(pk=project.pk).values_list("pk"))
    found = {one.code: one for one in contradictions_of(book, project.pk)}
    if code not in found or found[code].numbers != numbers:
        raise NotAsked(code)
    kept = {"numbers": numbers, "note": note, "by": book.user, "at": timezone.now()}
    month = book.month.first if book.ledger == Ledger.INDICATORS else None
    ConfirmedFigure.objects.update_or_create(project=project, month=month, code=code, defaults=kept)
    touch([project.pk], book.ledger, book.user, LedgerTouch.How.CONFIRMED)


def layout_key(ledger: str) -> str:
    """Under which key a person's layout of a ledger is kept."""
    return f"ledger.{ledger}"


def keep_layout(book: Book, told: object) -> None:
    """Keep which columns the person wants to see, how wide, how sorted; what is not understood is left out."""
    fields = {column.field for column in book.columns}
    given: dict[str, Any] = told if isinstance(told, dict) else {}
    columns = {
        one["field"]: {"field": one["field"], "width": _width(one["width"]), "visible": one["visible"]}
        for one in _dicts(given.get("columns"))
        if _among(one.get("field"), fields)
        and isinstance(one.get("width"), int | float)
        and isinstance(one.get("visible"), bool)
    }
    sort = [
        {"column": one["column"], "dir": one["dir"]}
        for one in _dicts(given.get("sort"))[:MOST_SORTS]
        if _among(one.get("column"), fields) and one.get("dir") in ("asc", "desc")
    ]
    Preference.objects.update_or_create(
        user=book.user, key=layout_key(book.ledger), defaults={"value": {"columns": [*columns.values()], "sort": sort}}
    )


def _width(told: float) -> int:
    return int(min(max(told, NARROWEST), WIDEST))


def _among(told: object, fields: set[str]) -> bool:
    return isinstance(told, str) and told in fields


def _dicts(told: object) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def kept_layout(book: Book) -> dict[str, Any]:
    """The person's layout of the ledger; empty when they never changed it."""
    kept = Preference.objects.filter(user=book.user, key=layout_key(book.ledger)).values_list("value", flat=True)
    value = kept.first()
    return value if isinstance(value, dict) else {}
