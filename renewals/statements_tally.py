# ruff: noqa: S608 - the texts are put together from constants of this module; values are always bound
"""The SQL that counts lists. ``{lists}`` and ``{agents}`` hold places for bound ids; due, today, zone are bound, too.

A contact counts when no later one corrects it and it is no correction that only takes one back. One text for both
databases, but for the day of a moment, which each has its own way to tell.
"""

LOCAL_DAY = {
    "sqlite": "django_datetime_cast_date(c.at, %(zone)s, 'UTC')",
    "postgresql": "(c.at AT TIME ZONE %(zone)s)::date",
}

IN_FORCE = "c.outcome <> 'void' AND NOT EXISTS (SELECT 1 FROM renewals_contact d WHERE d.corrects_id = c.id)"
OPEN = "('listed', 'assigned', 'contacted', 'second_visit', 'unreachable')"

FORGET = "DELETE FROM renewals_tally WHERE warning_list_id IN ({lists}){agents}"
FORGET_DAYS = "DELETE FROM renewals_daytally WHERE warning_list_id IN ({lists})"
FORGET_LOSSES = "DELETE FROM renewals_losstally WHERE warning_list_id IN ({lists}){agents}"

# A warning owes a visit from its first failed call on; it is made by a visit at that time or later.
COUNT = f"""
    WITH visited AS (
        SELECT w.id, MIN(CASE WHEN c.medium = 'call' AND c.outcome IN ('refused', 'no_answer', 'wrong_number')
                              THEN c.at END) AS owed_at,
               MAX(CASE WHEN c.medium = 'visit' THEN c.at END) AS made_at
        FROM renewals_expirywarning w JOIN renewals_contact c ON c.warning_id = w.id
        WHERE w.warning_list_id IN ({{lists}}){{agents}} AND {IN_FORCE}
        GROUP BY w.id
    )
    INSERT INTO renewals_tally
        (warning_list_id, project_id, agent_id, staff_id, expiring, due, due_contacted, contacted,
         expired, expired_renewed, expired_open, renewed, confirmed, won_back, lost, unreachable,
         promised, overdue, visits_owed, visits_made, fees)
    SELECT w.warning_list_id, s.project_id, w.agent_id, w.staff_id, COUNT(*),
           COUNT(CASE WHEN w.expires_on <= %(due)s THEN 1 END),
           COUNT(CASE WHEN w.expires_on <= %(due)s AND w.contacts_made > 0 THEN 1 END),
           COUNT(CASE WHEN w.contacts_made > 0 THEN 1 END),
           COUNT(CASE WHEN w.expires_on < %(today)s THEN 1 END),
           COUNT(CASE WHEN w.expires_on < %(today)s AND w.state = 'renewed' THEN 1 END),
           COUNT(CASE WHEN w.expires_on < %(today)s AND w.state IN {OPEN} THEN 1 END),
           COUNT(CASE WHEN w.state = 'renewed' THEN 1 END),
           COUNT(CASE WHEN w.state = 'renewed' AND w.confirmed_on IS NOT NULL THEN 1 END),
           COUNT(CASE WHEN w.state = 'renewed' AND w.renewed_on > w.expires_on THEN 1 END),
           COUNT(CASE WHEN w.state = 'lost' THEN 1 END),
           COUNT(CASE WHEN w.state = 'unreachable' THEN 1 END),
           COUNT(CASE WHEN w.state IN {OPEN} AND w.promised_on IS NOT NULL THEN 1 END),
           COUNT(CASE WHEN w.state IN {OPEN} AND w.next_on < %(today)s THEN 1 END),
           COUNT(v.owed_at),
           COUNT(CASE WHEN v.made_at >= v.owed_at THEN 1 END),
           COALESCE(SUM(CASE WHEN w.state IN {OPEN} THEN s.monthly_fee END), 0)
    FROM renewals_expirywarning w
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    LEFT JOIN visited v ON v.id = w.id
    WHERE w.warning_list_id IN ({{lists}}){{agents}} AND w.state <> 'withdrawn'
    GROUP BY w.warning_list_id, s.project_id, w.agent_id, w.staff_id
"""

COUNT_LOSSES = """
    INSERT INTO renewals_losstally (warning_list_id, agent_id, loss, lost)
    SELECT w.warning_list_id, w.agent_id, w.loss, COUNT(*)
    FROM renewals_expirywarning w
    WHERE w.warning_list_id IN ({lists}){agents} AND w.state = 'lost'
    GROUP BY w.warning_list_id, w.agent_id, w.loss
"""

# What was done on a day counts for the day also where the warning was withdrawn later; a first contact does not.
COUNT_DAYS = f"""
    INSERT INTO renewals_daytally (warning_list_id, day, expiring, renewed, lost, contacted, calls, visits)
    SELECT warning_list_id, day, SUM(expiring), SUM(renewed), SUM(lost), SUM(contacted), SUM(calls), SUM(visits)
    FROM (
        SELECT warning_list_id, expires_on AS day, COUNT(*) AS expiring,
               0 AS renewed, 0 AS lost, 0 AS contacted, 0 AS calls, 0 AS visits
        FROM renewals_expirywarning
        WHERE warning_list_id IN ({{lists}}) AND state <> 'withdrawn' GROUP BY warning_list_id, expires_on
        UNION ALL
        SELECT warning_list_id, CASE WHEN state = 'renewed' THEN renewed_on ELSE lost_on END, 0,
               COUNT(CASE WHEN state = 'renewed' THEN 1 END), COUNT(CASE WHEN state = 'lost' THEN 1 END), 0, 0, 0
        FROM renewals_expirywarning
        WHERE warning_list_id IN ({{lists}}) AND state IN ('renewed', 'lost')
        GROUP BY warning_list_id, CASE WHEN state = 'renewed' THEN renewed_on ELSE lost_on END
        UNION ALL
        SELECT warning_list_id, day, 0, 0, 0, COUNT(CASE WHEN nth = 1 AND state <> 'withdrawn' THEN 1 END),
               COUNT(CASE WHEN medium = 'call' THEN 1 END), COUNT(CASE WHEN medium = 'visit' THEN 1 END)
        FROM (
            SELECT w.warning_list_id, w.state, c.medium, {{local_day}} AS day,
                   ROW_NUMBER() OVER (PARTITION BY w.id ORDER BY c.at, c.id) AS nth
            FROM renewals_expirywarning w JOIN renewals_contact c ON c.warning_id = w.id
            WHERE w.warning_list_id IN ({{lists}}) AND {IN_FORCE}
        ) contacts
        GROUP BY warning_list_id, day
    ) parts
    GROUP BY warning_list_id, day
"""

STAMP = "UPDATE renewals_warninglist SET tallied_on = %(today)s WHERE id IN ({lists})"
