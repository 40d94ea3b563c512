-- The hits of a day by one dimension of their visit, and whom they are of: part of what its seal
-- keeps.
-- Grain: value of the dimension.
-- Columns: value and those of day_rows that are of hits, in their order.
-- The visit may have begun before the day, from visits_since_s on; hits of others are left out.
SELECT
    CAST({column} AS String) AS value,
    uniqExactIf(visitor_id, NOT is_shared) AS lone_visitors,
    lone_visitors AS lone_visitors_last,
    groupUniqArrayIf(visitor_id, is_shared) AS visitor_ids,
    uniqExactIf(session_id, NOT is_shared) AS lone_sessions,
    groupUniqArrayIf(session_id, is_shared) AS session_ids,
    sum(pageview_count) AS pageviews,
    sum(event_count) AS events
FROM
(
    SELECT
        session_id,
        visitor_id,
        visitor_id IN ({shared}) AS is_shared,
        sum(if(name = 'pageview', hit_count, 0)) AS pageview_count,
        sum(hit_count) AS event_count
    FROM hit_rows FINAL
    ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id, session_hits AS hit_count
    PREWHERE name != 'engagement'
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
    GROUP BY session_id, visitor_id
) AS seen
ANY INNER JOIN
(
    SELECT session_id, {column}
    FROM visit_rows FINAL
    ARRAY JOIN {visit_arrays}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(visits_since_s)s)
        AND minute < toDateTime(%(end_s)s)
) AS visited
USING session_id
GROUP BY value
