-- What the days of all sites came to: to compare two generations.
-- Grain: site, day (UTC).
-- Columns: site_id, day_s (epoch seconds of its start), pageview_count, visitor_count, visit_count,
-- bounce_count. Minutes from until_s on are left out.
SELECT
    site_id,
    day_s,
    sum(views) AS pageview_count,
    uniqExactArray(visitors) AS visitor_count,
    sum(begun) AS visit_count,
    sum(bounced) AS bounce_count
FROM
(
    SELECT
        site_id,
        intDiv(toUInt32(minute), 86400) * 86400 AS day_s,
        if(name = 'pageview', hits, 0) AS views,
        visitor_ids AS visitors,
        toUInt64(0) AS begun,
        toUInt64(0) AS bounced
    FROM hit_rows FINAL
    WHERE minute < toDateTime(%(until_s)s) AND name != 'engagement'
    UNION ALL
    SELECT
        site_id,
        intDiv(toUInt32(minute), 86400) * 86400 AS day_s,
        toUInt64(0) AS views,
        emptyArrayUInt64() AS visitors,
        visits AS begun,
        bounces AS bounced
    FROM visit_rows FINAL
    WHERE minute < toDateTime(%(until_s)s)
)
GROUP BY site_id, day_s
ORDER BY site_id, day_s
