-- The hits of a day as they are counted, without anything that tells one visitor from another.
-- Grain: hit row: minute, event, page, properties, dimensions of the visit.
-- Columns: minute (epoch seconds), name, hostname, path, prop_keys, prop_values, dimensions of the
-- visit, hits, visits (with a hit in the row), visitors, engaged_s, currency, revenue_micros.
-- Not in order, so that no more than some blocks are held.
SELECT
    toUnixTimestamp(minute) AS at_s,
    name,
    hostname,
    path,
    prop_keys,
    prop_values,
    {dimensions},
    hits,
    length(session_ids) AS visits,
    length(arrayDistinct(visitor_ids)) AS visitors,
    arraySum(session_engaged_ms) / 1000 AS engaged_s,
    currency,
    revenue_micros
FROM hit_rows FINAL
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
