"""What every answer of the API carries."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from webapp.api import limits

Handler = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def rate_limit_headers(get_response: Handler) -> Handler:
    """RateLimit-Limit, -Remaining and -Reset on the answer to every request that was counted."""

    def tell(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for name, value in limits.headers(request.META).items():
            response.headers[name] = value
        return response

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        return tell(request, await cast(Awaitable[HttpResponseBase], get_response(request)))

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        return tell(request, cast(HttpResponseBase, get_response(request)))

    return middleware if iscoroutinefunction(get_response) else sync_middleware
