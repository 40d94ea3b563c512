-- How much a table holds of some sites' minutes, superseded versions of rows included.
-- Grain: site.
-- Columns: site_id, row_count.
SELECT site_id, count() AS row_count
FROM {table}
WHERE {condition}
GROUP BY site_id
ORDER BY site_id
