"""Tells the collector and the streams about sites and ingest keys, through Redis.

One function makes Redis what the database says, of some sites or keys. It runs after every write,
for what was written, and each minute for what differs, so it does not matter that Redis may have
been emptied or away, or that two of these runs overlapped.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Final, TypeVar, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from msgspec.structs import replace
from redis import Redis
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.sites import IngestKey, encode
from webapp.sites.models import Scope, Site
from webapp.sites.selectors import current_keys, former_domains

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 2
PART: Final = 1_000  # fields that are compared or written at once

Field = tuple[str, bytes]
T = TypeVar("T")


@cache
def redis_client() -> Redis:
    """The process's connections; made when first used."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )


def publish_sites_on_commit(*domains: str) -> None:
    """Publish these domains once the running transaction is in the database.

    Redis away: logged, and the next minute's run publishes; the write itself stands.
    """
    transaction.on_commit(partial(_publish_if_possible, partial(_SITES.write, domains)))


def publish_keys_on_commit(*digests: str) -> None:
    """As `publish_sites_on_commit`, of ingest keys by their digests."""
    transaction.on_commit(partial(_publish_if_possible, partial(_KEYS.write, digests)))


def publish() -> int:
    """Write what differs from the database and announce it; how many sites and keys that were.

    Raises `redis.RedisError`.
    """
    return _SITES.write_differing() + _KEYS.write_differing()


def _publish_if_possible(work: Callable[[], object]) -> None:
    try:
        work()
    except RedisError:
        logger.warning("sites not published: Redis is away")


@dataclass(frozen=True, slots=True)
class _Published:
    """A hash in Redis that is to hold what `wanted` says: of all names, or of some."""

    key: str
    channel: str
    wanted: Callable[[Collection[str] | None], Iterable[Field]]

    def write(self, names: Collection[str]) -> None:
        """Write and announce what the database says of `names` now, in one transaction.

        Raises `redis.RedisError`.
        """
        if not names:
            return
        wanted = dict(self.wanted(names))
        pipeline = redis_client().pipeline()
        for name in names:
            if name in wanted:
                pipeline.hset(self.key, name, wanted[name])
            else:
                pipeline.hdel(self.key, name)
            pipeline.publish(self.channel, name)
        pipeline.execute()

    def write_differing(self) -> int:
        """`write` for all names whose fields differ; how many. Raises `redis.RedisError`.

        They are read again for that: who wrote one meanwhile has published it already.
        """
        count = 0
        for names in _parts(self._differing()):
            self.write(names)
            count += len(names)
        return count

    def _differing(self) -> Iterator[str]:
        client = redis_client()
        known: set[str] = set()
        there = 0
        for part in _parts(self.wanted(None)):
            names = [name for name, _ in part]
            found = cast("list[bytes | None]", client.hmget(self.key, names))
            known.update(names)
            there += sum(value is not None for value in found)
            yield from (
                name for (name, value), kept in zip(part, found, strict=True) if value != kept
            )
        if client.hlen(self.key) != there:  # what was written above counts too: then it is looked
            for field in cast("list[bytes]", client.hkeys(self.key)):
                if (name := field.decode(errors="replace")) not in known:
                    yield name


def _sites(domains: Collection[str] | None) -> Iterator[Field]:
    """Domain -> settings; those that a site had have its settings too, unless it is taken again."""
    sites = Site.objects.order_by("pk")
    former = former_domains().exclude(domain__in=Site.objects.values("domain")).order_by("pk")
    if domains is not None:
        sites, former = sites.filter(domain__in=domains), former.filter(domain__in=domains)
    for site in sites.iterator(PART):
        yield site.domain, encode(site.settings())
    for each in former.select_related("site").iterator(PART):
        kept = replace(each.site.settings(), domain=each.domain, is_former=True)
        yield each.domain, encode(kept)


def _keys(digests: Collection[str] | None) -> Iterator[Field]:
    """The ingest keys by digest; one that expires is gone with the next minute's run."""
    keys = current_keys().filter(scopes__contains=Scope.INGEST.value)
    if digests is not None:
        keys = keys.filter(digest__in=digests)
    own_sites = Prefetch("team__sites", Site.objects.only("pk", "team"))
    for key in keys.select_related("team").prefetch_related(own_sites, "sites"):
        own = {site.pk for site in key.team.sites.all()}
        chosen = own if key.all_sites else own & {site.pk for site in key.sites.all()}
        yield key.digest, encode(IngestKey(key_id=key.pk, site_ids=tuple(sorted(chosen))))


_SITES: Final = _Published(redis_keys.SITES, redis_keys.SITES_CHANGED, _sites)
_KEYS: Final = _Published(redis_keys.INGEST_KEYS, redis_keys.INGEST_KEYS_CHANGED, _keys)


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of `PART` at most."""
    rest = iter(items)
    while part := list(islice(rest, PART)):
        yield part
