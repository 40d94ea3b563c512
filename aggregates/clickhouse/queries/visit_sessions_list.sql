-- The sessions of visits for which a condition holds and that may have a hit in the period: they may
-- have begun before it, and after it where a hit of before came late.
-- Grain: session.
-- Columns: session_id.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT session_id
FROM visit_rows FINAL
ARRAY JOIN {visit_arrays}
{visit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(visits_since_s)s)
    AND minute < toDateTime(%(visits_until_s)s)
    {visit_filters}
