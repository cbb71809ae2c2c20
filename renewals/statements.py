# ruff: noqa: S608 - the texts are put together from constants of this module; values are always bound
"""The SQL of the warning lists. ``{grids}`` is a subquery of grid ids; the rest is bound: month, last, today, now.

The same text runs on SQLite and PostgreSQL. Every statement reaches subscribers through (project, expires_on).
"""

# Active subscribers whose contract expires in the month, with the list they belong on.
EXPIRING = """
    SELECT s.id AS subscriber_id, s.expires_on, l.id AS warning_list_id
    FROM projects_project p
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active'
    WHERE p.grid_id IN ({grids})
"""

# The same with who owns the project today. Where two ownerships touch on a day, the later one holds.
OWNED = """
    WITH owned AS MATERIALIZED (
        SELECT id, grid_id, (
            SELECT o.agent_id FROM channels_ownership o
            WHERE o.project_id = projects_project.id AND o.starts_on <= %(today)s
              AND (o.ends_on IS NULL OR o.ends_on >= %(today)s)
            ORDER BY o.starts_on DESC, o.id DESC LIMIT 1
        ) AS agent_id
        FROM projects_project WHERE grid_id IN ({grids})
    )
    SELECT s.id AS subscriber_id, s.expires_on, l.id AS warning_list_id, p.agent_id,
           CASE WHEN p.agent_id IS NULL THEN 'listed' ELSE 'assigned' END AS state
    FROM owned p
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active'
"""

LISTS = "SELECT id FROM renewals_warninglist WHERE month = %(month)s AND grid_id IN ({grids})"

MAKE_LISTS = """
    INSERT INTO renewals_warninglist (grid_id, month, made_at, refreshed_at)
    SELECT g.id, %(month)s, %(now)s, %(now)s FROM accounts_grid g WHERE g.id IN ({grids})
    ON CONFLICT (grid_id, month) DO NOTHING
"""

_INSERT = f"""
    INSERT INTO renewals_expirywarning
        (warning_list_id, month, subscriber_id, agent_id, expires_on, state, listed_at, withdrawn_at)
    SELECT e.warning_list_id, %(month)s, e.subscriber_id, e.agent_id, e.expires_on, e.state, %(now)s, NULL
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

# How many expire, read from two indexes alone.
COUNT_EXPIRING = """
    SELECT COUNT(*) - (
        SELECT COUNT(*) FROM projects_project p JOIN renewals_subscriber s ON s.project_id = p.id
         AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status IN ('suspended', 'closed')
        WHERE p.grid_id IN ({grids})
    )
    FROM projects_project p JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s
    WHERE p.grid_id IN ({grids})
"""

# Warnings not withdrawn, and those of them that stand in the right list with the right day.
COUNT_LISTED = f"""
    SELECT COUNT(*), COUNT(CASE
        WHEN s.status = 'active' AND s.expires_on = w.expires_on AND p.grid_id = l.grid_id THEN 1 END)
    FROM renewals_warninglist l
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    JOIN projects_project p ON p.id = s.project_id
    WHERE l.id IN ({LISTS}) AND w.state <> 'withdrawn'
"""

# The same numbers by hashing a unit's warnings: how many expire, and how many of them stand in the right list with the
# right day; how many warnings are not withdrawn.
COUNT_MATCHED = f"""
    SELECT COUNT(*), COUNT(w.subscriber_id)
    FROM ({EXPIRING}) e
    LEFT JOIN (
        SELECT warning_list_id, expires_on, subscriber_id FROM renewals_expirywarning
        WHERE warning_list_id IN ({LISTS}) AND state <> 'withdrawn'
    ) w ON w.warning_list_id = e.warning_list_id AND w.expires_on = e.expires_on
       AND w.subscriber_id = e.subscriber_id
"""
COUNT_LIVE = f"""
    SELECT COUNT(*) FROM renewals_expirywarning WHERE warning_list_id IN ({LISTS}) AND state <> 'withdrawn'
"""

# Numbers that are all equal when, and only when, the lists hold exactly those who expire: nobody has two warnings for a
# month. Each database gets them the way it is quick at.
COUNTS = {"sqlite": (COUNT_EXPIRING, COUNT_LISTED), "postgresql": (COUNT_MATCHED, COUNT_LIVE)}

WITHDRAW = f"""
    UPDATE renewals_expirywarning SET state = 'withdrawn', withdrawn_at = %(now)s
    WHERE warning_list_id IN ({LISTS}) AND state <> 'withdrawn' AND NOT EXISTS (
        SELECT 1 FROM renewals_subscriber s WHERE s.id = renewals_expirywarning.subscriber_id
          AND s.status = 'active' AND s.expires_on BETWEEN %(month)s AND %(last)s
    )
"""

# Withdrawn ones that came back, those whose day moved within the month, and those that now live in another grid.
BRING_BACK = f"""
    UPDATE renewals_expirywarning
    SET expires_on = e.expires_on, warning_list_id = e.warning_list_id, withdrawn_at = NULL,
        agent_id = CASE
            WHEN renewals_expirywarning.state = 'withdrawn'
              OR renewals_expirywarning.warning_list_id <> e.warning_list_id THEN e.agent_id
            ELSE renewals_expirywarning.agent_id END,
        state = CASE
            WHEN renewals_expirywarning.state = 'withdrawn'
              OR renewals_expirywarning.warning_list_id <> e.warning_list_id THEN e.state
            ELSE renewals_expirywarning.state END
    FROM ({OWNED}) e
    WHERE renewals_expirywarning.subscriber_id = e.subscriber_id AND renewals_expirywarning.month = %(month)s
      AND (renewals_expirywarning.state = 'withdrawn' OR renewals_expirywarning.expires_on <> e.expires_on
           OR renewals_expirywarning.warning_list_id <> e.warning_list_id)
"""

STAMP = f"UPDATE renewals_warninglist SET refreshed_at = %(now)s WHERE id IN ({LISTS})"
