-- Numbers of hits together with what only their visit knows, or of visits by what only their hits
-- know: hits and visits linked by session id.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for; duration_total_s in seconds.
-- Inside: one row for each of the keys that hits have and each visit with a hit of theirs in the
-- period. The visit may have begun before it, from visits_since_s on.
SELECT {keys}{measures}
FROM
(
    SELECT
        {hit_keys}session_id,
        groupUniqArray(visitor_id) AS session_visitor_ids,
        sum(if(name = 'pageview', hit_count, 0)) AS hit_pageviews,
        sum(hit_count) AS hit_events
    FROM hit_rows FINAL
    ARRAY JOIN
        session_ids AS session_id,
        visitor_ids AS visitor_id,
        session_hits AS hit_count
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
        AND name != 'engagement'
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
    ARRAY JOIN
        session_ids AS session_id,
        session_bounced AS bounced,
        session_durations_s AS session_duration_s,
        session_pageviews AS views{by_visit}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(visits_since_s)s)
        AND minute < toDateTime(%(end_s)s)
        {visit_filters}
) AS visited
USING session_id
{group_by}
