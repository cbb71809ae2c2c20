# ruff: noqa: S608 - the texts are put together from constants of this module; values are always bound
"""The SQL that compares the specialist's list of a month with a unit's warning lists, and keeps where they differ.

Bound: unit, month, last (day of the month), before and after (first days of the months beside it), now, seen (when this
comparison began), never (a day that nothing expires on). The same text runs on SQLite and PostgreSQL.
"""

# Their lines, by the unit of the line's project.
_THEIRS = """
    SELECT t.account, t.expires_on, t.project_id
    FROM accounts_grid g JOIN projects_project p ON p.grid_id = g.id
    JOIN renewals_specialistline t ON t.project_id = p.id AND t.month = %(month)s
    WHERE g.unit_id = %(unit)s
"""

# Our live warnings.
_OURS = """
    SELECT s.account, s.id AS subscriber_id, s.project_id, w.expires_on
    FROM accounts_grid g JOIN renewals_warninglist l ON l.grid_id = g.id AND l.month = %(month)s
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id AND w.state <> 'withdrawn'
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    WHERE g.unit_id = %(unit)s
"""

# Whom neither list nor day differ about are gone by the first join; only the rest is looked up. An account whose line
# and roster name the same day of another month is no difference: its line has slipped into the wrong month.
FOUND = f"""
    WITH theirs AS MATERIALIZED ({_THEIRS}), ours AS MATERIALIZED ({_OURS}),
    odd AS MATERIALIZED (
        SELECT t.account, t.project_id, t.expires_on AS theirs_on, o.subscriber_id AS listed, o.expires_on AS listed_on
        FROM theirs t LEFT JOIN ours o ON o.account = t.account
        WHERE o.account IS NULL OR t.expires_on <> o.expires_on
    )
    SELECT CASE WHEN odd.listed IS NULL THEN 'theirs' ELSE 'expiry' END AS kind,
        CASE WHEN odd.listed IS NOT NULL
             THEN CASE WHEN odd.theirs_on BETWEEN %(month)s AND %(last)s THEN 'same_month' ELSE 'other_month' END
             WHEN s.id IS NULL THEN 'unknown'
             WHEN g.unit_id <> %(unit)s THEN 'other_unit'
             WHEN w.withdrawn_by_id IS NOT NULL THEN 'taken_off'
             WHEN s.household = 'duplicate' THEN 'duplicate'
             WHEN s.status <> 'active' THEN 'inactive'
             WHEN s.expires_on IS NULL THEN 'no_expiry'
             WHEN s.expires_on BETWEEN %(month)s AND %(last)s THEN 'not_listed'
             ELSE 'other_month' END AS reason,
        odd.account, CASE WHEN g.unit_id = %(unit)s THEN s.project_id ELSE odd.project_id END AS project_id,
        CASE WHEN g.unit_id = %(unit)s THEN s.id END AS subscriber_id,
        CASE WHEN odd.listed IS NOT NULL THEN odd.listed_on
             WHEN g.unit_id = %(unit)s THEN s.expires_on END AS ours_on,
        odd.theirs_on
    FROM odd LEFT JOIN renewals_subscriber s ON s.account = odd.account
    LEFT JOIN projects_project p ON p.id = s.project_id LEFT JOIN accounts_grid g ON g.id = p.grid_id
    LEFT JOIN renewals_expirywarning w ON w.subscriber_id = s.id AND w.month = %(month)s
    WHERE odd.listed IS NOT NULL OR s.id IS NULL OR NOT COALESCE(
        g.unit_id = %(unit)s AND s.status = 'active' AND s.household <> 'duplicate' AND s.expires_on = odd.theirs_on
        AND s.expires_on NOT BETWEEN %(month)s AND %(last)s, FALSE)
    UNION ALL
    SELECT 'ours',
        CASE WHEN EXISTS (SELECT 1 FROM renewals_specialistline x
                          WHERE x.month = %(month)s AND x.account = o.account) THEN 'elsewhere'
             WHEN EXISTS (SELECT 1 FROM renewals_specialistline x
                          WHERE x.month IN (%(before)s, %(after)s) AND x.account = o.account) THEN 'other_list'
             ELSE 'missing' END,
        o.account, o.project_id, o.subscriber_id, o.expires_on, NULL
    FROM ours o LEFT JOIN theirs t ON t.account = o.account WHERE t.account IS NULL
"""

_SAME_DAYS = """renewals_difference.kind = excluded.kind
    AND COALESCE(renewals_difference.ours_on, %(never)s) = COALESCE(excluded.ours_on, %(never)s)
    AND COALESCE(renewals_difference.theirs_on, %(never)s) = COALESCE(excluded.theirs_on, %(never)s)"""
# One that was settled the specialist's way and is there again: something has undone what the decision had done.
_STAYS = f"""({_SAME_DAYS}
    AND NOT (renewals_difference.decision = 'theirs' AND renewals_difference.settled_at IS NOT NULL))"""

KEEP = f"""
    INSERT INTO renewals_difference
        (unit_id, month, kind, reason, account, project_id, subscriber_id, ours_on, theirs_on, found_at, seen_at)
    SELECT %(unit)s, %(month)s, f.kind, f.reason, f.account, f.project_id, f.subscriber_id, f.ours_on, f.theirs_on,
           %(now)s, %(seen)s
    FROM ({FOUND}) f WHERE TRUE
    ON CONFLICT (unit_id, month, account) DO UPDATE SET
        kind = excluded.kind, reason = excluded.reason, project_id = excluded.project_id,
        subscriber_id = excluded.subscriber_id, ours_on = excluded.ours_on, theirs_on = excluded.theirs_on,
        seen_at = excluded.seen_at, settled_at = NULL,
        found_at = CASE WHEN {_STAYS} THEN renewals_difference.found_at ELSE excluded.found_at END,
        earlier = CASE WHEN {_STAYS} OR renewals_difference.decision = '' THEN renewals_difference.earlier
                       ELSE renewals_difference.decision END,
        effect = CASE WHEN {_STAYS} THEN renewals_difference.effect END,
        decision = CASE WHEN {_STAYS} THEN renewals_difference.decision ELSE '' END
"""

# What this comparison did not find again.
DROP = """
    DELETE FROM renewals_difference
    WHERE unit_id = %(unit)s AND month = %(month)s AND decision = '' AND seen_at <> %(seen)s
"""
SETTLE = """
    UPDATE renewals_difference SET settled_at = %(now)s
    WHERE unit_id = %(unit)s AND month = %(month)s AND decision <> '' AND seen_at <> %(seen)s AND settled_at IS NULL
"""

# Without their list, or without ours, there is nothing to compare.
ANY_LINE = """
    SELECT 1 FROM accounts_grid g JOIN projects_project p ON p.grid_id = g.id
    JOIN renewals_specialistline t ON t.project_id = p.id AND t.month = %(month)s
    WHERE g.unit_id = %(unit)s LIMIT 1
"""
