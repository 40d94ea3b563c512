"""The live stream of a site: server-sent events."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import cache
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from webapp.api import limits
from webapp.api.authentication import key_of, link_of
from webapp.api.errors import MISSING_KEY, RETRY_AFTER_S, SCHEME, InvalidInput, NoAccess, json_error
from webapp.api.limits import TooManyRequests
from webapp.api.permissions import check_scope
from webapp.api.views import find_site
from webapp.links.models import SharedLink
from webapp.links.passes import PARAMETER, link_of_pass
from webapp.live.hub import Hub
from webapp.live.limits import LINK_CHECK_S
from webapp.sites.models import Scope, Site

FULL: Final = "Too many live views are open on this server. Try again in a few seconds."
UNBUFFERED: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@cache
def hub() -> Hub:
    """The process's hub."""
    return Hub(settings.REDIS_URL, settings.PARTITIONS)


@require_GET
async def live_stream(request: HttpRequest) -> HttpResponseBase:
    """Events `live` and `alert` of the site `site_id`; who may read is settled before it begins.

    Who came by a shared link hears no alerts, and nothing once the link does not hold any more.
    """
    try:
        site, link = await sync_to_async(_find_site)(request)
    except InvalidInput as error:
        return json_error(str(error), 400)
    except TooManyRequests as error:
        return json_error(str(error.detail), error.status_code, {"Retry-After": str(error.wait)})
    except NoAccess as error:
        return json_error(str(error.detail), error.status_code, {"WWW-Authenticate": SCHEME})
    if hub().is_full:
        return json_error(FULL, 503, {"Retry-After": str(RETRY_AFTER_S)})
    stream = _stream(site.pk) if link is None else _shared_stream(site.pk, request.GET[PARAMETER])
    return StreamingHttpResponse(stream, content_type="text/event-stream", headers=UNBUFFERED)


async def _stream(site_id: int) -> AsyncIterator[bytes]:
    # Django would keep the database connection open for as long as the stream.
    await sync_to_async(close_old_connections)()
    async with aclosing(hub().watch(site_id)) as events:
        async for event in events:
            yield event


async def _shared_stream(site_id: int, link_pass: str) -> AsyncIterator[bytes]:
    """Ends soon after `link_pass` does not hold any more. A feed is never silent for longer."""
    await sync_to_async(close_old_connections)()
    checked_at = time.monotonic()
    async with aclosing(hub().watch(site_id, hears_alerts=False)) as events:
        async for event in events:
            if time.monotonic() - checked_at >= LINK_CHECK_S:
                if not await sync_to_async(_still_holds)(link_pass):
                    return
                checked_at = time.monotonic()
            yield event


def _still_holds(link_pass: str) -> bool:
    try:
        return link_of_pass(link_pass) is not None
    finally:
        close_old_connections()


def _find_site(request: HttpRequest) -> tuple[Site, SharedLink | None]:
    """The site, and the shared link that it is seen by, if any."""
    key = key_of(request)
    link = link_of(request) if key is None else None
    limits.spend(request.META, request.user, key or link)
    if key is not None:
        check_scope(key, Scope.STATS_READ)
    elif link is None and isinstance(request.user, AnonymousUser):
        raise NoAccess(MISSING_KEY)
    return find_site(request.user, key or link, request.GET.get("site_id", "")), link
