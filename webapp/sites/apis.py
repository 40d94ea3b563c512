"""Sites: listed, made, renamed, deleted, as in Plausible's Sites API."""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import User
from webapp.api.authentication import key_in, person_in, readable_sites
from webapp.api.errors import InvalidInput
from webapp.api.pages import PAGING, PageMetaOutput, page, parse_paging
from webapp.api.provisioning import (
    READ_RESPONSES,
    WRITE_RESPONSES,
    DeletedOutput,
    SitesView,
    deleted,
    optional_text,
)
from webapp.api.views import READ_ERRORS, WRITE_ERRORS
from webapp.goals.selectors import props_of
from webapp.sites import services
from webapp.sites.models import ApiKey, Site
from webapp.teams.models import EDITING, OWNING, READING, Role, Team
from webapp.teams.selectors import teams_of

TIMEZONE: Final = "Etc/UTC"
NOT_YOUR_TEAM: Final = "You can't add sites to the selected team."
TEAM_ID: Final = OpenApiParameter(
    "team_id",
    int,
    description="Only sites of that team of yours; with a key it is the key's team anyway",
    examples=[OpenApiExample("a team", value=1)],
)
CHANGE_EXAMPLE: Final = OpenApiExample(
    "a new domain", value={"domain": "new.example.com"}, request_only=True
)


class SiteOutput(serializers.Serializer[None]):
    domain = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA")


class WholeSiteOutput(SiteOutput):
    retention_days = serializers.IntegerField(
        help_text="Whole days (UTC) of numbers that are kept; 0 is for ever"
    )
    custom_properties = serializers.ListField(child=serializers.CharField())


class SitesMetaOutput(PageMetaOutput):
    count = serializers.IntegerField(help_text="Of all pages")


class SitesOutput(serializers.Serializer[None]):
    sites = SiteOutput(many=True)
    meta = SitesMetaOutput()


class NewSiteInput(serializers.Serializer[None]):
    domain = serializers.CharField(max_length=253)
    timezone = serializers.CharField(default=TIMEZONE, help_text="IANA")
    team_id = serializers.IntegerField(
        required=False, help_text="Needed by a person who is in several teams"
    )


class SiteChangeInput(serializers.Serializer[None]):
    domain = serializers.CharField(max_length=253, required=False)
    timezone = serializers.CharField(required=False, help_text="IANA")


class TeamOutput(serializers.Serializer[None]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    api_available = serializers.BooleanField()


class TeamsOutput(serializers.Serializer[None]):
    teams = TeamOutput(many=True)
    meta = PageMetaOutput()


class NotYourTeam(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = NOT_YOUR_TEAM
    default_code = "not_your_team"


class SitesApi(SitesView):
    @extend_schema(
        operation_id="sites",
        summary="Your sites, the newest first",
        parameters=[*PAGING, TEAM_ID],
        responses={200: SitesOutput, **READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        given = self.given(request)
        sites = readable_sites(request.user, key_in(request))
        if key_in(request) is None and given.get("team_id"):
            sites = sites.filter(team=_team_id(given["team_id"]))
        rows, meta = page(sites, parse_paging(given))
        return Response(
            {
                "sites": [{"domain": row.domain, "timezone": row.timezone} for row in rows],
                "meta": {**meta, "count": sites.count()},
            }
        )

    @extend_schema(
        operation_id="sites_create",
        summary="Make a site",
        request=NewSiteInput,
        responses={200: WholeSiteOutput, **WRITE_ERRORS},
        examples=[
            OpenApiExample(
                "a site",
                value={"domain": "example.com", "timezone": "Europe/London"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.given(request)
        team = _team_for_a_site(person_in(request), key_in(request), given.get("team_id"))
        domain = _domain(given)
        timezone = optional_text(given, "timezone") or TIMEZONE
        site = services.create_site(team=team, domain=domain, timezone=timezone)
        return Response(_site_json(site))


class SiteApi(SitesView):
    @extend_schema(
        operation_id="site",
        summary="A site",
        parameters=[OpenApiParameter("domain", str, OpenApiParameter.PATH, description="Its own")],
        responses={200: WholeSiteOutput, **READ_RESPONSES},
    )
    def get(self, request: Request, domain: str) -> Response:
        return Response(_site_json(self.find_site(request, domain)))

    @extend_schema(
        operation_id="sites_change",
        summary="Change a site's domain or timezone",
        description="The domain that it had still leads to it, and its pages are counted, for "
        "72 hours.",
        parameters=[OpenApiParameter("domain", str, OpenApiParameter.PATH, description="Its own")],
        request=SiteChangeInput,
        responses={200: WholeSiteOutput, **WRITE_RESPONSES},
        examples=[CHANGE_EXAMPLE],
    )
    def put(self, request: Request, domain: str) -> Response:
        given = self.given(request)
        site = self.find_site_for(request, domain, EDITING)
        if given.get("domain") is None and given.get("timezone") is None:
            raise InvalidInput("domain", "or timezone is needed")
        timezone = optional_text(given, "timezone")
        new_domain = _domain(given) if given.get("domain") is not None else ""
        return Response(_site_json(services.change_site(site, new_domain, timezone)))

    @extend_schema(
        operation_id="sites_delete",
        summary="Delete a site",
        description="Its hits are refused from then on. What was counted can be read by nobody "
        "any more; a new site of that domain starts empty.",
        parameters=[OpenApiParameter("domain", str, OpenApiParameter.PATH, description="Its own")],
        responses={200: DeletedOutput, **WRITE_RESPONSES},
    )
    def delete(self, request: Request, domain: str) -> Response:
        services.delete_site(self.find_site_for(request, domain, OWNING))
        return deleted()


class TeamsApi(SitesView):
    @extend_schema(
        operation_id="teams",
        summary="Your teams",
        parameters=[*PAGING],
        responses={200: TeamsOutput, **READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        own = _teams(person_in(request), key_in(request), READING)
        rows, meta = page(own, parse_paging(self.given(request)))
        teams = [{"id": row.pk, "name": row.name, "api_available": True} for row in rows]
        return Response({"teams": teams, "meta": meta})


def _team_id(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput("team_id", "is the number of a team")
    return int(text)


def _teams(user: User | None, key: ApiKey | None, roles: Collection[Role]) -> QuerySet[Team]:
    """That of a key, else those where the person has one of `roles`."""
    if key is not None:
        return Team.objects.filter(pk=key.team_id)
    return teams_of(user, roles) if user is not None else Team.objects.none()


def _team_for_a_site(user: User | None, key: ApiKey | None, team_id: object) -> Team:
    """Raises `NotYourTeam`, or `InvalidInput` if there are several to choose from."""
    if key is not None and not key.all_sites:
        raise NotYourTeam
    teams = list(_teams(user, key, EDITING))
    if key is None and team_id not in (None, ""):
        wanted = _team_id(team_id)
        teams = [team for team in teams if team.pk == wanted]
    if not teams:
        raise NotYourTeam
    if len(teams) > 1:
        raise InvalidInput("team_id", "select one of your teams")
    return teams[0]


def _domain(given: dict[str, Any]) -> str:
    """As people write it: with a scheme, in capitals, with a slash behind."""
    text = optional_text(given, "domain").strip().lower()
    if not text:
        raise InvalidInput("domain", "can't be blank")
    return text.removeprefix("http://").removeprefix("https://").rstrip("/")


def _site_json(site: Site) -> dict[str, Any]:
    return {
        "domain": site.domain,
        "timezone": site.timezone,
        "retention_days": site.retention_days,
        "custom_properties": list(props_of(site)),
    }
