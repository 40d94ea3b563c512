"""Limits of the live streams of one process."""

from typing import Final

WATCHERS_MAX: Final = 1_000  # open streams; each costs a socket and a few KB
UPDATE_INTERVAL_S: Final = 0.25  # at most 4 updates a second and site
HEARTBEAT_S: Final = 5.0  # the longest silence, so that a dead connection is noticed
STREAM_S_MAX: Final = 3600.0  # then the browser comes again, and its rights are looked at again
ALERTS_WAITING_MAX: Final = 16  # alerts kept for a watcher that reads slowly; older ones fall out
STATUS_AGE_S_MAX: Final = 1.0  # all sites of the process share one reading of the shards' status
ROLLUPS_STALE_S: Final = 15.0  # unstored rows older than this are told to the watcher
RETRY_MIN_S: Final = 0.25
RETRY_MAX_S: Final = 2.0
