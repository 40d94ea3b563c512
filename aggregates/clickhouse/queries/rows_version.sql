-- What the tables of hits and visits hold of a site's days (UTC), told apart from what they held
-- before: how many rows were written of each day.
-- Grain: one row.
-- Columns: day_count, digest (modulo 2^64).
SELECT count() AS day_count, sum(cityHash64(minute, writes)) AS digest
FROM
(
    SELECT minute, sum(rows) AS writes
    FROM row_writes
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(since_s)s)
        AND minute < toDateTime(%(end_s)s)
    GROUP BY minute
)
