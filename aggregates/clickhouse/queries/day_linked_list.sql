-- The hits of a day by one dimension of their visit: what day_values_list counts.
-- Grain: session, visitor, step.
-- Columns: value, session_id, visitor_id, step (quarters of an hour since midnight), pageview_count,
-- event_count.
-- The visit may have begun before the day, from visits_since_s on; hits of others are left out.
SELECT
    CAST({column} AS String) AS value,
    session_id,
    visitor_id,
    step,
    pageview_count,
    event_count
FROM
(
    SELECT
        session_id,
        visitor_id,
        {step} AS step,
        sum(if(name = 'pageview', hit_count, 0)) AS pageview_count,
        sum(hit_count) AS event_count
    FROM hit_rows FINAL
    ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id, session_hits AS hit_count
    PREWHERE name != 'engagement'
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
    GROUP BY session_id, visitor_id, step
) AS hit
ALL INNER JOIN
(
    SELECT session_id, {column}
    FROM visit_rows FINAL
    ARRAY JOIN {visit_arrays}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(visits_since_s)s)
        AND minute < toDateTime(%(end_s)s)
) AS visited
USING session_id
