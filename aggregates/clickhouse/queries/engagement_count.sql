-- What visits reported of their reading, from the reports of engagement among the hit rows.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for: reporting_visits, depth_total (percent of the page, the
-- deepest of each visit), engaged_total_ms.
-- Inside: one row for each of the keys and each visit.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM
(
    SELECT
        {hit_keys}session_id,
        max(scroll_depth) AS deepest,
        sum(engaged_ms) AS visit_engaged_ms
    FROM hit_rows FINAL
    ARRAY JOIN {hit_arrays}
    {hit_rows_filters}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
        {hit_filters}
    GROUP BY {hit_aliases}session_id
)
{group_by}
