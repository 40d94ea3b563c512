"""The registered sites and the keys that may write to them, in memory; sites also on disk."""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from collector.exclusions import NOTHING, Exclusions, compile_exclusions
from collector.steps.urls import without_www
from schemas.sites import IngestKey, SiteSettings, decode_ingest_key, decode_site, encode

SNAPSHOT: Final = "collector-sites.jsonl"
CHUNK_SITES: Final = 1_000  # encoded at once: other threads wait no longer than for these

log = logging.getLogger(__name__)


def hash_key(key: str) -> str:
    """The name of an API key in Redis: SHA-256, hex. Keys are random, so no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


class BadSnapshot(ValueError):
    """The snapshot is not what was written."""


class Sites:
    """Site settings by domain, what those sites leave out, and ingest keys by hash.

    A site's rules are compiled when its settings change; of a site without rules nothing is kept
    beside its settings, so that 100,000 of them cost the memory of their names.
    """

    def __init__(self, snapshot: Path) -> None:
        self._snapshot = snapshot
        self._by_domain: dict[str, SiteSettings] = {}
        self._by_number: dict[str, SiteSettings] = {}  # as text: "7"
        self._exclusions: dict[int, Exclusions] = {}
        self._keys: dict[str, IngestKey] = {}
        self.loaded = False
        self.unsaved = False

    def __len__(self) -> int:
        return len(self._by_domain)

    def find(self, domain: str) -> SiteSettings | None:
        """`domain` in lower case; a leading `www.` is not part of it. A site's number will do."""
        return (
            self._by_domain.get(domain)
            or self._by_domain.get(without_www(domain))
            or self._by_number.get(domain)
        )

    def exclusions(self, site_id: int) -> Exclusions:
        return self._exclusions.get(site_id, NOTHING)

    def find_key(self, key_hash: str) -> IngestKey | None:
        return self._keys.get(key_hash)

    def put_site(self, domain: str, value: bytes) -> None:
        """Take over a field of Redis' hash of sites. One that cannot be read is named and changes
        nothing: it was written by a newer webapp, and the site's hits are still the site's."""
        try:
            site = decode_site(value)
        except msgspec.DecodeError:
            log.warning("site cannot be read", extra={"fields": {"domain": domain}})
            return
        domain = site.domain.lower()
        if self._by_domain.get(domain) == site:
            return
        if not site.is_former:
            self._forget(domain)
        self._add(site)
        self.unsaved = True

    def _add(self, site: SiteSettings) -> None:
        self._by_domain[site.domain.lower()] = site
        if site.is_former:
            return  # its number and its rules are told with the domain it has now
        self._by_number[str(site.site_id)] = site
        self._exclusions.pop(site.site_id, None)
        try:
            exclusions = compile_exclusions(site)
        except ValueError:
            log.warning("rules of a site cannot be read", extra={"fields": {"domain": site.domain}})
            return
        if exclusions is not None:
            self._exclusions[site.site_id] = exclusions

    def _forget(self, domain: str) -> bool:
        """Whether there was one."""
        before = self._by_domain.pop(domain, None)
        if before is None:
            return False
        if self._by_number.get(str(before.site_id)) is before:  # else it has a new domain by now
            del self._by_number[str(before.site_id)]
            self._exclusions.pop(before.site_id, None)
        return True

    def remove_site(self, domain: str) -> None:
        """Safe to repeat."""
        if self._forget(domain.lower()):
            self.unsaved = True

    def domains(self) -> set[str]:
        return set(self._by_domain)

    def replace_keys(self, values: Mapping[bytes, bytes]) -> None:
        """Take over Redis' hash of ingest keys."""
        self._keys = {}
        for name, value in values.items():
            self.put_key(name.decode("ascii", "replace"), value)

    def put_key(self, key_hash: str, value: bytes) -> None:
        try:
            self._keys[key_hash] = decode_ingest_key(value)
        except msgspec.DecodeError:
            log.warning("ingest key cannot be read")

    def remove_key(self, key_hash: str) -> None:
        """Safe to repeat."""
        self._keys.pop(key_hash, None)

    def saving(self) -> list[SiteSettings]:
        """What `save` is to write, taken in the loop: it may change while a thread writes."""
        self.unsaved = False
        return list(self._by_domain.values())

    def save(self, sites: Iterable[SiteSettings]) -> None:
        """Write the snapshot, all of it or nothing. Raises `OSError`. Blocking."""
        self._snapshot.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: several workers share the folder.
        part = self._snapshot.with_suffix(f".{os.getpid()}.part")
        digest = hashlib.blake2b()
        with part.open("wb") as file:
            for chunk in _chunks(iter(sites)):
                lines = b"".join(encode(site) + b"\n" for site in chunk)
                digest.update(lines)
                file.write(lines)
            file.write(digest.hexdigest().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._snapshot)

    def restore(self) -> None:
        """Take the snapshot over, if there is one that is whole."""
        try:
            saved = read_snapshot(self._snapshot.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, BadSnapshot):
            log.warning("snapshot of sites cannot be read", exc_info=True)
            return
        for site in saved:
            self._add(site)
        self.loaded = bool(saved)


def _chunks(sites: Iterator[SiteSettings]) -> Iterator[list[SiteSettings]]:
    while chunk := list(islice(sites, CHUNK_SITES)):
        yield chunk


def read_snapshot(content: bytes) -> list[SiteSettings]:
    """The sites of a snapshot: a line each, then the BLAKE2b of those lines.

    Raises `BadSnapshot`.
    """
    body, _, checksum = content.rstrip(b"\n").rpartition(b"\n")
    lines = body + b"\n" if body else b""
    if hashlib.blake2b(lines).hexdigest().encode() != checksum:
        raise BadSnapshot("its checksum differs")
    try:
        return [decode_site(line) for line in lines.splitlines()]
    except msgspec.DecodeError as error:
        raise BadSnapshot("a site cannot be read") from error
