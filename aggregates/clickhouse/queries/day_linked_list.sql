-- Whom the hits of a day are of, by one dimension of their visit: part of what its seal keeps.
-- Grain: value of the dimension.
-- Columns: value, pageviews, events, lone_visitors, visitor_ids.
-- The visit may have begun before the day, from visits_since_s on; hits of others are left out.
SELECT
    CAST({column} AS String) AS value,
    sum(pageviews) AS pageviews,
    sum(events) AS events,
    uniqExactIf(visitor_id, NOT is_shared) AS lone_visitors,
    groupUniqArrayIf(visitor_id, is_shared) AS visitor_ids
FROM
(
    SELECT
        session_id,
        visitor_id,
        visitor_id IN ({shared}) AS is_shared,
        sum(if(name = 'pageview', hit_count, 0)) AS pageviews,
        sum(hit_count) AS events
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
