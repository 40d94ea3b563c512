-- What the collectors did with the events they received: their topic `ingest-ledger`, as a table.
-- Kept in the base database, as it is of no generation: rules change nothing about it.
-- Counts are absolute and only ever grow, so the highest of a (site, minute, collector, outcome) is
-- the one that counts.

CREATE TABLE ingest_rows
(
    site_id UInt32,
    minute DateTime('UTC'),
    collector_id String,
    outcome LowCardinality(String),
    events UInt64
)
ENGINE = ReplacingMergeTree(events)
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, collector_id, outcome);
