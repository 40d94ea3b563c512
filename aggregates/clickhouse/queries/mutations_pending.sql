-- The deletions from a table that the server has not carried out yet.
-- Grain: one row.
-- Columns: mutation_count.
SELECT count() AS mutation_count
FROM system.mutations
WHERE database = currentDatabase() AND table = %(table)s AND is_done = 0
