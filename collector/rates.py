"""Rate limits: a token bucket for each key, in memory of a fixed size."""

from collections import OrderedDict


class Buckets:
    """Token buckets in their short form, one number each (GCRA, ITU-T I.371): the time at which
    the bucket will be full again. A key that is forgotten begins with a full bucket.
    """

    def __init__(self, keys_max: int) -> None:
        self._keys_max = keys_max
        self._full_at_ms: OrderedDict[int, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at_ms)

    def take(self, key: int, now_ms: int, rate_per_s: int, burst: int) -> float:
        """Take a token: 0, or the milliseconds until there is one, and none is taken.

        A bucket holds `burst` tokens and gets `rate_per_s` of them a second.
        """
        step_ms = 1000 / rate_per_s
        full_at_ms = max(self._full_at_ms.get(key, 0.0), now_ms) + step_ms
        wait_ms = full_at_ms - now_ms - burst * step_ms
        if wait_ms <= 0:
            self._full_at_ms[key] = full_at_ms
        elif key not in self._full_at_ms:
            return wait_ms
        # One that is refused is kept as well: it must not get a full bucket by sending more.
        self._full_at_ms.move_to_end(key)
        if len(self._full_at_ms) > self._keys_max:
            self._full_at_ms.popitem(last=False)
        return max(0.0, wait_ms)
