"""Tells the collector and the streams about sites and ingest keys, through Redis.

One function makes Redis what the database says. It runs after every write and each minute, so it
does not matter that Redis may have been emptied or away, or that two of these runs overlapped.
"""

import logging
from collections.abc import Mapping
from functools import cache
from typing import cast

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.sites import IngestKey, SiteSettings, encode
from webapp.sites.models import ApiKey, Scope, Site

logger = logging.getLogger(__name__)

TIMEOUT_S = 2


@cache
def redis_client() -> Redis:
    """The process's connections; made when first used."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )


def publish_on_commit() -> None:
    """Publish once the running transaction is in the database.

    Redis away: logged, and the next minute's run publishes; the write itself stands.
    """
    transaction.on_commit(_publish_if_possible)


def publish() -> int:
    """Write what differs from the database and announce those sites; how many were announced.

    A site is announced when its settings or an ingest key of its team changed.
    Raises `redis.RedisError`.
    """
    sites = _wanted_sites()
    keys, domains_by_digest = _wanted_keys()
    client = redis_client()
    changed_sites = _write_hash(client, redis_keys.SITES, sites)
    changed_keys = _write_hash(client, redis_keys.INGEST_KEYS, keys)
    announced = changed_sites | {
        domain for digest in changed_keys for domain in domains_by_digest.get(digest, sites)
    }
    for domain in sorted(announced):
        client.publish(redis_keys.SITES_CHANGED, domain)
    return len(announced)


def _publish_if_possible() -> None:
    try:
        publish()
    except RedisError:
        logger.warning("sites not published: Redis is away")


def _wanted_sites() -> dict[str, bytes]:
    return {
        site.domain: encode(
            SiteSettings(
                site_id=site.pk,
                domain=site.domain,
                timezone=site.timezone,
                spike_threshold=site.spike_threshold,
            )
        )
        for site in Site.objects.all()
    }


def _wanted_keys() -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """The ingest keys by digest, and the domains each may write to."""
    keys: dict[str, bytes] = {}
    domains: dict[str, list[str]] = {}
    query = ApiKey.objects.filter(scopes__contains=Scope.INGEST.value)
    for key in query.select_related("team").prefetch_related("team__sites"):
        sites = sorted(key.team.sites.all(), key=lambda site: site.pk)
        site_ids = tuple(site.pk for site in sites)
        keys[key.digest] = encode(IngestKey(key_id=key.pk, site_ids=site_ids))
        domains[key.digest] = [site.domain for site in sites]
    return keys, domains


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
