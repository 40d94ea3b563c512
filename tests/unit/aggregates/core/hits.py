"""Hits and batches for tests of the fold: short to write, every field real."""

from schemas.events import ENGAGEMENT, PAGEVIEW, VERSION, Batch, Hit, Kind, Visit, Watermark

START_MS = 1_763_928_000_000  # 2025-11-23 20:00:00 UTC, a whole minute
NOW_MS = START_MS + 10 * 86_400_000  # a broker's time that no hit of these tests is ahead of


def at(minutes: float) -> int:
    """Epoch milliseconds `minutes` after START_MS."""
    return START_MS + round(minutes * 60_000)


def pageview(minutes: float, visitor: int, path: str = "/", **fields: object) -> Hit:
    return _hit(Kind.PAGEVIEW, PAGEVIEW, minutes, visitor, path, fields)


def event(minutes: float, visitor: int, name: str, path: str = "/", **fields: object) -> Hit:
    return _hit(Kind.EVENT, name, minutes, visitor, path, fields)


def engagement(minutes: float, visitor: int, path: str = "/", **fields: object) -> Hit:
    return _hit(Kind.ENGAGEMENT, ENGAGEMENT, minutes, visitor, path, fields)


_event_ids = iter(range(1, 2**60))


def _hit(
    kind: Kind, name: str, minutes: float, visitor: int, path: str, fields: dict[str, object]
) -> Hit:
    given = {
        "site_id": 1,
        "kind": kind,
        "visitor_id": visitor,
        "event_id": next(_event_ids),
        "at_ms": at(minutes),
        "received_at_ms": at(minutes),
        "name": name,
        "hostname": "example.com",
        "path": path,
        "visit": Visit(source="Google", country="DE", device="Desktop"),
        **fields,
    }
    return Hit(**given)  # type: ignore[arg-type]  # the defaults above name every field


def batch(*hits: Hit, watermarks: tuple[Watermark, ...] = ()) -> Batch:
    return Batch(VERSION, "test", hits, watermarks)


def tick(minutes: float) -> Batch:
    """The live clock moves on without a hit."""
    return batch(watermarks=(Watermark(0, "", at(minutes)),))
