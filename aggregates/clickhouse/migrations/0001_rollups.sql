-- The rollups: absolute rows, the highest version of a (site_id, minute, row_key) counts.
-- Columns are those of aggregates/core/rows.py; `minute` is the start of the minute, UTC.
-- The key is compact so that reading with FINAL stays cheap; minute is in it, so no row has
-- versions in two partitions. Dictionaries (LowCardinality) where values repeat much; paths and
-- referrers do not repeat enough on a site with many pages.

CREATE TABLE IF NOT EXISTS hit_rows
(
    site_id UInt32,
    minute DateTime('UTC'),
    row_key UInt64,
    version UInt64,
    name LowCardinality(String),
    hostname LowCardinality(String),
    path String,
    prop_keys Array(String),
    prop_values Array(String),
    currency LowCardinality(String),
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
    hits UInt64,
    revenue_micros Int64,
    session_ids Array(UInt64),
    visitor_ids Array(UInt64),
    session_hits Array(UInt32),
    session_engaged_ms Array(UInt64),
    session_scroll_depths Array(UInt8)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, row_key);

CREATE TABLE IF NOT EXISTS visit_rows
(
    site_id UInt32,
    minute DateTime('UTC'),
    row_key UInt64,
    version UInt64,
    entry_hostname LowCardinality(String),
    entry_page String,
    exit_hostname LowCardinality(String),
    exit_page String,
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
    session_events Array(UInt32)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, row_key);

CREATE TABLE IF NOT EXISTS ledger_rows
(
    site_id UInt32,
    minute DateTime('UTC'),
    row_key UInt64,
    version UInt64,
    outcome LowCardinality(String),
    hits UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, row_key);
