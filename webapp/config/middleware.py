"""Middleware that works in both worlds: async below Granian, sync in Django's test client."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware

Middleware = Callable[[HttpRequest], Any]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def _policy(frame_ancestors: str) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "style-src 'self' 'unsafe-inline'",  # charts and Swagger place things by attributes
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


CONTENT_SECURITY_POLICY: Final = _policy("'none'")
# For a page that asks for it by setting the header: the others stay out of frames.
FRAMED_ANYWHERE: Final = _policy("*")


@sync_and_async_middleware
def static_files(get_response: Middleware) -> Middleware:
    """Serve the static files that WhiteNoise found at the start.

    WhiteNoise's own middleware is sync only: below ASGI it would send every request, and every
    open live stream, through a thread of its own and stream files with a warning each.
    """
    files = WhiteNoiseMiddleware(get_response)

    def serve(request: HttpRequest) -> HttpResponse | None:
        found = files.files.get(request.path_info)
        if found is None:
            return None
        served = found.get_response(request.method, request.META)
        content = b""
        if served.file is not None:
            with served.file as file:
                content = file.read()
        return HttpResponse(content, status=int(served.status), headers=dict(served.headers))

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info in files.files:
            return cast(HttpResponse, await sync_to_async(serve)(request))
        return await cast(AsyncHandler, get_response)(request)

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        return serve(request) or cast(HttpResponseBase, get_response(request))

    return middleware if iscoroutinefunction(get_response) else sync_middleware


@sync_and_async_middleware
def content_security_policy(get_response: Middleware) -> Middleware:
    """Scripts only from our own files, so that injected text stays text."""

    def protect(response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        return protect(await cast(AsyncHandler, get_response)(request))

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        return protect(cast(HttpResponseBase, get_response(request)))

    return middleware if iscoroutinefunction(get_response) else sync_middleware
