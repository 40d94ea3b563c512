"""Limits of the live streams of one process."""

from typing import Final

WATCHERS_MAX: Final = 1_000  # open streams; each costs a socket, an idle thread and some KB
UPDATE_INTERVAL_S: Final = 0.25  # at most 4 updates a second and site
# Without any change the numbers are read again after this long: they decay by themselves, and
# with the 3 s that a reading may take at most, no stream is silent for more than 5 s.
IDLE_S: Final = 2.0
STREAM_S_MAX: Final = 3_600.0  # then the browser comes again, and its rights are looked at again
LINK_CHECK_S: Final = 5.0  # so often a stream looks whether its shared link still holds, at most
ALERTS_WAITING_MAX: Final = 16  # alerts kept for a watcher that reads slowly; older ones fall out
STATUS_AGE_S_MAX: Final = 1.0  # all sites of the process share one reading of the shards' status
STALE_AFTER_S: Final = 15  # a worker writes its status every 5 s and its rows every second
RETRY_MIN_S: Final = 0.25  # between two tries to listen to Redis
RETRY_MAX_S: Final = 2.0
