-- The days of a site whose seal holds: nothing was written of them since.
-- Grain: one row a day (UTC).
-- Columns: start_s (epoch seconds), seal, is_linked: what it says of hits by their visit holds too.
SELECT start_s, seal, linked_writes = nearby_writes AS is_linked
FROM
(
    SELECT toUnixTimestamp(minute) AS start_s, seal, writes, linked_writes
    FROM day_seals FINAL
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(first_day_s)s)
        AND minute < toDateTime(%(after_s)s)
) AS sealed
ANY INNER JOIN
(
    SELECT
        toUInt32(toUnixTimestamp(minute) + days_s) AS start_s,
        sum(if(days_s = 0, rows, 0)) AS writes,
        sum(rows) AS nearby_writes
    FROM row_writes
    ARRAY JOIN [0, 86400, 172800] AS days_s
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(nearby_s)s)
        AND minute < toDateTime(%(after_s)s)
    GROUP BY start_s
) AS written
USING start_s, writes
ORDER BY start_s
