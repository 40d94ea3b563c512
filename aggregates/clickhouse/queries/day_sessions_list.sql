-- The sessions with a hit on a day by one dimension of hits: part of what its seal keeps. What visits
-- know is counted by their own rows.
-- Grain: value of the dimension.
-- Columns: value, lone_sessions (of visitors without a hit on another day), session_ids (of others).
SELECT
    value,
    uniqExactIf(session_id, NOT is_shared) AS lone_sessions,
    groupUniqArrayIf(session_id, is_shared) AS session_ids
FROM
(
    SELECT value, session_id, visitor_id IN ({shared}) AS is_shared
    FROM
    (
{hits}
    )
)
GROUP BY value
