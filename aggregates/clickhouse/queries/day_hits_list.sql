-- Whom the hits of a day are of, by one dimension: part of what its seal keeps.
-- Grain: value of the dimension.
-- Columns: value, lone_visitors, visitor_ids, lone_sessions, session_ids.
SELECT
    CAST({column} AS String) AS value,
    uniqExactIf(visitor_id, NOT is_shared) AS lone_visitors,
    groupUniqArrayIf(visitor_id, is_shared) AS visitor_ids,
    uniqExactIf(session_id, NOT is_shared) AS lone_sessions,
    groupUniqArrayIf(session_id, is_shared) AS session_ids
FROM
(
    SELECT {column}, session_id, visitor_id, visitor_id IN ({shared}) AS is_shared
    FROM hit_rows FINAL
    ARRAY JOIN session_ids AS session_id, visitor_ids AS visitor_id
    PREWHERE name != 'engagement'
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
)
GROUP BY value
