# ruff: noqa: S608 - the texts are put together from constants of this module; values are always bound
"""The SQL by which the roster closes warnings and takes that back (N4, O6), and by which old ones lapse.

Bound are lists (ids, as ``lists_value`` gives them), today, now, call_first as for the lists, and shortest, the days
by which an expiry has to move for a renewal. Texts are one for SQLite and PostgreSQL but for what ``DIALECT`` holds.
``STATES`` says which states each statement leads from and to.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from renewals.choices import OPEN, State
from renewals.statements import NEXT_STEP, next_on

_OPEN = ", ".join(f"'{state}'" for state in OPEN)

DIALECT: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "{lists}": "SELECT value FROM json_each(%(lists)s)",
        "{first_call}": "date(w.expires_on, '-' || %(call_first)s || ' days')",
        "{days_later}": "julianday(s.expires_on) - julianday(w.expires_on)",
    },
    "postgresql": {
        "{lists}": "SELECT unnest(CAST(%(lists)s AS bigint[]))",
        "{first_call}": "w.expires_on - CAST(%(call_first)s AS integer)",
        "{days_later}": "s.expires_on - w.expires_on",
    },
}

# The contract runs for at least ``shortest`` days more than the one that expires.
_LATER = "(s.expires_on > w.expires_on AND {days_later} >= %(shortest)s)"

# One renewal counts once: for the last list before it.
_SHOWS_RENEWED = f"""(
    w.state <> 'withdrawn' AND w.confirmed_on IS NULL AND s.status <> 'closed' AND {_LATER} AND NOT EXISTS (
        SELECT 1 FROM renewals_expirywarning n
        WHERE n.subscriber_id = w.subscriber_id AND n.month > w.month AND n.state <> 'withdrawn'
          AND n.expires_on < s.expires_on
    )
)"""
_NO_MORE_RENEWED = (
    f"(w.state = 'renewed' AND w.confirmed_on IS NOT NULL AND s.expires_on < w.renewed_until AND NOT {_LATER})"
)
_SHOWS_CLOSED = f"(w.state IN ({_OPEN}) AND s.status = 'closed' AND s.household <> 'duplicate')"
_NO_MORE_CLOSED = "(w.state = 'lost' AND w.resume <> '' AND s.status <> 'closed')"
_ANY = f"({_SHOWS_RENEWED} OR {_NO_MORE_RENEWED} OR {_SHOWS_CLOSED} OR {_NO_MORE_CLOSED})"
_ANY_UNIT = _ANY.replace(_NO_MORE_RENEWED, _NO_MORE_RENEWED.replace("%(shortest)s", "%(longest)s"))

# Lists on which the roster changes something.
FIND = f"""
    SELECT DISTINCT l.id
    FROM accounts_grid g
    JOIN renewals_warninglist l ON l.grid_id = g.id AND l.month >= %(since)s
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    WHERE g.unit_id = %(unit)s AND {_ANY}
"""

# The same for the rows that an import has changed, or changed back: lists with their units. Each has its own rules:
# bound are the shortest of the terms that make a renewal, and the longest, below which one may be none any more.
FIND_OF_IMPORT = f"""
    SELECT DISTINCT l.id, g.unit_id
    FROM workbooks_row r
    JOIN renewals_expirywarning w ON w.subscriber_id = r.object_id
    JOIN renewals_warninglist l ON l.id = w.warning_list_id AND l.month >= %(since)s
    JOIN accounts_grid g ON g.id = l.grid_id
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    WHERE r.batch_id = %(batch)s AND r.state = 'changed' AND {_ANY_UNIT}
"""

_OF_LISTS = "FROM renewals_subscriber s WHERE s.id = w.subscriber_id AND w.warning_list_id IN ({lists})"

CLOSE_RENEWED = f"""
    UPDATE renewals_expirywarning AS w
    SET resume = w.state, state = 'renewed', renewed_on = COALESCE(
            CASE WHEN w.state = 'renewed' THEN w.renewed_on END, %(today)s),
        confirmed_on = %(today)s, renewed_until = s.expires_on, next_step = '', next_on = NULL
    {_OF_LISTS} AND {_SHOWS_RENEWED}
"""

# What it goes back to; who follows it may have changed meanwhile.
_RESUMED = """CASE
    WHEN w.resume IN ('listed', 'assigned') THEN CASE WHEN w.agent_id IS NULL THEN 'listed' ELSE 'assigned' END
    WHEN w.resume = '' THEN w.state ELSE w.resume END"""
_NEXT = f"""
    next_step = CASE WHEN w.resume = '' THEN w.next_step ELSE {NEXT_STEP} END,
    next_on = CASE WHEN w.resume = '' THEN w.next_on ELSE {next_on("w.expires_on", "{first_call}")} END"""

TAKE_BACK_RENEWED = f"""
    UPDATE renewals_expirywarning AS w
    SET state = {_RESUMED}, resume = '', confirmed_on = NULL, renewed_until = NULL,
        renewed_on = CASE WHEN w.resume IN ('', 'renewed') THEN w.renewed_on END,
        loss = CASE WHEN w.resume = 'lost' AND w.loss = '' THEN 'other' ELSE w.loss END,
        lost_on = CASE WHEN w.resume = 'lost' THEN COALESCE(w.lost_on, %(today)s) ELSE w.lost_on END, {_NEXT}
    {_OF_LISTS} AND {_NO_MORE_RENEWED}
"""

LOSE_CLOSED = f"""
    UPDATE renewals_expirywarning AS w
    SET resume = w.state, state = 'lost', loss = 'other', lost_on = %(today)s, next_step = '', next_on = NULL
    {_OF_LISTS} AND {_SHOWS_CLOSED}
"""

TAKE_BACK_CLOSED = f"""
    UPDATE renewals_expirywarning AS w
    SET state = {_RESUMED}, resume = '', loss = '', lost_on = NULL, {_NEXT}
    {_OF_LISTS} AND {_NO_MORE_CLOSED}
"""

#: in this order: what no longer holds goes first
FOLLOW = (TAKE_BACK_RENEWED, TAKE_BACK_CLOSED, CLOSE_RENEWED, LOSE_CLOSED)

# Lists with open ones that are beyond the win-back window.
FIND_LAPSED = f"""
    SELECT DISTINCT l.id FROM accounts_grid g
    JOIN renewals_warninglist l ON l.grid_id = g.id AND l.month <= %(before)s
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id
    WHERE g.unit_id = %(unit)s AND w.state IN ({_OPEN}) AND w.expires_on < %(before)s
"""
LAPSE = f"""
    UPDATE renewals_expirywarning
    SET state = 'lost', loss = 'lapsed', lost_on = %(today)s, resume = '', next_step = '', next_on = NULL
    WHERE warning_list_id IN ({{lists}}) AND state IN ({_OPEN}) AND expires_on < %(before)s
"""

# A warning that is closed owes no visit; one that goes on where a visit was due owes it again.
SETTLE_VISITS = """
    UPDATE renewals_secondvisit SET settled_at = %(now)s
    WHERE settled_at IS NULL AND warning_id IN (
        SELECT w.id FROM renewals_expirywarning w
        WHERE w.warning_list_id IN ({lists}) AND w.state IN ('renewed', 'lost', 'withdrawn')
    )
"""
REOPEN_VISITS = """
    UPDATE renewals_secondvisit SET settled_at = NULL
    WHERE settled_by_id IS NULL AND id IN (
        SELECT MAX(CASE WHEN v.settled_by_id IS NULL THEN v.id END)
        FROM renewals_secondvisit v JOIN renewals_expirywarning w ON w.id = v.warning_id
        WHERE w.warning_list_id IN ({lists}) AND w.state = 'second_visit'
        GROUP BY v.warning_id HAVING COUNT(*) = COUNT(v.settled_at)
    )
"""

#: statement -> (the states it leads from, the states it leads to)
STATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "CLOSE_RENEWED": ((*OPEN, State.LOST, State.RENEWED), (State.RENEWED,)),
    "TAKE_BACK_RENEWED": ((State.RENEWED,), (*OPEN, State.LOST, State.RENEWED)),
    "LOSE_CLOSED": (OPEN, (State.LOST,)),
    "TAKE_BACK_CLOSED": ((State.LOST,), OPEN),
    "LAPSE": (OPEN, (State.LOST,)),
}


def in_dialect(statement: str, vendor: str) -> str:
    """``statement`` as the database of ``vendor`` takes it."""
    for name, text in DIALECT[vendor].items():
        statement = statement.replace(name, text)
    return statement


def lists_value(ids: Collection[int], vendor: str) -> str | list[int]:
    """Ids of lists as the parameter ``lists``."""
    return json.dumps(list(ids)) if vendor == "sqlite" else list(ids)
