-- The ways visits went on from (or came to) their first hit of a kind, page by page.
-- Grain: way, an array of pages; the empty way is that first hit itself.
-- Columns: way; visits, visitors; ended: visits that went no further; unsure: visits that saw several
-- pages in one minute, so that their order is not known and they stand in that of the alphabet.
-- Inside, from the innermost on: pages of a visit and minute (hits of the kind are starts); with what
-- its visit knows: the entry page comes first in the minute the visit began, the exit page last in
-- the last one; in order, as (minute, rank in it, page, is a start, is a view); the steps from the
-- start on, without a page that follows itself.
-- The WHERE is true of all: servers of 2018 forget what of a join only a lambda names.
SELECT
    way,
    count() AS visits,
    uniqExact(visitor) AS visitors,
    countIf(length(way) = length(steps)) AS ended,
    sum(is_unsure) AS unsure,
    length(way) AS depth,
    arraySlice(way, 1, length(way) - 1) AS parent
FROM
(
    SELECT
        visitor,
        steps,
        arraySlice(steps, 1, %(depth)s) AS shown,
        hasAny(tied, arrayMap(x -> x.1 * 4 + x.2, arrayConcat([start], shown))) AS is_unsure,
        arrayMap(k -> arrayMap(x -> x.3, arraySlice(shown, 1, k)), range(length(shown) + 1)) AS ways
    FROM
    (
        SELECT
            visitor,
            arrayMap(x -> x.1 * 4 + x.2, seen) AS places,
            arrayFilter((place, nth) -> nth > 1, places, arrayEnumerateUniq(places)) AS tied,
            arrayFirstIndex(x -> x.4 = 1, seen) AS start_at,
            seen[start_at] AS start,
            arrayFilter(x -> x.5 = 1, {rest}) AS pages,
            arrayConcat([start.3], arrayMap(x -> x.3, pages)) AS before,
            arrayFilter((x, page) -> x.3 != page, pages, arraySlice(before, 1, length(pages)))
                AS steps
        FROM
        (
            SELECT
                visitor,
                arraySort(arrayMap(x -> (
                    x.1,
                    multiIf(
                        x.3 = 1 AND x.1 = began_s AND x.2 = entry, 0,
                        x.3 = 1 AND x.1 = last_s AND x.2 = exit AND ended_s < %(end_s)s, 2,
                        1
                    ),
                    x.2,
                    x.4,
                    x.3
                ), found)) AS seen
            FROM
            (
                SELECT visitor, found, last_s, began_s, entry, exit, ended_s
                FROM
                (
                    SELECT
                        session_id,
                        any(visitor_of_page) AS visitor,
                        maxIf(at_s, is_view) AS last_s,
                        groupArrayIf((at_s, page, is_view, is_start), fits) AS found
                    FROM
                    (
                        SELECT
                            session_id,
                            any(visitor_id) AS visitor_of_page,
                            toUnixTimestamp(minute) AS at_s,
                            path AS page,
                            name = 'pageview' AS is_view,
                            max(1 {filters}) AS fits,
                            max({start} {filters}) AS is_start
                        FROM hit_rows FINAL
                        ARRAY JOIN {hit_arrays}
                        WHERE site_id = %(site_id)s
                            AND minute >= toDateTime(%(start_s)s)
                            AND minute < toDateTime(%(end_s)s)
                            AND {counted}
                        GROUP BY session_id, minute, path, is_view
                        HAVING is_view OR is_start
                    )
                    GROUP BY session_id
                    HAVING max(is_start) = 1
                ) AS gone
                ANY LEFT JOIN
                (
                    SELECT
                        session_id,
                        toUnixTimestamp(minute) AS began_s,
                        entry_page AS entry,
                        exit_page AS exit,
                        toUnixTimestamp(minute) + duration_s + 60 AS ended_s
                    FROM visit_rows FINAL
                    ARRAY JOIN
                        session_ids AS session_id,
                        session_durations_s AS duration_s,
                        session_exit_pages AS exit_page
                    WHERE site_id = %(site_id)s
                        AND minute >= toDateTime(%(visits_since_s)s)
                        AND minute < toDateTime(%(visits_until_s)s)
                ) AS begun
                USING session_id
            )
            WHERE began_s + last_s + ended_s >= 0 AND entry >= '' AND exit >= ''
        )
    )
)
ARRAY JOIN ways AS way
GROUP BY way
ORDER BY visits DESC, depth, way
LIMIT %(breadth)s BY depth, parent
LIMIT %(limit)s
