"""`Windows` in memory, for tests: one contract suite runs on it and on Redis."""

from collections import Counter, defaultdict

from webapp.rates.windows import PARTS, Quota, Spent, spent


class MemoryWindows:
    """Counts for one process and one thread."""

    def __init__(self) -> None:
        self._parts: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def spend(self, name: str, quota: Quota, now_s: float) -> Spent:
        now = quota.part(now_s)
        parts = Counter({n: count for n, count in self._parts[name].items() if n >= now - PARTS})
        self._parts[name] = parts
        counted = parts.total() < quota.requests_max
        oldest = min(parts, default=now)
        parts[now] += counted
        return spent(quota, now_s, counted=counted, requests=parts.total(), oldest=min(oldest, now))

    def forget(self, name: str) -> None:
        self._parts.pop(name, None)

    def names(self) -> set[str]:
        """Whom it knows."""
        return set(self._parts)
