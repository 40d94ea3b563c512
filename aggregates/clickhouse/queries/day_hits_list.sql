-- The hits of a day by one dimension: what day_values_list and day_sessions_list count, and
-- day_linked_list links with their visits.
-- Grain: row of hit_rows, session.
-- Columns: value, session_id, visitor_id, step (quarters of an hour since midnight), pageview_count,
-- event_count.
SELECT
    CAST({column} AS String) AS value,
    session_id,
    visitor_id,
    {step} AS step,
    if(name = 'pageview', hit_count, 0) AS pageview_count,
    hit_count AS event_count
FROM hit_rows FINAL
ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id, session_hits AS hit_count
PREWHERE name != 'engagement'
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
