"""Guests of a site, as in Plausible's Sites API."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.api.pages import PAGING, PageMetaOutput, page, parse_paging
from webapp.api.provisioning import (
    BY_METHOD,
    READ_RESPONSES,
    WRITE_RESPONSES,
    BadParameter,
    DeletedOutput,
    SitesView,
    checked,
    deleted,
    required,
    required_text,
)
from webapp.api.views import SITE_ID
from webapp.sites.models import Scope
from webapp.teams import services
from webapp.teams.models import MANAGING, Guest, Role
from webapp.teams.selectors import guests_of

TO_CREATE: Final = "create guest"
BAD_ROLE: Final = (
    "Parameter `role` is required to create guest. Possible values: `viewer` or `editor`"
)


class GuestOutput(serializers.Serializer[None]):
    email = serializers.CharField()
    role = serializers.ChoiceField(Guest.ROLES)
    accepted = serializers.BooleanField()
    status = serializers.ChoiceField(["accepted", "invited"])


class GuestsOutput(serializers.Serializer[None]):
    guests = GuestOutput(many=True)
    meta = PageMetaOutput()


class NewGuestInput(serializers.Serializer[None]):
    site_id = serializers.CharField(help_text="The site's domain")
    email = serializers.EmailField()
    role = serializers.ChoiceField(Guest.ROLES)


class GuestsApi(SitesView):
    required_scope = {**BY_METHOD, "GET": Scope.SITES_READ}  # noqa: RUF012 - as in its base

    @extend_schema(
        operation_id="guests",
        summary="A site's guests, the newest first",
        parameters=[SITE_ID, *PAGING],
        responses={200: GuestsOutput, **READ_RESPONSES},
    )
    def get(self, request: Request) -> Response:
        given = self.given(request)
        site = self.find_site(request, required(given, "site_id", "list guests"))
        rows, meta = page(guests_of(site), parse_paging(given))
        return Response({"guests": [_guest_json(row) for row in rows], "meta": meta})

    @extend_schema(
        operation_id="guests_put",
        summary="Find or invite a guest",
        description="Who logs in with that address becomes a guest; they are told by mail, once, "
        "and one address of at most 5 invitations a day. The role of who is invited or "
        "a guest already stays.",
        request=NewGuestInput,
        responses={200: GuestOutput, **WRITE_RESPONSES},
        examples=[
            OpenApiExample(
                "a guest",
                value={"site_id": "example.com", "email": "jo@example.org", "role": "viewer"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request) -> Response:
        given = self.given(request)
        domain = required(given, "site_id", TO_CREATE)
        email = required_text(given, "email", TO_CREATE)
        if given.get("role") not in (Role.EDITOR.value, Role.VIEWER.value):
            raise BadParameter(BAD_ROLE)
        site = self.find_site_for(request, domain, MANAGING)
        guest = services.find_or_invite_guest(site=site, email=email, role=Role(given["role"]))
        return Response(_guest_json(guest))


class GuestApi(SitesView):
    @extend_schema(
        operation_id="guests_delete",
        summary="Let a guest go, or take an invitation back",
        parameters=[
            OpenApiParameter("email", str, OpenApiParameter.PATH, description="The guest's"),
            SITE_ID,
        ],
        responses={200: DeletedOutput, **WRITE_RESPONSES},
    )
    def delete(self, request: Request, email: str) -> Response:
        domain = required(self.given(request), "site_id", "delete a guest")
        site = self.find_site_for(request, domain, MANAGING)
        services.remove_guest(site=site, email=checked("email", email))
        return deleted()


def _guest_json(guest: Guest) -> dict[str, Any]:
    """In both ways that Plausible's API has told it in: `accepted`, later `status`."""
    return {
        "email": guest.email,
        "role": guest.role,
        "accepted": guest.has_accepted,
        "status": "accepted" if guest.has_accepted else "invited",
    }
