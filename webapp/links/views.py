"""Where a shared link leads: the dashboard of its site, for reading."""

from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from webapp.accounts import throttle
from webapp.accounts.forms import THROTTLED
from webapp.config.middleware import FRAMED_ANYWHERE
from webapp.links.forms import PasswordForm
from webapp.links.models import SharedLink
from webapp.links.passes import PASS_S, link_of_pass, make_pass
from webapp.links.selectors import find_link

THEMES: Final = ("light", "dark")
# The address has the slug. Not "no-referrer" where a form is: browsers would send `Origin: null`
# with it, which the check of its CSRF token refuses.
FORM_REFERRER: Final = "strict-origin"
PAGE_REFERRER: Final = "no-referrer"


class SharedDashboardView(View):
    """A wrong slug, a revoked link and a site of another name are the same 404.

    A password, once given, is remembered by a cookie that is the link's pass, for as long as that.
    """

    link: SharedLink

    def dispatch(
        self, request: HttpRequest, *args: Any, domain: str, **kwargs: Any
    ) -> HttpResponseBase:
        link = find_link(domain, request.GET.get("auth", ""))
        if link is None:
            raise Http404("no such link")
        self.link = link
        response = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Referrer-Policy", FORM_REFERRER)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def get(self, request: HttpRequest) -> HttpResponse:
        held = self._held_pass()
        if held is None:
            return self._ask(PasswordForm(link=self.link, meta=request.META))
        # A frame of another site would not keep the cookie, and a password is not for frames.
        is_embedded = request.GET.get("embed") == "true" and not self.link.password
        response = render(
            request,
            "shared.html",
            {"boot": self._boot(is_embedded=is_embedded), "link_pass": held},
        )
        response["Referrer-Policy"] = PAGE_REFERRER
        if is_embedded:
            response["Content-Security-Policy"] = FRAMED_ANYWHERE
            response.xframe_options_exempt = True
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = redirect(request.get_full_path())
        if not self.link.password:
            return response
        form = PasswordForm(request.POST, link=self.link, meta=request.META)
        if not form.is_valid():
            return self._ask(form)
        response.set_cookie(
            self._cookie,
            make_pass(self.link),
            max_age=PASS_S,
            path="/share/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def _ask(self, form: PasswordForm) -> HttpResponse:
        """429 with Retry-After once the link or an address was tried too often."""
        response = render(self.request, "share_password.html", {"form": form})
        if form.has_error("__all__", code=THROTTLED):
            response.status_code = 429
            response["Retry-After"] = str(throttle.WINDOW_S)
        return response

    def _held_pass(self) -> str | None:
        """What the page may read with; None before the password was given."""
        if not self.link.password:
            return make_pass(self.link)
        held = self.request.COOKIES.get(self._cookie, "")
        return held if link_of_pass(held) == self.link else None

    @property
    def _cookie(self) -> str:
        return f"pawprint_link_{self.link.pk}"

    def _boot(self, *, is_embedded: bool) -> dict[str, Any]:
        """As the dashboard's of a member, without anything that is only theirs."""
        site, theme = self.link.site, self.request.GET.get("theme")
        return {
            "domain": site.domain,
            "timezone": site.timezone,
            "sites": [],
            "user": None,
            "collectorUrl": "",
            "isDemo": site.team.is_demo,
            "shared": {
                "isEmbedded": is_embedded,
                "theme": theme if is_embedded and theme in THEMES else None,
            },
        }
