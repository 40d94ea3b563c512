-- The answer to a question: the counts of one or more parts put together.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; the metrics in the order asked for (metric_0, ...).
-- A part has no row for what it has nothing of; adding up makes that zero.
SELECT {keys}{metrics}
FROM
(
{parts}
)
{group_by}
{having}
