-- How far visits (or visitors) went along the steps of a funnel.
-- Grain: one row.
-- Columns: for each step (0, 1, ...) the visits and different visitors that reached it, visits_0,
-- visitors_0, ...
-- {walks}: funnel_walks_list.sql, in funnel_step_next.sql for each step after the first.
SELECT {reached}
FROM ({walks})
