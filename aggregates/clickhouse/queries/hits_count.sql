-- Numbers of hits, from the hit rows alone.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for (visitor_count, pageview_count, event_count, visit_count).
-- Reports of engagement are no hits.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM hit_rows FINAL
{hit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    {hit_filters}
{group_by}
