-- The hits of a day by one dimension, and whom they are of: part of what its seal keeps.
-- Grain: value of the dimension.
-- Columns: value and those of day_steps, in their order.
-- Sorted, as like arrays take less room.
SELECT
    value,
    first_steps,
    last_steps,
    lone_visitors,
    id_first_steps,
    id_last_steps,
    visitor_ids,
    hit_steps,
    pageviews,
    events
FROM
(
    SELECT
        value,
        groupArrayIf(first_step, lone > 0) AS first_steps,
        groupArrayIf(last_step, lone > 0) AS last_steps,
        groupArrayIf(lone, lone > 0) AS lone_visitors,
        groupArrayArray(arrayMap(id -> first_step, ids)) AS id_first_steps,
        groupArrayArray(arrayMap(id -> last_step, ids)) AS id_last_steps,
        groupArrayArray(ids) AS visitor_ids
    FROM
    (
        SELECT
            value,
            first_step,
            last_step,
            countIf(NOT is_shared) AS lone,
            groupArrayIf(visitor_id, is_shared) AS ids
        FROM
        (
            SELECT
                value,
                visitor_id,
                visitor_id IN ({shared}) AS is_shared,
                min(step) AS first_step,
                max(step) AS last_step
            FROM
            (
{hits}
            )
            GROUP BY value, visitor_id
        )
        GROUP BY value, first_step, last_step
        ORDER BY value, first_step, last_step
    )
    GROUP BY value
) AS seen
ANY INNER JOIN
(
    SELECT
        value,
        groupArray(step) AS hit_steps,
        groupArray(step_pageviews) AS pageviews,
        groupArray(step_events) AS events
    FROM
    (
        SELECT
            value,
            step,
            sum(pageview_count) AS step_pageviews,
            sum(event_count) AS step_events
        FROM
        (
{hits}
        )
        GROUP BY value, step
        ORDER BY value, step
    )
    GROUP BY value
) AS counted
USING value
