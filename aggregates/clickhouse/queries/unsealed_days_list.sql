-- Days (UTC) that are over and large, and have no seal that holds; the latest first.
-- Grain: site, day.
-- Columns: site_id, start_s (epoch seconds), writes: what a seal made now holds at.
SELECT site_id, toUnixTimestamp(day) AS start_s, writes
FROM
(
    SELECT site_id, minute AS day, sum(rows) AS writes
    FROM row_writes
    WHERE minute < toDateTime(%(today_s)s)
    GROUP BY site_id, day
    HAVING writes >= %(writes_min)s
) AS written
ANY LEFT JOIN
(
    SELECT site_id, minute AS day, writes AS sealed_writes
    FROM day_seals FINAL
) AS sealed
USING site_id, day
WHERE writes != sealed_writes
ORDER BY start_s DESC, site_id
