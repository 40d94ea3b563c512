"""The registered sites and the keys that may write to them, in memory; sites also on disk."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from collector.steps.urls import without_www
from schemas.sites import IngestKey, SiteSettings, decode_ingest_key, decode_site

SNAPSHOT: Final = "collector-sites.json"

log = logging.getLogger(__name__)


def hash_key(key: str) -> str:
    """The name of an API key in Redis: SHA-256, hex. Keys are random, so no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


class Sites:
    """Site settings by domain, and ingest keys by hash."""

    def __init__(self, snapshot: Path) -> None:
        self._snapshot = snapshot
        self._by_domain: dict[str, SiteSettings] = {}
        self._by_number: dict[str, SiteSettings] = {}  # as text: "7"
        self._keys: dict[str, IngestKey] = {}
        self.loaded = False

    def __len__(self) -> int:
        return len(self._by_domain)

    def find(self, domain: str) -> SiteSettings | None:
        """`domain` in lower case; a leading `www.` is not part of it. A site's number will do."""
        return (
            self._by_domain.get(domain)
            or self._by_domain.get(without_www(domain))
            or self._by_number.get(domain)
        )

    def find_key(self, key_hash: str) -> IngestKey | None:
        return self._keys.get(key_hash)

    def replace_sites(self, values: Mapping[bytes, bytes]) -> None:
        """Take over Redis' hash of sites; an entry that cannot be read is left out and named.

        An empty hash changes nothing: that is a Redis that lost its data far more often than a
        deleted last site, and hits turned away meanwhile would be lost for ever.
        """
        if not values and self._by_domain:
            log.warning("redis has no sites: keeping those in memory")
            return
        sites: dict[str, SiteSettings] = {}
        for name, value in values.items():
            try:
                site = decode_site(value)
            except msgspec.DecodeError:
                domain = name.decode("utf-8", "replace")
                log.warning("site cannot be read", extra={"fields": {"domain": domain}})
                continue
            sites[site.domain.lower()] = site
        self._take(sites)
        self.loaded = True

    def _take(self, sites: dict[str, SiteSettings]) -> None:
        self._by_domain = sites
        self._by_number = {str(site.site_id): site for site in sites.values()}

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

    def save(self) -> None:
        """Write the snapshot, all of it or nothing. Raises `OSError`. Blocking."""
        self._snapshot.parent.mkdir(parents=True, exist_ok=True)
        part = self._snapshot.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(list(self._by_domain.values())))
        part.replace(self._snapshot)

    def restore(self) -> None:
        """Take the snapshot over, if there is one that can be read."""
        try:
            saved = msgspec.json.decode(self._snapshot.read_bytes(), type=list[SiteSettings])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError):
            log.warning("snapshot of sites cannot be read", exc_info=True)
            return
        self._take({site.domain.lower(): site for site in saved})
        self.loaded = bool(saved)
