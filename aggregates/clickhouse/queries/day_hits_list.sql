-- The hits of a day by one dimension, and whom they are of: part of what its seal keeps.
-- Grain: value of the dimension.
-- Columns: value and those of day_rows that are of hits, in their order.
SELECT
    value,
    uniqExactIf(visitor_id, NOT is_shared) AS lone_visitors,
    lone_visitors AS lone_visitors_last,
    groupUniqArrayIf(visitor_id, is_shared) AS visitor_ids,
    uniqExactIf(session_id, NOT is_shared) AS lone_sessions,
    groupUniqArrayIf(session_id, is_shared) AS session_ids,
    sum(if(name = 'pageview', hit_count, 0)) AS pageviews,
    sum(hit_count) AS events
FROM
(
    SELECT
        CAST({column} AS String) AS value,
        name,
        session_id,
        visitor_id,
        hit_count,
        visitor_id IN ({shared}) AS is_shared
    FROM hit_rows FINAL
    ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id, session_hits AS hit_count
    PREWHERE name != 'engagement'
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
)
GROUP BY value
