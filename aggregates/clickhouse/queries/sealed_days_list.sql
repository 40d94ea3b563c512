-- The days of a site whose seal holds: nothing was written of them since.
-- Grain: one row a day (UTC).
-- Columns: start_s (epoch seconds), seal.
SELECT toUnixTimestamp(day) AS start_s, seal
FROM
(
    SELECT minute AS day, seal, writes
    FROM day_seals FINAL
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(first_day_s)s)
        AND minute < toDateTime(%(after_s)s)
) AS sealed
ANY INNER JOIN
(
    SELECT minute AS day, sum(rows) AS writes
    FROM row_writes
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(first_day_s)s)
        AND minute < toDateTime(%(after_s)s)
    GROUP BY day
) AS written
USING day, writes
ORDER BY start_s
