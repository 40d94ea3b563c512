-- The sessions with a hit in the period for which a condition holds.
-- Grain: session (repeated).
-- Columns: session_id.
SELECT session_id
FROM hit_rows FINAL
ARRAY JOIN {hit_arrays}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND {counted}
    AND {condition}
