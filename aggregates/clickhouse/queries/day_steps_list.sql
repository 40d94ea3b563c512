-- What of sealed days lies within the period, in the shape of rows (counts.py: Column), counted
-- together with those of minutes.
-- Grain: the keys asked for and each row of day_steps.
-- Columns: the keys; those of the shape that are asked for.
SELECT {keys}{measures}
FROM day_steps
WHERE site_id = %(site_id)s
    AND dimension = {dimension}
    AND minute >= toStartOfDay(toDateTime(%(start_s)s, 'UTC'))
    AND minute < toDateTime(%(end_s)s)
    AND seal IN {seals}
    {filters}
