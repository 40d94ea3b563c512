"""The log of a run, drawn from its seed: what visitors do, and what collectors make of it.

Drawn so that the answer is beyond dispute: two hits of a visitor are either well within the
session gap or far beyond it, however late or early a clock has put them. Between the two the fold
is exact too, but what is right there is a matter of its own definitions (unit tests hold those).
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from schemas.events import (
    ENGAGEMENT,
    PAGEVIEW,
    VERSION,
    Batch,
    Hit,
    Kind,
    Visit,
    Watermark,
    encode_batch,
)
from tests.simulation.process import EPOCH_MS

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
YEAR: Final = 365 * 24 * HOUR
GARBAGE: Final = (b"", b"\x00", b"not msgpack", b"\x94\x02\xa0\x90\x90", b"\x93\x01")
SITES: Final = (1, 2)


@dataclass(slots=True)
class Arrival:
    """A record for the log."""

    partition: int
    value: bytes
    appended_ms: int
    hits: tuple[Hit, ...] = ()
    watermarks: tuple[Watermark, ...] = ()


class Workload:
    """Records in the order they are appended; `arrivals` of one partition keep their order."""

    def __init__(self, draw: Random, partitions: int) -> None:
        self.draw, self.partitions = draw, partitions
        self.event_id = 0
        self.begin_ms = EPOCH_MS + draw.randrange(24) * HOUR  # some seeds cross midnight
        self.hours = draw.choice([0.3, 1.0, 4.0])
        self.arrivals: list[Arrival] = []
        timed = [each for p in range(partitions) for each in self._of_partition(p)]
        timed.sort(key=lambda each: each[0])
        for arrived_ms, arrival in timed:
            arrival.appended_ms = arrived_ms + draw.randrange(50)
            self.arrivals.append(arrival)
        self.end_ms = max([self.begin_ms, *(ms for ms, _ in timed)])

    def closing(self) -> list[Arrival]:
        """The live clock moves on by hours in every partition: everything closes."""
        at_ms = self.end_ms + 3 * HOUR
        marks = (Watermark(0, "", at_ms),)
        return [self._arrival(p, (), marks, at_ms) for p in range(self.partitions)]

    def _arrival(
        self, partition: int, hits: tuple[Hit, ...], marks: tuple[Watermark, ...], at_ms: int
    ) -> Arrival:
        value = encode_batch(Batch(VERSION, "c", hits, marks))
        return Arrival(partition, value, at_ms, hits, marks)

    def _of_partition(self, partition: int) -> list[tuple[int, Arrival]]:
        draw = self.draw
        sent: list[tuple[int, Hit]] = []  # by arrival
        for number in range(draw.randrange(3, 10)):
            sent += self._visitor(partition * 1_000 + number + 1)
        sent.sort(key=lambda each: each[0])
        timed = []
        while sent:
            size = draw.choice([1, 1, 2, 5])
            together, sent = sent[:size], sent[size:]
            # A batch does not wait minutes for its last hit.
            together, back = _near(together)
            sent = back + sent
            at_ms = together[-1][0]
            hits = tuple(hit for _, hit in together)
            timed.append((at_ms, self._arrival(partition, hits, (), at_ms)))
        timed += self._imports(partition)
        for _ in range(draw.randrange(4)):  # poison, and time that moves on without hits
            at_ms = self.begin_ms + draw.randrange(int(self.hours * HOUR))
            timed.append((at_ms, Arrival(partition, draw.choice(GARBAGE), at_ms)))
            at_ms = self.begin_ms + draw.randrange(int(self.hours * HOUR))
            mark = (Watermark(0, "", at_ms + draw.choice([0, 0, YEAR])),)
            timed.append((at_ms, self._arrival(partition, (), mark, at_ms)))
        return timed

    def _visitor(self, visitor_id: int) -> list[tuple[int, Hit]]:
        """The visits of one visitor, far apart, each a burst of hits."""
        draw, sent = self.draw, []
        site_id = draw.choice(SITES)
        at_ms = self.begin_ms + draw.randrange(int(self.hours * HOUR))
        while at_ms < self.begin_ms + self.hours * HOUR:
            sent += self._visit(site_id, visitor_id, at_ms)
            visitor_id += 100_000  # the hit after so long a time may be another day's
            at_ms += draw.randrange(150, 300) * MINUTE
        if draw.random() < 0.2:  # a tab that slept: one hit from hours ago
            late_ms = draw.choice([1, 40, 200]) * MINUTE
            hit = self._hit(site_id, visitor_id + 50_000, self.end_of(sent, at_ms) - late_ms)
            sent.append((hit.at_ms + late_ms, hit))
        return sent

    @staticmethod
    def end_of(sent: list[tuple[int, Hit]], at_ms: int) -> int:
        return sent[-1][0] if sent else at_ms

    def _visit(self, site_id: int, visitor_id: int, at_ms: int) -> list[tuple[int, Hit]]:
        draw, sent = self.draw, []
        source = draw.choice(["", "Google", "news.example"])
        skew_ms = draw.choice([0, 0, 0, -2 * MINUTE, 2 * MINUTE])  # of the collector's clock
        begins_with_event = draw.random() < 0.4
        before = 0
        for number in range(draw.choice([1, 1, 2, 3, 6])):
            kind = Kind.PAGEVIEW
            if (begins_with_event and not number) or draw.random() < 0.15:
                kind = Kind.EVENT
            elif draw.random() < 0.1:
                kind = Kind.ENGAGEMENT
            left_out = draw.choice(["bot", "excluded"]) if draw.random() < 0.05 else ""
            now_id = visitor_id + 1_000_000 if before else visitor_id
            hit = self._hit(
                site_id, now_id, at_ms + skew_ms, kind, source=source, left_out=left_out,
                prev_visitor_id=before,
            )  # fmt: skip
            arrived_ms = at_ms + draw.choice([0, 10, 10, 500, 4 * MINUTE])
            sent.append((arrived_ms, hit))
            if draw.random() < 0.15:  # the client heard nothing and sends it again
                sent.append((arrived_ms + draw.choice([0, 700, 5 * MINUTE]), hit))
            if draw.random() < 0.03:
                sent.append((arrived_ms, self._ahead(hit, arrived_ms)))
            if not before and draw.random() < 0.1:
                before = visitor_id  # a new day's salt
            at_ms += draw.choice([0, 300, 9_000, 70_000, 8 * MINUTE])
        return sent

    def _ahead(self, hit: Hit, arrived_ms: int) -> Hit:
        """From a collector whose clock has jumped ahead."""
        jump_ms = self.draw.choice([10 * MINUTE, HOUR, YEAR])
        return self._hit(hit.site_id, hit.visitor_id, arrived_ms + jump_ms)

    def _hit(
        self, site_id: int, visitor_id: int, at_ms: int, kind: Kind = Kind.PAGEVIEW, *,
        source: str = "", left_out: str = "", prev_visitor_id: int = 0, import_name: str = "",
        received_at_ms: int = 0,
    ) -> Hit:  # fmt: skip
        draw = self.draw
        self.event_id += 1
        names = {Kind.PAGEVIEW: PAGEVIEW, Kind.ENGAGEMENT: ENGAGEMENT}
        return Hit(
            site_id, kind, visitor_id, self.event_id, at_ms, received_at_ms or at_ms,
            names.get(kind) or draw.choice(["signup", "buy"]), "example.com",
            draw.choice(["/", "/a", "/b", "/c"]), Visit(source=source),
            interactive=draw.random() < 0.5,
            engaged_ms=draw.randrange(9_000) if kind is Kind.ENGAGEMENT else 0,
            left_out=left_out, prev_visitor_id=prev_visitor_id, import_name=import_name,
        )  # fmt: skip

    def _imports(self, partition: int) -> list[tuple[int, Arrival]]:
        """History brought in beside live traffic, in order; some of it sent twice, some ended."""
        draw, timed = self.draw, []
        if draw.random() < 0.5:
            return []
        site_id, at_ms, sent_ms = draw.choice(SITES), self.begin_ms - 20 * HOUR, self.begin_ms
        for _ in range(draw.randrange(1, 12)):
            hits = []
            for _ in range(draw.randrange(1, 4)):
                at_ms += draw.choice([0, 0, 1_000, 5 * MINUTE, 2 * HOUR])
                visitor = partition * 1_000 + draw.randrange(900, 903)
                hits.append(
                    self._hit(
                        site_id, visitor, at_ms, import_name="history", received_at_ms=sent_ms
                    )
                )
            for _ in range(draw.choice([1, 1, 1, 2])):
                sent_ms += draw.choice([1, 1_000, MINUTE])
                timed.append((sent_ms, self._arrival(partition, tuple(hits), (), sent_ms)))
        if draw.random() < 0.5:
            mark = (Watermark(site_id, "history", at_ms, True),)
            timed.append((sent_ms + 1, self._arrival(partition, (), mark, sent_ms + 1)))
            timed.append((sent_ms + 2, self._arrival(partition, tuple(hits), (), sent_ms + 2)))
        return timed


def _near(
    together: list[tuple[int, Hit]],
) -> tuple[list[tuple[int, Hit]], list[tuple[int, Hit]]]:
    """The first hits that arrived within a second, and the rest."""
    first_ms = together[0][0]
    near = [each for each in together if each[0] - first_ms < 1_000]
    return near, together[len(near) :]
