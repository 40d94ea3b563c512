-- How many rows an answer has.
-- Grain: one row.
-- Columns: row_count.
SELECT count() AS row_count
FROM
(
{rows}
)
