"""The sites that the caller may read."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import User
from webapp.api.authentication import readable_sites
from webapp.api.views import ERRORS
from webapp.sites.models import ApiKey


class SiteOutput(serializers.Serializer[None]):
    domain = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA")


class SitesMetaOutput(serializers.Serializer[None]):
    count = serializers.IntegerField()


class SitesOutput(serializers.Serializer[None]):
    sites = SiteOutput(many=True)
    meta = SitesMetaOutput()


class SitesApi(APIView):
    @extend_schema(
        operation_id="sites",
        summary="Your sites",
        responses={200: SitesOutput, 401: ERRORS[401], 429: ERRORS[429]},
    )
    def get(self, request: Request) -> Response:
        sites = readable_sites(cast(User, request.user), cast(ApiKey | None, request.auth))
        rows = list(sites.values("domain", "timezone"))
        return Response({"sites": rows, "meta": {"count": len(rows)}})
