-- Sealed days in the shape of rows (counts.py: Column), counted together with those of minutes.
-- Grain: the keys asked for and each row of day_rows.
-- Columns: the keys; those of the shape that are asked for.
SELECT {keys}{measures}
FROM day_rows
WHERE site_id = %(site_id)s
    AND dimension = {dimension}
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND seal IN {seals}
    {filters}
