"""Shared links: found or made as in Plausible's Sites API; listed and revoked."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.api.pages import PAGING, PageMetaOutput, page, parse_paging
from webapp.api.provisioning import (
    WRITE_RESPONSES,
    DeletedOutput,
    NotFound,
    SitesView,
    deleted,
    optional_text,
    required,
    required_text,
)
from webapp.api.views import SITE_ID
from webapp.links import services
from webapp.links.models import SharedLink
from webapp.links.selectors import links_of, url_of
from webapp.sites.models import Scope
from webapp.teams.models import EDITING

TO_CREATE = "create a shared link"


class LinkOutput(serializers.Serializer[None]):
    name = serializers.CharField()
    url = serializers.CharField()


class ListedLinkOutput(LinkOutput):
    id = serializers.IntegerField()
    has_password = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class LinksOutput(serializers.Serializer[None]):
    shared_links = ListedLinkOutput(many=True)
    meta = PageMetaOutput()


class NewLinkInput(serializers.Serializer[None]):
    site_id = serializers.CharField(help_text="The site's domain")
    name = serializers.CharField(max_length=120)
    password = serializers.CharField(required=False, max_length=128)


class LinksApi(SitesView):
    # Who has a link sees the site, so that reading them takes what making them takes.
    required_scope = Scope.SITES_WRITE

    @extend_schema(
        operation_id="shared_links",
        summary="A site's shared links, the newest first",
        description="For who may make them: who knows a link may use it.",
        parameters=[SITE_ID, *PAGING],
        responses={200: LinksOutput, **WRITE_RESPONSES},
    )
    def get(self, request: Request) -> Response:
        given = self.given(request)
        domain = required(given, "site_id", "list shared links")
        site = self.find_site_for(request, domain, EDITING)
        rows, meta = page(links_of(site).select_related("site"), parse_paging(given))
        return Response({"shared_links": [_link_json(row) for row in rows], "meta": meta})

    @extend_schema(
        operation_id="shared_links_put",
        summary="Find or make a shared link",
        description="By its name. The password of a link that is there stays what it is.",
        request=NewLinkInput,
        responses={200: LinkOutput, **WRITE_RESPONSES},
        examples=[
            OpenApiExample(
                "a link",
                value={"site_id": "example.com", "name": "For the board"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request) -> Response:
        given = self.given(request)
        domain = required(given, "site_id", TO_CREATE)
        name = required_text(given, "name", TO_CREATE)
        site = self.find_site_for(request, domain, EDITING)
        link = services.find_or_create_link(
            site=site, name=name, password=optional_text(given, "password")
        )
        return Response({"name": link.name, "url": url_of(link)})


class LinkApi(SitesView):
    @extend_schema(
        operation_id="shared_links_revoke",
        summary="Revoke a shared link",
        parameters=[
            OpenApiParameter("link_id", int, OpenApiParameter.PATH, description="The link's id"),
            SITE_ID,
        ],
        responses={200: DeletedOutput, **WRITE_RESPONSES},
    )
    def delete(self, request: Request, link_id: int) -> Response:
        domain = required(self.given(request), "site_id", "revoke a shared link")
        site = self.find_site_for(request, domain, EDITING)
        link = links_of(site).filter(pk=link_id).first()
        if link is None:
            raise NotFound("Shared link could not be found")
        services.revoke_link(link)
        return deleted()


def _link_json(link: SharedLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "name": link.name,
        "url": url_of(link),
        "has_password": bool(link.password),
        "created_at": link.created_at,
    }
