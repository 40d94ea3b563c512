-- Numbers of hits together with what only their visit knows, or of visits by what only their hits
-- know: hits and visits linked by session id.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for; duration_total_s in seconds.
-- Inside: one row for each of the keys that hits have and each visit with a hit of theirs in the
-- period. The visit may have begun before it, from visits_since_s on, and after it, as a hit that
-- comes late joins the visit it comes before.
-- Rows are filtered before FINAL by what all versions of a row share (conditions.py: filters_sql).
SELECT {keys}{measures}
FROM
(
    SELECT {hit_keys}{hit_measures}session_id
    FROM hit_rows FINAL
    ARRAY JOIN {hit_arrays}
    {hit_rows_filters}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
        {hit_filters}
    GROUP BY {hit_aliases}session_id
) AS seen
ALL INNER JOIN
(
    SELECT
        {visit_keys}session_id,
        bounced,
        session_duration_s,
        views
    FROM visit_rows FINAL
    ARRAY JOIN {visit_arrays}
    {visit_rows_filters}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(visits_since_s)s)
        AND minute < toDateTime(%(visits_until_s)s)
        {visit_filters}
) AS visited
USING session_id
{group_by}
