"""Answers of the rollups, kept for as long as nothing they were read from has changed.

A query and its parameters are kept under the version of the rows they read
(`aggregates.clickhouse.versions`), which is asked for first:

    read version v    kept under v: give it        no row has changed since it was kept
                      else: ask, read version w    v = w: nothing was written meanwhile, keep it
                                                   v != w: give it, keep nothing

So an answer holds every row that was stored before it was asked for. The parts' version is asked
first; only when it changed, by a write for whatever site, the version of this site's rows.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from django.core.cache import cache
from redis.exceptions import RedisError

from aggregates.clickhouse.reader import GenerationReader, Reader, Rows
from aggregates.clickhouse.versions import Span, parts_version, rows_version

KEPT_S_MAX: Final = 3_600  # bounds the cache, with `KEPT_BYTES_MAX`; no answer gets wrong by age
KEPT_BYTES_MAX: Final = 256 * 1024  # of one answer
_PREFIX: Final = "answer"

Kept = list[tuple[object, ...]]
Source = GenerationReader | Reader


class CachedReads:
    """`Reads` of what `reader` reads."""

    def __init__(self, reader: Source) -> None:
        self._reader = reader

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        span = _span(params)
        if span is None:
            return self._reader.read(sql, params)
        version = self._version(span)
        key = _key("rows", version, sql, repr(sorted(params.items())))
        kept = _get(key)
        if kept is not None:
            return msgspec.json.decode(kept, type=Kept)
        rows = self._reader.read(sql, params)
        packed = _packed(rows)
        if packed is not None and self._version(span) == version:
            _set(key, packed)
        return rows

    def stream(self, sql: str, params: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
        """Not kept: it may be any number of rows."""
        return self._reader.stream(sql, params)

    def _version(self, span: Span) -> str:
        """That of the rows, which need not be read while the parts are the same."""
        parts = parts_version(self._reader, span)
        key = _key("version", parts, repr(span))
        kept = _get(key)
        if kept is not None:
            return kept.decode()
        # The database is the generation: rows of another one may have the same keys.
        version = f"{parts.partition(',')[0]};{rows_version(self._reader, span)}"
        if parts_version(self._reader, span) == parts:
            _set(key, version.encode())
        return version


class CachedReader:
    """As `Reader`, with every answer of a site and period kept."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        return CachedReads(self._reader).read(sql, params)

    def pinned(self) -> CachedReads:
        """A reader that stays with the generation of this moment."""
        return CachedReads(self._reader.pinned())

    def base(self) -> GenerationReader:
        """As `Reader.base`: what it reads is not kept."""
        return self._reader.base()

    def close(self) -> None:
        self._reader.close()


def _span(params: Mapping[str, object]) -> Span | None:
    """What a query with these parameters reads at most; None if it is not of a site and period."""
    site_id, end_s = params.get("site_id"), params.get("end_s")
    since_s = params.get("visits_since_s", params.get("start_s"))
    if isinstance(site_id, int) and isinstance(since_s, int) and isinstance(end_s, int):
        return Span(site_id, since_s, end_s)
    return None


def _packed(rows: Rows) -> bytes | None:
    """As JSON; None for what is too large, or no text or number."""
    try:
        packed = msgspec.json.encode(rows)
    except (TypeError, msgspec.MsgspecError):
        return None
    return packed if len(packed) <= KEPT_BYTES_MAX else None


def _key(*parts: str) -> str:
    return f"{_PREFIX}:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def _get(key: str) -> bytes | None:
    """A cache that is away keeps nothing."""
    try:
        found = cache.get(key)
    except (RedisError, OSError):
        return None
    return found if isinstance(found, bytes) else None


def _set(key: str, value: bytes) -> None:
    try:
        cache.set(key, value, KEPT_S_MAX)
    except (RedisError, OSError):
        return
