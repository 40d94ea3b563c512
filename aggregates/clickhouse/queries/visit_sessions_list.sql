-- The sessions of visits for which a condition holds, those that began before the period included.
-- Grain: session.
-- Columns: session_id.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT session_id
FROM visit_rows FINAL
ARRAY JOIN {visit_arrays}
{visit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(visits_since_s)s)
    AND minute < toDateTime(%(end_s)s)
    {visit_filters}
