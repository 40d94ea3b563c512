"""Tells the collector and the streams about sites and ingest keys, through Redis.

One function makes Redis what the database says. It runs after every write and each minute, so it
does not matter that Redis may have been emptied or away, or that two of these runs overlapped.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import cast

from django.conf import settings
from django.db import transaction
from msgspec.structs import replace
from redis import Redis
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.sites import IngestKey, encode
from webapp.sites.models import FormerDomain, Scope, Site
from webapp.sites.selectors import current_keys, former_domains

logger = logging.getLogger(__name__)

TIMEOUT_S = 2


@cache
def redis_client() -> Redis:
    """The process's connections; made when first used."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )


def publish_on_commit(site: Site | None = None) -> None:
    """Publish once the running transaction is in the database; of one site only that one.

    Redis away: logged, and the next minute's run publishes; the write itself stands.
    """
    if site is None:
        transaction.on_commit(partial(_publish_if_possible, publish))
    else:
        transaction.on_commit(partial(_publish_if_possible, partial(publish_site, site.pk)))


def publish_site(site_id: int) -> None:
    """Write and announce one site as the database has it now. Raises `redis.RedisError`."""
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        return  # deleted meanwhile, and that was published
    pipeline = redis_client().pipeline()
    for domain, value in _fields([site], former_domains().filter(site=site)).items():
        pipeline.hset(redis_keys.SITES, domain, value)
        pipeline.publish(redis_keys.SITES_CHANGED, domain)
    pipeline.execute()


def publish() -> int:
    """Write what differs from the database and announce it; how many sites and keys that were.

    Raises `redis.RedisError`.
    """
    client = redis_client()
    changed_sites = _write_hash(client, redis_keys.SITES, _wanted_sites())
    changed_keys = _write_hash(client, redis_keys.INGEST_KEYS, _wanted_keys())
    for domain in sorted(changed_sites):
        client.publish(redis_keys.SITES_CHANGED, domain)
    for digest in sorted(changed_keys):
        client.publish(redis_keys.INGEST_KEYS_CHANGED, digest)
    return len(changed_sites) + len(changed_keys)


def _publish_if_possible(work: Callable[[], object]) -> None:
    try:
        work()
    except RedisError:
        logger.warning("sites not published: Redis is away")


def _wanted_sites() -> dict[str, bytes]:
    return _fields(Site.objects.all(), former_domains())


def _fields(sites: Iterable[Site], former: Iterable[FormerDomain]) -> dict[str, bytes]:
    """Domain -> settings; those that a site had have its settings too, unless it is taken again."""
    settings_of = {site.pk: site.settings() for site in sites}
    current = {each.domain: encode(each) for each in settings_of.values()}
    kept = {
        each.domain: encode(replace(settings_of[each.site_id], domain=each.domain, is_former=True))
        for each in former
        if each.site_id in settings_of and each.domain not in current
    }
    return current | kept


def _wanted_keys() -> dict[str, bytes]:
    """The ingest keys by digest; one that expires is gone with the next minute's run."""
    keys: dict[str, bytes] = {}
    query = current_keys().filter(scopes__contains=Scope.INGEST.value)
    for key in query.select_related("team").prefetch_related("team__sites", "sites"):
        own = {site.pk for site in key.team.sites.all()}
        chosen = own if key.all_sites else own & {site.pk for site in key.sites.all()}
        site_ids = tuple(sorted(chosen))
        keys[key.digest] = encode(IngestKey(key_id=key.pk, site_ids=site_ids))
    return keys


def _write_hash(client: Redis, name: str, wanted: Mapping[str, bytes]) -> set[str]:
    """Make the hash hold exactly `wanted`; the fields that differed."""
    fields = cast(dict[bytes, bytes], client.hgetall(name))
    found = {field.decode(errors="replace"): value for field, value in fields.items()}
    changed = {field: value for field, value in wanted.items() if found.get(field) != value}
    gone = found.keys() - wanted.keys()
    pipeline = client.pipeline()  # one transaction: a reader sees the old hash or the new one
    for field, value in changed.items():
        pipeline.hset(name, field, value)
    if gone:
        pipeline.hdel(name, *gone)
    pipeline.execute()
    return changed.keys() | gone
