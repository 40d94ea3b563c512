-- The exit page of a visit moves with every pageview, so it is an array's element and no longer in a
-- row's key: a visit stays in one row (deploy/adr/0007-speed-of-the-fold.md).
-- With it the keys of all rows are made of other bytes, so the tables begin empty: the streams find
-- no checkpoint of this version, fold the log from its beginning and write every row anew.

TRUNCATE TABLE hit_rows;

TRUNCATE TABLE ledger_rows;

DROP TABLE visit_rows;

CREATE TABLE visit_rows
(
    site_id UInt32,
    minute DateTime('UTC'),
    row_key UInt64,
    version UInt64,
    entry_hostname LowCardinality(String),
    entry_page String,
    channel LowCardinality(String),
    source LowCardinality(String),
    referrer String,
    utm_source LowCardinality(String),
    utm_medium LowCardinality(String),
    utm_campaign LowCardinality(String),
    utm_content LowCardinality(String),
    utm_term LowCardinality(String),
    click_id LowCardinality(String),
    country LowCardinality(String),
    region LowCardinality(String),
    city LowCardinality(String),
    device LowCardinality(String),
    browser LowCardinality(String),
    browser_version LowCardinality(String),
    os LowCardinality(String),
    os_version LowCardinality(String),
    screen LowCardinality(String),
    language LowCardinality(String),
    visits UInt64,
    bounces UInt64,
    duration_s UInt64,
    pageviews UInt64,
    events UInt64,
    session_ids Array(UInt64),
    visitor_ids Array(UInt64),
    session_bounced Array(UInt8),
    session_durations_s Array(UInt32),
    session_pageviews Array(UInt32),
    session_events Array(UInt32),
    session_exit_hostnames Array(String),
    session_exit_pages Array(String)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, row_key);
