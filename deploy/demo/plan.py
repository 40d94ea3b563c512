"""From a log's pageviews to what is sent when: history, shifted in time, then live traffic. Pure.

Play order is time, then line number: a server writes a line when the answer has gone out, so real
logs are not quite sorted. The first part of it is history. All of history is moved by one constant
so that its last pageview falls on the second the first run began; the rest is sent live.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict
from urllib.parse import urlsplit

from deploy.importing.lines import Line, iso_ms
from deploy.importing.pages import is_page

PAGES_MAX: Final = 500_000  # they are kept in memory, about 0.6 KB each


class NothingToPlay(ValueError):
    """The log holds no pageview, or more than can be played."""


class HistoryEvent(TypedDict):
    """An event of `POST /api/batch`."""

    name: str
    url: str
    timestamp: str
    ip: str
    user_agent: str
    event_id: str
    referrer: NotRequired[str]


class LiveEvent(TypedDict):
    """The body of `POST /api/event`."""

    name: str
    url: str
    domain: str
    event_id: str
    referrer: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What of one log is sent to one site, and under which names."""

    domain: str
    log_id: str  # the first 16 hex digits of the log's SHA-256
    own_host: str  # the host the logged site names itself by in its referrers; "" if unknown
    history: tuple[Line, ...]
    live: tuple[Line, ...]

    @property
    def import_name(self) -> str:
        """The import that history is brought in as."""
        return f"access-log-{self.log_id}"

    def shift_ms(self, started_ms: int) -> int:
        """What history is moved by, whole seconds, when the first run began at `started_ms`."""
        if not self.history:
            return 0
        return started_ms // 1000 * 1000 - self.history[-1].at_ms

    def batches(self, size: int) -> list[tuple[Line, ...]]:
        """History in requests of at most `size` events, in play order."""
        return [self.history[at : at + size] for at in range(0, len(self.history), size)]

    def history_event(self, line: Line, shift_ms: int) -> HistoryEvent:
        """The batch event of a pageview. Its id is the same in every run."""
        event: HistoryEvent = {
            "name": "pageview",
            "url": f"https://{self.domain}{line.target}",
            "timestamp": iso_ms(line.at_ms + shift_ms),
            "ip": line.address,
            "user_agent": line.agent,
            "event_id": f"{self.log_id}:{line.number}",
        }
        if line.referrer:
            event["referrer"] = self._referrer(line)
        return event

    def live_event(self, line: Line, round_number: int) -> LiveEvent:
        """The event of a pageview sent live, in the given round through the live part."""
        event: LiveEvent = {
            "name": "pageview",
            "url": f"https://{self.domain}{line.target}",
            "domain": self.domain,
            "event_id": f"{self.log_id}:{line.number}:{round_number}",
        }
        if line.referrer:
            event["referrer"] = self._referrer(line)
        return event

    def _referrer(self, line: Line) -> str:
        """The referrer; where the logged site names itself, the demo site stands in its place."""
        if not self.own_host or _host(line.referrer) != self.own_host:
            return line.referrer
        _, _, path = line.referrer.partition("://")[2].partition("/")
        return f"https://{self.domain}/{path}"


def make_plan(lines: Iterable[Line], domain: str, log_id: str, history_share: float) -> Plan:
    """Split a log's pageviews: the first `history_share` (0 to 1) of them are history.

    Raises NothingToPlay for a log without a pageview or with more than PAGES_MAX.
    """
    pages: list[Line] = []
    assets_of: Counter[str] = Counter()
    for line in lines:
        if not is_page(line):
            assets_of[_host(line.referrer)] += 1
            continue
        pages.append(line)
        if len(pages) > PAGES_MAX:
            raise NothingToPlay(f"the log holds more than {PAGES_MAX} pageviews; play a part of it")
    if not pages:
        raise NothingToPlay("the log holds no pageview in the combined format")
    pages.sort(key=lambda line: (line.at_ms, line.number))
    split = round(len(pages) * history_share)
    return Plan(domain, log_id, _own_host(assets_of), tuple(pages[:split]), tuple(pages[split:]))


def _own_host(assets_of: Counter[str]) -> str:
    """The host most assets were asked for from: a page's images name the page as referrer."""
    named: Sequence[tuple[str, int]] = [item for item in assets_of.most_common(2) if item[0]]
    return named[0][0] if named else ""


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # such as an unclosed [ of an IPv6 address
        return ""
    return host.removeprefix("www.")
