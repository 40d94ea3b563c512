-- The sessions of visits for which a condition holds, those that began before the period included.
-- Grain: session.
-- Columns: session_id.
SELECT session_id
FROM visit_rows FINAL
ARRAY JOIN {visit_arrays}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(visits_since_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND {condition}
