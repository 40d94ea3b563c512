"""The live stream of a site: server-sent events."""

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
from webapp.api.authentication import key_of
from webapp.api.errors import MISSING_KEY, RETRY_AFTER_S, SCHEME, InvalidInput, NoAccess, json_error
from webapp.api.limits import TooManyRequests
from webapp.api.permissions import check_scope
from webapp.api.views import find_site
from webapp.live.hub import Hub
from webapp.sites.models import Scope, Site

FULL: Final = "Too many live views are open on this server. Try again in a few seconds."
UNBUFFERED: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@cache
def hub() -> Hub:
    """The process's hub."""
    return Hub(settings.REDIS_URL, settings.PARTITIONS)


@require_GET
async def live_stream(request: HttpRequest) -> HttpResponseBase:
    """Events `live` and `alert` of the site `site_id`; who may read is settled before it begins."""
    try:
        site = await sync_to_async(_find_site)(request)
    except InvalidInput as error:
        return json_error(str(error), 400)
    except TooManyRequests as error:
        return json_error(str(error.detail), error.status_code, {"Retry-After": str(error.wait)})
    except NoAccess as error:
        return json_error(str(error.detail), error.status_code, {"WWW-Authenticate": SCHEME})
    if hub().is_full:
        return json_error(FULL, 503, {"Retry-After": str(RETRY_AFTER_S)})
    return StreamingHttpResponse(
        _stream(site.pk), content_type="text/event-stream", headers=UNBUFFERED
    )


async def _stream(site_id: int) -> AsyncIterator[bytes]:
    # Django would keep the database connection open for as long as the stream.
    await sync_to_async(close_old_connections)()
    async with aclosing(hub().watch(site_id)) as events:
        async for event in events:
            yield event


def _find_site(request: HttpRequest) -> Site:
    key = key_of(request)
    limits.spend(request.META, request.user, key)
    if key is not None:
        check_scope(key, Scope.STATS_READ)
    elif isinstance(request.user, AnonymousUser):
        raise NoAccess(MISSING_KEY)
    return find_site(request.user, key, request.GET.get("site_id", ""))
