-- What a table holds of one visitor of a site, or of the whole site (whole = 1).
-- Grain: one row.
-- Columns: row_count, held_count (hits of hit_rows, visits of visit_rows).
SELECT countIf(held > 0 OR %(whole)s) AS row_count, sum(held) AS held_count
FROM
(
    SELECT
        arraySum((id, part) -> if(id = %(visitor_id)s OR %(whole)s, part, 0), visitor_ids, {parts})
            AS held
    FROM {table}
    WHERE site_id = %(site_id)s
)
