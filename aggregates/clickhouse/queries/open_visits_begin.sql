-- When the first visit began that may still go on.
-- Grain: one row.
-- Columns: began_s (epoch seconds of the minute), visit_count; began_s means nothing without visits.
-- A visit may go on if it had a hit from settled_s on: hits before are further back than a gap.
SELECT toUnixTimestamp(min(minute)) AS began_s, count() AS visit_count
FROM visit_rows FINAL
ARRAY JOIN session_durations_s AS duration_s
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND toUnixTimestamp(minute) + duration_s + 60 >= %(settled_s)s
