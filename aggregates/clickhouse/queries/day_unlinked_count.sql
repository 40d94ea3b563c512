-- How many hits of a day, engagement among them, are of a visit that began before visits_since_s or
-- after the day.
-- Grain: one row.
-- Columns: hit_count.
SELECT count() AS hit_count
FROM hit_rows FINAL
ARRAY JOIN session_ids AS session_id
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND session_id NOT IN
    (
        SELECT session_id
        FROM visit_rows FINAL
        ARRAY JOIN session_ids AS session_id
        WHERE site_id = %(site_id)s
            AND minute >= toDateTime(%(visits_since_s)s)
            AND minute < toDateTime(%(end_s)s)
    )
