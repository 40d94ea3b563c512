-- Numbers of minutes and of sealed days together.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for.
SELECT {keys}{measures}
FROM
(
{rows}
)
{group_by}
