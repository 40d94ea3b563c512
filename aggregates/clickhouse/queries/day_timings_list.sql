-- Sealed days' load timings in the shape of rows, to be counted together with those of minutes.
-- Grain: day, timing, value.
-- Columns: those of the shape that are asked for.
SELECT {measures}
FROM day_timings
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND seal IN {seals}
