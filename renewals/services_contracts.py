"""Earlier contracts, kept when a roster brings a later expiry, in one statement for any number of rows (N3)."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from gridops.accounts.models import Grid, Unit
from gridops.accounts.rulebook import rules_by_unit
from gridops.workbooks.dialect import column_of, from_json, is_postgresql, quoted
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.sheet import after_batch, after_undone
from gridops.workbooks.store import run_sql
from projects.models import Project
from renewals.models import PastContract, Subscriber

SHORTEST = "renewal_shortest_days"
_OWN = {field.attname: field for field in Subscriber._meta.concrete_fields}
EXPIRY, *REST = FIELDS = [_OWN[name] for name in ("expires_on", "product", "speed_mbps", "monthly_fee")]
ROWS, SUBSCRIBERS, PAST, PROJECTS, GRIDS = (
    quoted(model._meta.db_table) for model in (Row, Subscriber, PastContract, Project, Grid)
)


def keep_contracts(batch: Batch) -> int:
    """Keep what ``batch`` replaced by a later contract; how many. An expiry that moved by less was only mended."""
    if EXPIRY.attname not in batch.fields or not batch.rows_changed:
        return 0
    at = {name: place for place, name in enumerate(batch.fields)}
    ended = from_json(EXPIRY, "before", at[EXPIRY.attname])
    rest = [
        # what the file has no column for is still as it was
        from_json(field, "before", at[field.attname]) if field.attname in at else f"s.{column_of(field)}"
        for field in REST
    ]
    days, joined = _shortest()
    least = f"{ended} + {days}" if is_postgresql() else f"date({ended}, '+' || {days} || ' days')"
    names = ", ".join(column_of(field) for field in FIELDS)
    replaced_at = connection.ops.adapt_datetimefield_value(timezone.now())
    return run_sql(
        f"INSERT INTO {PAST} (subscriber_id, {names}, replaced_at, batch_id) "  # noqa: S608
        f"SELECT s.id, {', '.join([ended, *rest])}, %s, r.batch_id "
        f"FROM {ROWS} r JOIN {SUBSCRIBERS} s ON s.id = r.object_id {joined} "
        f"WHERE r.batch_id = %s AND r.state = 'changed' "
        f"AND {from_json(EXPIRY, 'values', at[EXPIRY.attname])} >= {least} ON CONFLICT DO NOTHING",
        [replaced_at, batch.pk],
    )


def _shortest() -> tuple[str, str]:
    """SQL: the days by which an expiry must move to be a new contract, by the subscriber's unit; the joins it needs."""
    rules = rules_by_unit([SHORTEST], Unit.objects.all())
    general = rules.pop(None)[SHORTEST]
    own = {unit: values[SHORTEST] for unit, values in rules.items() if values[SHORTEST] != general}
    if not own:
        return str(general), ""
    cases = " ".join(f"WHEN {unit:d} THEN {days:d}" for unit, days in own.items())
    joined = f"JOIN {PROJECTS} p ON p.id = s.project_id JOIN {GRIDS} g ON g.id = p.grid_id"
    return f"CASE g.unit_id {cases} ELSE {general:d} END", joined


def take_back_contracts(batch: Batch) -> int:
    """What ``batch`` replaced runs again, now that it is undone; not where its row was kept."""
    return run_sql(
        f"DELETE FROM {PAST} WHERE batch_id = %s AND subscriber_id IN ("  # noqa: S608
        f"SELECT r.object_id FROM {ROWS} r WHERE r.batch_id = %s AND r.state = 'changed' AND NOT r.kept)",
        [batch.pk, batch.pk],
    )


def follow_imports() -> None:
    """Hook in."""
    after_batch("subscribers", keep_contracts)
    after_undone("subscribers", take_back_contracts)
