-- The content of a table of one generation in one number: the same for the same rows, in whatever
-- order and parts they lie, on every server (cityHash64 of 18.16 and of current ones agree).
-- Of minutes before until_s.
-- Grain: one row.
-- Columns: row_count, checksum (sum of the rows' hashes over all columns, modulo 2^64).
SELECT count() AS row_count, sum(cityHash64({columns})) AS checksum
FROM {table} FINAL
WHERE minute < toDateTime(%(until_s)s)
