-- When visitors came first in a period, and when again.
-- Grain: cohort (the bucket of a visitor's first hit), bucket with a hit of theirs.
-- Columns: cohort and bucket (keys, see buckets.py), visitors.
SELECT cohort, bucket, count() AS visitors
FROM
(
    SELECT visitor_id, groupUniqArray(key_bucket) AS buckets, min(key_bucket) AS cohort
    FROM
    (
        SELECT visitor_id, {key} AS key_bucket
        FROM hit_rows FINAL
        ARRAY JOIN {hit_arrays}
        WHERE site_id = %(site_id)s
            AND minute >= toDateTime(%(start_s)s)
            AND minute < toDateTime(%(end_s)s)
            AND {counted}
            {filters}
    )
    GROUP BY visitor_id
)
ARRAY JOIN buckets AS bucket
GROUP BY cohort, bucket
ORDER BY cohort, bucket
