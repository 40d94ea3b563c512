-- How often visitors came in a period.
-- Grain: number of visits, visits_max standing for that many and more.
-- Columns: visits, visitors.
SELECT least(visits_of_one, %(visits_max)s) AS visits, count() AS visitors
FROM
(
    SELECT visitor_id, uniqExact(session_id) AS visits_of_one
    FROM hit_rows FINAL
    ARRAY JOIN {hit_arrays}
    WHERE site_id = %(site_id)s
        AND minute >= toDateTime(%(start_s)s)
        AND minute < toDateTime(%(end_s)s)
        AND {counted}
        {filters}
    GROUP BY visitor_id
)
GROUP BY visits
ORDER BY visits
