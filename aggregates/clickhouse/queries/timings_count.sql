-- What pages reported about their loading, from the hit rows alone.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; for each timing asked for how many reported it (lcp_reports) and the
-- percentile asked for (lcp_value): of n values in order, the one with floor(p n) before it.
-- Reports of engagement count: browsers send most timings with them.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM hit_rows FINAL
ARRAY JOIN
    timing_names AS timing_name,
    timing_values AS timing_value
{hit_rows_filters}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    {hit_filters}
{group_by}
