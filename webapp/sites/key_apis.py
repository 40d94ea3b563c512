"""API keys, managed by people: no key makes, shows or revokes another."""

import datetime as dt
from typing import Any, Final, cast

from django.conf import settings
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import User
from webapp.api.errors import InvalidInput
from webapp.api.views import ERRORS, ErrorOutput
from webapp.sites import selectors, services
from webapp.sites.keys import digest
from webapp.sites.models import ApiKey, Scope, Site
from webapp.teams.models import Team
from webapp.teams.selectors import managed_teams

SITES_OF_KEY_MAX: Final = 200
PER_HOUR_MAX: Final = 2**31 - 1
NOT_MANAGING: Final = "Only an owner or an admin of a team may manage its API keys."
ERRORS_OF_PERSONS: Final[dict[int, Any]] = {
    401: ERRORS[401],
    403: OpenApiResponse(ErrorOutput, "Called with a key, or by who manages no team"),
    429: ERRORS[429],
}


class KeyTeamOutput(serializers.Serializer[None]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class KeyOutput(serializers.Serializer[None]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins; the rest is not kept")
    team = KeyTeamOutput()
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    sites = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="The domains it opens; null for all sites of the team",
    )
    requests_per_hour = serializers.IntegerField(help_text="0 is no limit")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute")


class KeysOutput(serializers.Serializer[None]):
    results = KeyOutput(many=True)


class NewKeyOutput(KeyOutput):
    key = serializers.CharField(help_text="Shown this once: only its hash is kept")


class NewKeyInput(serializers.Serializer[None]):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), allow_empty=False, max_length=len(Scope)
    )
    team = serializers.IntegerField(
        required=False, help_text="Its id; needed by who manages several teams"
    )
    sites = serializers.ListField(
        child=serializers.CharField(max_length=253),
        required=False,
        allow_null=True,
        allow_empty=False,
        max_length=SITES_OF_KEY_MAX,
        help_text="Domains of the team; all its sites, also later ones, without it",
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Then it opens nothing any more"
    )
    requests_per_hour = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=PER_HOUR_MAX,
        help_text="At most, and without it, what the operator allows each key",
    )

    def validate_expires_at(self, value: dt.datetime | None) -> dt.datetime | None:
        if value is not None and value <= now():
            raise serializers.ValidationError("must lie ahead")
        return value

    def validate_requests_per_hour(self, value: int | None) -> int | None:
        most = settings.API_REQUESTS_PER_HOUR
        if value is not None and most and value > most:
            raise serializers.ValidationError(f"at most {most}")
        return value


class KeysApi(APIView):
    required_scope = None

    @extend_schema(
        operation_id="keys",
        summary="The API keys of the teams you manage",
        description="The newest first, expired ones among them.",
        responses={200: KeysOutput, **ERRORS_OF_PERSONS},
    )
    def get(self, request: Request) -> Response:
        teams = _teams(request)
        found = selectors.keys_of_teams(team.pk for team in teams)
        return Response({"results": [_key_json(key) for key in found]})

    @extend_schema(
        operation_id="keys_create",
        summary="Make an API key",
        description="The answer shows the key, this once.",
        request=NewKeyInput,
        responses={201: NewKeyOutput, 400: ERRORS[400], **ERRORS_OF_PERSONS},
        examples=[
            OpenApiExample(
                "to read the numbers of one site",
                value={
                    "name": "Weekly report",
                    "scopes": ["stats:read"],
                    "sites": ["example.com"],
                    "expires_at": "2030-01-01T00:00:00Z",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        teams = _teams(request)
        given = NewKeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        team = _team(teams, wanted.get("team"))
        domains = wanted.get("sites")
        text = services.create_api_key(
            team=team,
            name=wanted["name"],
            scopes=[Scope(scope) for scope in wanted["scopes"]],
            sites=None if domains is None else _sites(team, domains),
            expires_at=wanted.get("expires_at"),
            requests_per_hour=wanted.get("requests_per_hour"),
        )
        key = selectors.keys_of_teams([team.pk]).get(digest=digest(text))
        return Response({**_key_json(key), "key": text}, status=status.HTTP_201_CREATED)


class KeyApi(APIView):
    required_scope = None

    @extend_schema(
        operation_id="keys_revoke",
        summary="Revoke an API key",
        description="It opens nothing from then on.",
        parameters=[
            OpenApiParameter("key_id", int, OpenApiParameter.PATH, description="The key's id")
        ],
        responses={
            204: None,
            404: OpenApiResponse(ErrorOutput, "No key of a team you manage"),
            **ERRORS_OF_PERSONS,
        },
    )
    def delete(self, request: Request, key_id: int) -> Response:
        teams = _teams(request)
        key = selectors.keys_of_teams(team.pk for team in teams).filter(pk=key_id).first()
        if key is None:
            raise NotFound("There is no such key.")
        services.revoke_api_key(key)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _teams(request: Request) -> list[Team]:
    """The teams that the caller manages. Raises `PermissionDenied` if there are none."""
    teams = list(managed_teams(cast(User, request.user)))
    if not teams:
        raise PermissionDenied(NOT_MANAGING)
    return teams


def _team(teams: list[Team], team_id: int | None) -> Team:
    if team_id is None and len(teams) == 1:
        return teams[0]
    for team in teams:
        if team.pk == team_id:
            return team
    choices = ", ".join(f"{team.pk} ({team.name})" for team in teams)
    raise InvalidInput("team", f"one of {choices}")


def _sites(team: Team, domains: list[str]) -> list[Site]:
    found = list(Site.objects.filter(team=team, domain__in=domains))
    missing = set(domains) - {site.domain for site in found}
    if missing:
        raise InvalidInput("sites", f"no site {min(missing)!r} in this team")
    return found


def _key_json(key: ApiKey) -> dict[str, Any]:
    own = key.requests_per_hour
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "team": {"id": key.team_id, "name": key.team.name},
        "scopes": key.scopes.split(),
        "sites": None if key.all_sites else sorted(site.domain for site in key.sites.all()),
        "requests_per_hour": settings.API_REQUESTS_PER_HOUR if own is None else own,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    }
