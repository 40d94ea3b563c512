-- What a database holds, told apart cheaply from what it held before: a part's rows never change, so
-- the same parts are the same rows. An insert makes a part, a merge puts one in place of several, a
-- mutation or a truncation takes them away; the time is for names that come again after that.
-- Grain: one row.
-- Columns: database_name, part_count, digest (of the parts' names, modulo 2^64).
SELECT
    currentDatabase() AS database_name,
    count() AS part_count,
    sum(cityHash64(table, name, toUInt32(modification_time))) AS digest
FROM system.parts
WHERE active
    AND database = currentDatabase()
    AND partition >= %(first_partition)s
    AND partition <= %(last_partition)s
