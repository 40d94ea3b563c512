-- What the tables of the database of this connection take on disk, older versions of rows included.
-- Grain: one row.
-- Columns: disk_bytes.
SELECT sum(bytes_on_disk) AS disk_bytes
FROM system.parts
WHERE active AND database = currentDatabase()
