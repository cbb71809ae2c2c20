# ruff: noqa: S608 - the texts are put together from constants of this module; values are always bound
"""The SQL of the warning lists.

``{grids}`` is a subquery of grid ids; the rest is bound: month, last, today, now, and call_first, the days before
expiry on which the first call is due. The texts are one for SQLite and PostgreSQL but for what ``DIALECT`` holds. Every
statement reaches subscribers through (project, expires_on). ``STATES`` says which states they lead from and to.
"""

from __future__ import annotations

from collections.abc import Mapping

from renewals.choices import OPEN, State

_OPEN = ", ".join(f"'{state}'" for state in OPEN)

# Days are counted differently.
DIALECT: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "{first_call}": "date(e.expires_on, '-' || %(call_first)s || ' days')",
        "{moved_along}": "date(w.next_on, CAST(julianday(e.expires_on) - julianday(w.expires_on) AS integer)"
        " || ' days')",
    },
    "postgresql": {
        "{first_call}": "e.expires_on - CAST(%(call_first)s AS integer)",
        "{moved_along}": "w.next_on + (e.expires_on - w.expires_on)",
    },
}

# Who is put on a list: active, the contract expires in the month, and not a double of another record.
_DUE = "s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active' AND s.household <> 'duplicate'"
# Who stays on it: suspended, too. Whose contract runs out is often suspended before anybody has won them back.
_STAYS = (
    "s.expires_on BETWEEN %(month)s AND %(last)s AND s.status IN ('active', 'suspended') AND s.household <> 'duplicate'"
)

# Who is due, with the list they belong on.
EXPIRING = f"""
    SELECT s.id AS subscriber_id, s.expires_on, l.id AS warning_list_id
    FROM projects_project p
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    JOIN renewals_subscriber s ON s.project_id = p.id AND {_DUE}
    WHERE p.grid_id IN ({{grids}})
"""

# The same with who owns the project today. Where two ownerships touch on a day, the later one holds.
OWNED = f"""
    WITH owned AS MATERIALIZED (
        SELECT id, grid_id, (
            SELECT o.agent_id FROM channels_ownership o
            WHERE o.project_id = projects_project.id AND o.starts_on <= %(today)s
              AND (o.ends_on IS NULL OR o.ends_on >= %(today)s)
            ORDER BY o.starts_on DESC, o.id DESC LIMIT 1
        ) AS agent_id
        FROM projects_project WHERE grid_id IN ({{grids}})
    )
    SELECT s.id AS subscriber_id, s.expires_on, l.id AS warning_list_id, p.agent_id,
           CASE WHEN p.agent_id IS NULL THEN 'listed' ELSE 'assigned' END AS state
    FROM owned p
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    JOIN renewals_subscriber s ON s.project_id = p.id AND {_DUE}
"""

LISTS = "SELECT id FROM renewals_warninglist WHERE month = %(month)s AND grid_id IN ({grids})"

MAKE_LISTS = """
    INSERT INTO renewals_warninglist (grid_id, month, made_at, refreshed_at)
    SELECT g.id, %(month)s, %(now)s, %(now)s FROM accounts_grid g WHERE g.id IN ({grids})
    ON CONFLICT (grid_id, month) DO NOTHING
"""

_INSERT = f"""
    INSERT INTO renewals_expirywarning
        (warning_list_id, month, subscriber_id, agent_id, expires_on, state, listed_at, next_step, next_on)
    SELECT e.warning_list_id, %(month)s, e.subscriber_id, e.agent_id, e.expires_on, e.state, %(now)s, 'call',
           {{first_call}}
    FROM ({OWNED}) e
"""

# Into lists that are still empty: quick; the database refuses it when somebody is on another unit's list already.
ADD_ALL = _INSERT

ADD_NEWCOMERS = (
    _INSERT
    + """WHERE NOT EXISTS (
        SELECT 1 FROM renewals_expirywarning w WHERE w.subscriber_id = e.subscriber_id AND w.month = %(month)s
    )"""
)

ANY_HELD = f"SELECT 1 FROM renewals_expirywarning WHERE warning_list_id IN ({LISTS}) LIMIT 1"

# Lists of other units from which somebody moves onto one of these.
LEFT_BEHIND = f"""
    SELECT DISTINCT w.warning_list_id FROM ({EXPIRING}) e
    JOIN renewals_expirywarning w ON w.subscriber_id = e.subscriber_id AND w.month = %(month)s
    WHERE w.warning_list_id <> e.warning_list_id
"""

# --- are the lists right? ---

# Whoever was taken off by hand stands where they belong, too.
_HELD = "(w.state <> 'withdrawn' OR w.withdrawn_by_id IS NOT NULL)"

# How many are due, read from two indexes alone.
COUNT_EXPIRING = """
    SELECT COUNT(*) - (
        SELECT COUNT(*) FROM projects_project p JOIN renewals_subscriber s ON s.project_id = p.id
         AND s.expires_on BETWEEN %(month)s AND %(last)s
         AND (s.status IN ('suspended', 'closed') OR s.household = 'duplicate')
        WHERE p.grid_id IN ({grids})
    )
    FROM projects_project p JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s
    WHERE p.grid_id IN ({grids})
"""

_IN_PLACE = f"({_DUE} AND s.expires_on = w.expires_on AND p.grid_id = l.grid_id AND {_HELD})"

# Those that stand in the right list with the right day; any open one that should not be here makes it far too many.
COUNT_LISTED = f"""
    SELECT COALESCE(SUM(CASE
        WHEN {_IN_PLACE} THEN 1
        WHEN w.state IN ({_OPEN}) AND NOT COALESCE({_STAYS} AND s.status = 'suspended', FALSE) THEN 1000000000
        ELSE 0 END), 0)
    FROM renewals_warninglist l
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    JOIN projects_project p ON p.id = s.project_id
    WHERE l.id IN ({LISTS})
"""

# The same numbers by hashing a unit's warnings: how many are due, how many of them stand in the right list with the
# right day, and these with the open ones that should not be here.
COUNT_MATCHED = f"""
    SELECT COUNT(*), COUNT(w.subscriber_id), COUNT(w.subscriber_id) - COUNT(CASE WHEN w.state IN ({_OPEN}) THEN 1 END)
        + (SELECT COUNT(*) FROM renewals_expirywarning WHERE warning_list_id IN ({LISTS}) AND state IN ({_OPEN}))
        - (SELECT COUNT(*) FROM projects_project p
           JOIN renewals_subscriber s ON s.project_id = p.id AND {_STAYS} AND s.status = 'suspended'
            AND (s.status IN ('suspended', 'closed') OR s.household = 'duplicate')
           JOIN renewals_expirywarning w ON w.subscriber_id = s.id AND w.month = %(month)s
           WHERE p.grid_id IN ({{grids}}) AND w.warning_list_id IN ({LISTS}) AND w.state IN ({_OPEN}))
    FROM ({EXPIRING}) e
    LEFT JOIN (
        SELECT warning_list_id, expires_on, subscriber_id, state FROM renewals_expirywarning
        WHERE warning_list_id IN ({LISTS}) AND state <> 'withdrawn'
        UNION ALL
        SELECT warning_list_id, expires_on, subscriber_id, state FROM renewals_expirywarning
        WHERE warning_list_id IN ({LISTS}) AND state = 'withdrawn' AND withdrawn_by_id IS NOT NULL
    ) w ON w.warning_list_id = e.warning_list_id AND w.expires_on = e.expires_on
       AND w.subscriber_id = e.subscriber_id
"""

# Numbers that are all equal when, and only when, the lists hold exactly those who are due: nobody has two warnings for
# a month. Closed ones whose contract has moved on stay and are not counted. Each database gets the numbers the way it
# is quick at.
COUNTS = {"sqlite": (COUNT_EXPIRING, COUNT_LISTED), "postgresql": (COUNT_MATCHED,)}

# --- bringing them up to date ---

WITHDRAW = f"""
    UPDATE renewals_expirywarning
    SET resume = state, state = 'withdrawn', withdrawn_at = %(now)s, next_step = '', next_on = NULL
    WHERE warning_list_id IN ({LISTS}) AND state IN ({_OPEN}) AND NOT EXISTS (
        SELECT 1 FROM renewals_subscriber s WHERE s.id = renewals_expirywarning.subscriber_id AND {_STAYS}
    )
"""

# The agent stays on the same list, unless an untouched one comes back that nobody had given to anybody by hand.
_KEEPS = """(
    w.withdrawn_by_id IS NOT NULL OR w.state IN ('renewed', 'lost') OR (
        w.warning_list_id = e.warning_list_id AND (
            w.state <> 'withdrawn' OR w.contacts_made > 0 OR EXISTS (
                SELECT 1 FROM renewals_handover h WHERE h.warning_id = w.id AND h.by_id IS NOT NULL
            )
        )
    )
)"""
_COMES_BACK = "w.state = 'withdrawn' AND w.withdrawn_by_id IS NULL"
_OUT_OF_PLACE = f"(({_COMES_BACK}) OR w.expires_on <> e.expires_on OR w.warning_list_id <> e.warning_list_id)"

# What is next for one that goes on where it stood.
NEXT_STEP = """CASE w.resume
    WHEN 'contacted' THEN 'promise' WHEN 'second_visit' THEN 'visit' WHEN 'unreachable' THEN 'number'
    WHEN 'renewed' THEN '' WHEN 'lost' THEN '' ELSE 'call' END"""


def next_on(expires_on: str, first_call: str) -> str:
    """When that is due: a promise on its day, a visit when it was due, a number at once, a call as at first."""
    return f"""CASE w.resume
        WHEN 'contacted' THEN COALESCE(w.promised_on, {expires_on})
        WHEN 'second_visit' THEN COALESCE((
            SELECT v.due_on FROM renewals_secondvisit v WHERE v.warning_id = w.id ORDER BY v.id DESC LIMIT 1
        ), {expires_on})
        WHEN 'unreachable' THEN %(today)s
        WHEN 'renewed' THEN NULL WHEN 'lost' THEN NULL ELSE {first_call} END"""


# Whose agent the next statement changes: from whom to whom.
LOG_MOVES = f"""
    INSERT INTO renewals_handover (warning_id, from_agent_id, to_agent_id, from_staff_id, at, why)
    SELECT w.id, w.agent_id, e.agent_id, w.staff_id, %(now)s, ''
    FROM ({OWNED}) e
    JOIN renewals_expirywarning w ON w.subscriber_id = e.subscriber_id AND w.month = %(month)s
    WHERE {_OUT_OF_PLACE} AND NOT {_KEEPS} AND COALESCE(w.agent_id, 0) <> COALESCE(e.agent_id, 0)
"""

# Withdrawn ones that came back, those whose day moved within the month, and those that now live in another grid. Work
# that was begun goes on where it was; a call that was to come moves along with the day.
BRING_BACK = f"""
    UPDATE renewals_expirywarning AS w
    SET expires_on = e.expires_on, warning_list_id = e.warning_list_id,
        agent_id = CASE WHEN {_KEEPS} THEN w.agent_id ELSE e.agent_id END,
        staff_id = CASE WHEN {_KEEPS} THEN w.staff_id END,
        state = CASE
            WHEN w.state NOT IN ('listed', 'assigned') AND NOT ({_COMES_BACK}) THEN w.state
            WHEN {_COMES_BACK} AND w.resume NOT IN ('', 'listed', 'assigned') THEN w.resume
            WHEN CASE WHEN {_KEEPS} THEN w.agent_id ELSE e.agent_id END IS NULL THEN 'listed'
            ELSE 'assigned' END,
        resume = CASE WHEN {_COMES_BACK} THEN '' ELSE w.resume END,
        withdrawn_at = CASE WHEN {_COMES_BACK} THEN NULL ELSE w.withdrawn_at END,
        next_step = CASE WHEN {_COMES_BACK} THEN {NEXT_STEP} ELSE w.next_step END,
        next_on = CASE
            WHEN {_COMES_BACK} THEN {next_on("e.expires_on", "{first_call}")}
            WHEN w.next_step = 'call' THEN {{moved_along}}
            ELSE w.next_on END
    FROM ({OWNED}) e
    WHERE w.subscriber_id = e.subscriber_id AND w.month = %(month)s AND {_OUT_OF_PLACE}
"""

# What fills a list has not counted it: whoever reads it first does, or the run that made it.
UNCOUNTED = f"UPDATE renewals_warninglist SET tallied_on = NULL WHERE id IN ({LISTS})"
STAMP = f"UPDATE renewals_warninglist SET refreshed_at = %(now)s WHERE id IN ({LISTS})"

#: statement -> (the states it leads from, the states it leads to)
STATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "WITHDRAW": (OPEN, (State.WITHDRAWN,)),
    "BRING_BACK": ((State.WITHDRAWN,), (*OPEN, State.LOST)),
}


def in_dialect(statement: str, vendor: str, grids: str = "") -> str:
    """``statement`` as the database of ``vendor`` takes it, for the grids that the subquery ``grids`` names."""
    for name, text in DIALECT[vendor].items():
        statement = statement.replace(name, text)
    return statement.replace("{grids}", grids)
