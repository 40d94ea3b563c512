-- Numbers of the visits that began in the period, visit by visit: for what each has of its own.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for (visit_count, bounce_count, view_count) and
-- duration_total_s in seconds.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM visit_rows FINAL
ARRAY JOIN {visit_arrays}
{visit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    {visit_filters}
{group_by}
