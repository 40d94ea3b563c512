-- Numbers of the visits that began in the period, from the visit rows alone.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for (visit_count, bounce_count, view_count) and
-- duration_total_s in seconds.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM visit_rows FINAL
{visit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND visits > 0
    {visit_filters}
{group_by}
