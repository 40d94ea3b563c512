-- What tells which days of a site have a seal that holds (sealed.py: holding).
-- Grain: one row a day (UTC) that was written to or sealed, by time.
-- Columns: start_s (epoch seconds), seal (the highest; 0 without one), what it holds at (writes,
-- linked_writes), has_steps, written (rows that were written of the day until now).
-- Each table is read once; a seal that counts no more is beside its successor until a merge.
SELECT
    start_s,
    max(seal) AS last_seal,
    argMax(sealed_writes, seal) AS writes,
    argMax(sealed_linked_writes, seal) AS linked_writes,
    argMax(steps, seal) AS has_steps,
    sum(rows) AS written
FROM
(
    SELECT
        toUnixTimestamp(minute) AS start_s,
        seal,
        writes AS sealed_writes,
        linked_writes AS sealed_linked_writes,
        has_steps AS steps,
        toUInt64(0) AS rows
    FROM day_seals
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(first_day_s)s)
        AND minute < toDateTime(%(after_s)s)
    UNION ALL
    SELECT
        toUnixTimestamp(minute) AS start_s,
        toUInt64(0) AS seal,
        toUInt64(0) AS sealed_writes,
        toUInt64(0) AS sealed_linked_writes,
        toUInt8(0) AS steps,
        rows
    FROM row_writes
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(nearby_s)s)
        AND minute < toDateTime(%(after_s)s)
)
GROUP BY start_s
ORDER BY start_s
