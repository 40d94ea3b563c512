-- Numbers of hits, from the hit rows taken apart by session: for conditions on the visit of a hit.
-- Grain: the keys asked for (key_0, ...); one row if there are none.
-- Columns: the keys; counts as asked for.
SELECT {keys}{measures}
FROM hit_rows FINAL
ARRAY JOIN {hit_arrays}
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND {counted}
    {hit_filters}
{group_by}
