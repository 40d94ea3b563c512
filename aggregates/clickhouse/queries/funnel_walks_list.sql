-- The walks that may go along a funnel.
-- Grain: walker (a visit or visitor) and minute at_0 (epoch seconds) the first step was done in.
-- Columns: walker, visitor, at_0; the minutes of each step, minutes_0, ...; those in which a step and
-- the one before it are done by two hits, beside_1, ...
-- Inside, from the innermost on: hits with the steps each is one of (is_0, ...); how many there are
-- of each step in a minute (seen_0, ...), and of a step or the one before it (either_1, ...).
SELECT walker, visitor, at_0, {columns}
FROM
(
    SELECT walker, any(visitor_of_minute) AS visitor, {minutes}
    FROM
    (
        SELECT walker, any(visitor_id) AS visitor_of_minute, at_s, {counts}
        FROM
        (
            SELECT
                {walker} AS walker,
                visitor_id,
                toUnixTimestamp(minute) AS at_s,
                hit_count,
                {steps}
            FROM hit_rows FINAL
            ARRAY JOIN {hit_arrays}
            WHERE site_id = %(site_id)s
                AND minute >= toDateTime(%(start_s)s)
                AND minute < toDateTime(%(end_s)s)
                AND {counted}
                {filters}
        )
        WHERE {any_step}
        GROUP BY walker, at_s
    )
    GROUP BY walker
)
ARRAY JOIN {starts} AS at_0
