-- The hits of a sealed day by the values of one dimension in steps of a quarter of an hour, so that a
-- period that begins or ends within the day is answered from its seal too
-- (deploy/adr/0013-sealed-days.md). `minute` is the start of the day; a step is the number of quarters
-- before it, so that one is a byte.
-- Of visitors kept as numbers: how many saw the value in these steps first and last. Of those kept as
-- ids: in which steps each did. Of hits: how many there were in each step.
CREATE TABLE day_steps
(
    site_id UInt32,
    dimension LowCardinality(String),
    minute DateTime('UTC'),
    value String,
    seal UInt64,
    first_steps Array(UInt8),
    last_steps Array(UInt8),
    lone_visitors Array(UInt32),
    id_first_steps Array(UInt8),
    id_last_steps Array(UInt8),
    visitor_ids Array(UInt64),
    hit_steps Array(UInt8),
    pageviews Array(UInt32),
    events Array(UInt32)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, dimension, minute, value);

-- Whether a seal has them: 0 of those made before, also by workers that still run. Their days are
-- sealed anew, and hold for all else meanwhile.
ALTER TABLE day_seals ADD COLUMN has_steps UInt8;
