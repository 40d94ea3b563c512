-- The sessions with a hit in the period for which a condition holds.
-- Grain: session (repeated).
-- Columns: session_id.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT session_id
FROM hit_rows FINAL
ARRAY JOIN {hit_arrays}
{hit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    {hit_filters}
