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
    pageviews AS pageview_count,
    events AS event_count
FROM
(
    SELECT
        session_id,
        visitor_id,
        step,
        sum(pageview_count) AS pageviews,
        sum(event_count) AS events
    FROM
    (
{hits}
    )
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
