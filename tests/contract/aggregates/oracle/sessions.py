"""Visits as they were: what rows are made of, and what answers are counted from."""

from dataclasses import dataclass

from schemas.events import ENGAGEMENT, PAGEVIEW, Visit


@dataclass(frozen=True)
class OracleHit:
    """One hit; an engagement report if named so."""

    minute: int
    name: str
    hostname: str
    path: str
    visitor_id: int
    timings: tuple[tuple[int, int], ...] = ()
    props: tuple[tuple[str, str], ...] = ()  # sorted by key, keys unique
    currency: str = ""
    revenue_micros: int = 0
    engaged_ms: int = 0
    scroll_depth: int = 0
    interactive: bool = True

    @property
    def is_report(self) -> bool:
        """Whether it reports engagement, which is never counted as a hit."""
        return self.name == ENGAGEMENT


@dataclass(frozen=True)
class OracleSession:
    """A whole visit with its hits by time. The last of `hits` at a minute is the later one."""

    session_id: int
    shard: int
    visit: Visit
    hits: tuple[OracleHit, ...]

    @property
    def minute(self) -> int:
        return self.hits[0].minute

    @property
    def counted(self) -> list[OracleHit]:
        return [hit for hit in self.hits if not hit.is_report]

    @property
    def views(self) -> list[OracleHit]:
        return [hit for hit in self.hits if hit.name == PAGEVIEW]

    @property
    def entry(self) -> tuple[str, str]:
        return (self.views[0].hostname, self.views[0].path) if self.views else ("", "")

    @property
    def exit(self) -> tuple[str, str]:
        return (self.views[-1].hostname, self.views[-1].path) if self.views else ("", "")

    @property
    def bounced(self) -> bool:
        acted = any(hit.interactive for hit in self.counted if hit.name != PAGEVIEW)
        return len(self.views) < 2 and not acted

    @property
    def duration_s(self) -> int:
        return self.hits[-1].minute - self.hits[0].minute
