-- How far retention has come, asked of the base database.
-- Grain: site.
-- Columns: site_id, cutoff_s (epoch seconds: no earlier minute is kept).
SELECT site_id, cutoff AS cutoff_s
FROM expiries FINAL
ORDER BY site_id
