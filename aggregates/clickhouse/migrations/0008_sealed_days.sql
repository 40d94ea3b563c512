-- Days that are over, sealed: what each of them comes to, so that a question need not read its
-- minutes again (deploy/adr/0013-sealed-days.md). All of it is made of the rollups and can be made
-- again at any time.

-- How many rows were written of a site's day (UTC; `minute` is its start), counted by the server
-- itself with each insert. It only grows: a day is sealed at a number, and the seal holds while that
-- is still the number.
CREATE TABLE row_writes
(
    site_id UInt32,
    minute DateTime('UTC'),
    rows UInt64
)
ENGINE = SummingMergeTree(rows)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute);

CREATE MATERIALIZED VIEW hit_row_writes TO row_writes
AS SELECT site_id, toStartOfDay(minute) AS minute, count() AS rows
FROM hit_rows
GROUP BY site_id, minute;

CREATE MATERIALIZED VIEW visit_row_writes TO row_writes
AS SELECT site_id, toStartOfDay(minute) AS minute, count() AS rows
FROM visit_rows
GROUP BY site_id, minute;

-- What was there before. Rows that come while this runs are counted twice, which does no harm.
INSERT INTO row_writes
SELECT site_id, toStartOfDay(minute) AS day, count() AS rows
FROM hit_rows
GROUP BY site_id, day;

INSERT INTO row_writes
SELECT site_id, toStartOfDay(minute) AS day, count() AS rows
FROM visit_rows
GROUP BY site_id, day;

-- The seal of a day: `seal` names the rows below that count, `writes` is the number it holds at. The
-- highest seal of a day counts; it begins with the time it was made at. What it says of hits by their
-- visit (entry and exit pages) holds at `linked_writes`, of the two days before as well, as the visit
-- may have begun there; it is 0 where some visit began even before.
CREATE TABLE day_seals
(
    site_id UInt32,
    minute DateTime('UTC'),
    seal UInt64,
    writes UInt64,
    linked_writes UInt64
)
ENGINE = ReplacingMergeTree(seal)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute);

-- A sealed day by the values of one dimension; `minute` is then its start. For the dimension '' it is
-- the whole site, in steps of a quarter of an hour, where every zone's days begin.
-- Visitors who may have hits on other days are kept as ids, with their sessions; the others as
-- numbers. Of the whole site `lone_visitors` are in the step of their first hit of the day and
-- `lone_visitors_last` in that of their last; by dimension both are the same.
-- `visits` and what follows is of the visits that began then.
CREATE TABLE day_rows
(
    site_id UInt32,
    dimension LowCardinality(String),
    minute DateTime('UTC'),
    value String,
    seal UInt64,
    lone_visitors UInt64,
    lone_visitors_last UInt64,
    visitor_ids Array(UInt64),
    lone_sessions UInt64,
    session_ids Array(UInt64),
    pageviews UInt64,
    events UInt64,
    visits UInt64,
    bounces UInt64,
    duration_s UInt64,
    views UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, dimension, minute, value);

-- What pages reported about their loading on a sealed day, of the whole site: how many reports there
-- were of each value. `timing` is an index into schemas/timings.py.
CREATE TABLE day_timings
(
    site_id UInt32,
    minute DateTime('UTC'),
    seal UInt64,
    timing UInt8,
    value UInt32,
    reports UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, timing, value);
