-- When a site's hits begin.
-- Grain: one row, none for a site without hits.
-- Columns: minute_s (epoch seconds). All versions of a row are of one minute, so no FINAL.
SELECT toUnixTimestamp(min(minute)) AS minute_s
FROM hit_rows
WHERE site_id = %(site_id)s
HAVING count() > 0
