-- Days (UTC) from since_s that are over and large, and have no seal that holds; the latest first.
-- nearby_s: of the days before, whose writes count for a seal's links, the first.
-- Grain: site, day.
-- Columns: site_id, start_s (epoch seconds), writes, nearby_writes: what a seal made now holds at.
SELECT site_id, start_s, writes, nearby_writes
FROM
(
    SELECT
        site_id,
        toUInt32(toUnixTimestamp(minute) + days_s) AS start_s,
        sum(if(days_s = 0, rows, 0)) AS writes,
        sum(rows) AS nearby_writes
    FROM row_writes
    ARRAY JOIN [0, 86400, 172800] AS days_s
    WHERE minute >= toDateTime(%(nearby_s)s)
    GROUP BY site_id, start_s
    HAVING writes >= %(writes_min)s AND start_s >= %(since_s)s AND start_s < %(today_s)s
) AS written
ANY LEFT JOIN
(
    SELECT
        site_id,
        toUnixTimestamp(minute) AS start_s,
        writes AS sealed_writes,
        linked_writes,
        has_steps
    FROM day_seals FINAL
    WHERE minute >= toDateTime(%(since_s)s)
) AS sealed
USING site_id, start_s
WHERE writes != sealed_writes
    OR (linked_writes != 0 AND linked_writes != nearby_writes)
    OR has_steps = 0
ORDER BY start_s DESC, site_id
