-- The generations of the rollups, kept in the base database: the one that is served, and those that
-- are being made or kept to go back to. A generation is the fold of the whole log with its rules;
-- its rows lie in a database of its own (aggregates/clickhouse/generations.py).
-- Rows are absolute, the highest version of a number counts. Of the ready ones the one with the
-- highest activation is served: one insert switches.

CREATE TABLE IF NOT EXISTS generations
(
    number UInt32,
    rules String,
    state String,
    made_at DateTime('UTC'),
    activation UInt64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY number;
