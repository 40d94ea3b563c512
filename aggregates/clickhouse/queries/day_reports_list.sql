-- What pages reported about their loading on a day: part of what its seal keeps.
-- Grain: timing, value.
-- Columns: timing (an index into schemas/timings.py), value, reports.
SELECT timing, value, count() AS reports
FROM hit_rows FINAL
ARRAY JOIN timing_names AS timing, timing_values AS value
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
GROUP BY timing, value
