-- When the visitors of a day were first and last seen on it: part of what its seal keeps.
-- Grain: first and last minute.
-- Columns: first_s, last_s (epoch seconds), lone_visitors, visitor_ids (of those shared).
SELECT
    toUnixTimestamp(first_minute) AS first_s,
    toUnixTimestamp(last_minute) AS last_s,
    sum(if(is_shared, 0, 1)) AS lone_visitors,
    groupArrayIf(visitor_id, is_shared) AS visitor_ids
FROM
(
    SELECT
        visitor_id,
        min(minute) AS first_minute,
        max(minute) AS last_minute,
        visitor_id IN ({shared}) AS is_shared
    FROM hit_rows FINAL
    ARRAY JOIN visitor_ids AS visitor_id
    PREWHERE name != 'engagement'
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
    GROUP BY visitor_id
)
GROUP BY first_minute, last_minute
