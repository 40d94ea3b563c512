"""Every metric of the streams process: the one list of names, kinds, units and tags."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS_FOLDED = Counter("pawprint_streams_records_folded_total", "Records of hits folded.")
HITS_FOLDED = Counter("pawprint_streams_hits_folded_total", "Hits folded.")
DEAD_LETTERS = Counter("pawprint_streams_dead_letters_total", "Records that could not be decoded.")
SEEKS_BACK = Counter("pawprint_streams_seeks_back_total", "Gaps met: the log was read again.")
ROWS_FLUSHED = Counter(
    "pawprint_streams_rows_flushed_total", "Rows ClickHouse confirmed.", ["table"]
)
FLUSH_SECONDS = Histogram("pawprint_streams_flush_seconds", "Seconds of one flush to ClickHouse.")
CHECKPOINT_SECONDS = Histogram(
    "pawprint_streams_checkpoint_seconds", "Seconds from cut to commit of all partitions."
)
CUT_SECONDS = Histogram(
    "pawprint_streams_cut_seconds",
    "Seconds the fold stands still while a state becomes bytes.",
    buckets=(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5),
)
CHECKPOINT_BYTES = Gauge(
    "pawprint_streams_checkpoint_bytes", "Bytes of the last snapshot written.", ["partition"]
)
ROWS_EXPIRED = Counter(
    "pawprint_streams_rows_expired_total", "Rows retention deleted, older versions included."
)
DAYS_SEALED = Counter("pawprint_streams_days_sealed_total", "Days of sites that were sealed.")
STORE_FAILURES = Counter(
    "pawprint_streams_store_failures_total", "Writes a store did not confirm.", ["store"]
)
ROWS_UNCONFIRMED = Gauge("pawprint_streams_rows_unconfirmed", "Rows waiting for ClickHouse.")
LAG = Gauge("pawprint_streams_lag_records", "Records not folded yet.", ["partition"])
WATERMARK_DELAY = Gauge(
    "pawprint_streams_watermark_delay_seconds",
    "Seconds between the wall clock and the live clock's watermark.",
    ["partition"],
)
SESSIONS = Gauge("pawprint_streams_sessions", "Live visits in the state.", ["partition"])
LIMITED = Gauge(
    "pawprint_streams_limited",
    "How often a bound of the state has bitten, as of the fold so far.",
    ["partition", "bound"],
)
