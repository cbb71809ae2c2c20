"""The chances of renewal of a unit: counted from what is over, written on what is open; set-based (C4, *ours*)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from gridops.accounts.models import Unit
from renewals import rules_chance as rules
from renewals.models import Chance, ExpiryWarning, PastContract, WarningList
from renewals.rules_chance import Counted

# How long before the expiry somebody must have joined to have stayed once already.
_LONG_AGO = {
    "sqlite": "date(w.expires_on, '-%(stayed)s days')",
    "postgresql": "w.expires_on - %(stayed)s",
}
_STAYED = """CASE WHEN s.started_on <= {long_ago} OR EXISTS (
    SELECT 1 FROM renewals_pastcontract p WHERE p.subscriber_id = s.id AND p.expires_on < w.expires_on
) THEN 1 ELSE 0 END"""
_COUNT = """
    SELECT {fee} AS fee, {stayed} AS stayed, COUNT(*), COUNT(CASE WHEN w.state = 'renewed' THEN 1 END)
    FROM renewals_expirywarning w
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    WHERE w.warning_list_id IN (
        SELECT l.id FROM renewals_warninglist l JOIN accounts_grid g ON g.id = l.grid_id
        WHERE g.unit_id = %(unit)s AND l.month >= %(month)s
    ) AND w.expires_on > %(after)s AND w.expires_on <= %(until)s AND w.state <> 'withdrawn'
    GROUP BY 1, 2
"""
_WRITE = """
    UPDATE renewals_expirywarning SET chance = n.chance
    FROM (
        SELECT w.id, {chance} AS chance
        FROM renewals_expirywarning w
        JOIN renewals_subscriber s ON s.id = w.subscriber_id
        WHERE w.next_on IS NOT NULL AND w.warning_list_id IN (
            SELECT l.id FROM renewals_warninglist l JOIN accounts_grid g ON g.id = l.grid_id WHERE g.unit_id = %(unit)s
        )
    ) n
    WHERE n.id = renewals_expirywarning.id AND renewals_expirywarning.chance IS DISTINCT FROM n.chance
"""


def refresh(unit: Unit, today: date) -> None:
    """Count the bands of ``unit`` anew and write the chance on its open warnings; nothing that tallies count changes.

    Counted are the contracts that ended in the year up to ``SETTLED_DAYS`` before ``today``. A band of fewer than
    ``LEAST`` people gives way to the wider one; where even all together are fewer, nobody has a chance written.
    """
    with transaction.atomic():
        WarningList.objects.hold(list(WarningList.objects.filter(grid__unit=unit).values_list("pk", flat=True)))
        counted = rules.widened(_counted(unit, today))
        now = timezone.now()
        Chance.objects.filter(unit=unit).delete()
        Chance.objects.bulk_create(
            Chance(unit=unit, band=name, expiring=one.expiring, renewed=one.renewed, counted_at=now)
            for name, one in sorted(counted.items())
        )
        _write(unit, counted)


def _texts(text: str, **more: str) -> str:
    long_ago = _LONG_AGO[connection.vendor].replace("%(stayed)s", str(rules.STAYED_DAYS))
    stayed = _STAYED.replace("{long_ago}", long_ago)
    for name, value in {"fee": _fee(), **more}.items():
        text = text.replace("{" + name + "}", value)
    return text.replace("{stayed}", stayed)


def _fee() -> str:
    """The band of the fee, by the same limits as ``rules_chance.fee_band``."""
    steps = " ".join(f"WHEN s.monthly_fee < {limit} THEN '{limit}'" for limit in rules.FEES)
    return f"CASE WHEN s.monthly_fee IS NULL THEN '{rules.NO_FEE}' {steps} ELSE 'more' END"


def _counted(unit: Unit, today: date) -> dict[tuple[str, bool], Counted]:
    until = today - timedelta(days=rules.SETTLED_DAYS)
    after = until - timedelta(days=rules.YEAR_DAYS)
    values: dict[str, Any] = {"unit": unit.pk, "after": after, "until": until, "month": after.replace(day=1)}
    with connection.cursor() as cursor:
        cursor.execute(_texts(_COUNT), values)
        rows = cursor.fetchall()
    return {(fee, bool(stayed)): Counted(expiring, renewed) for fee, stayed, expiring, renewed in rows}


def _write(unit: Unit, counted: dict[str, Counted]) -> None:
    values: dict[str, Any] = {"unit": unit.pk}
    cases = []
    for fee in rules.fee_bands():
        for stayed in (False, True):
            found = rules.chosen(fee, stayed, counted)
            name = f"c{len(values)}"
            values[name] = found.chance if found else None
            cases.append(f"WHEN {{fee}} = '{fee}' AND {{stayed}} = {int(stayed)} THEN %({name})s")
    chance = f"CAST(CASE {' '.join(cases)} END AS smallint)"
    with connection.cursor() as cursor:
        cursor.execute(_texts(_WRITE, chance=chance).replace("{fee}", _fee()), values)


# --- For the reasons of a row ---


def alike(warnings: Collection[ExpiryWarning], units: Collection[int]) -> dict[int, int]:
    """Warning -> how many people its chance was counted from; of rows with subscriber and list read, in two queries.

    Only those whose chance still is what their band says.
    """
    bands: dict[int, dict[str, Counted]] = {unit: {} for unit in units}
    for unit, name, expiring, renewed in Chance.objects.filter(unit__in=units).values_list(
        "unit", "band", "expiring", "renewed"
    ):
        bands[unit][name] = Counted(expiring, renewed)
    past = PastContract.objects.filter(subscriber__in=[row.subscriber_id for row in warnings])
    ended = dict(past.order_by("-expires_on").values_list("subscriber", "expires_on"))  # the earliest stays
    found: dict[int, int] = {}
    for row in warnings:
        chance = rules.chosen(
            rules.fee_band(_decimal(row.subscriber.monthly_fee)),
            _stayed(row, ended.get(row.subscriber_id)),
            bands.get(row.warning_list.grid.unit_id, {}),
        )
        if chance and chance.chance == row.chance:
            found[row.pk] = chance.expiring
    return found


def _decimal(fee: Any) -> Decimal | None:
    return None if fee is None else Decimal(fee)


def _stayed(row: ExpiryWarning, ended: date | None) -> bool:
    long_ago = row.expires_on - timedelta(days=rules.STAYED_DAYS)
    joined = row.subscriber.started_on
    return bool((joined and joined <= long_ago) or (ended and ended < row.expires_on))
