"""Goals and custom properties, as in Plausible's Sites API; goals of all kinds."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.api.errors import InvalidInput
from webapp.api.pages import PAGING, PageMetaOutput, page, parse_paging
from webapp.api.provisioning import (
    READ_RESPONSES,
    WRITE_RESPONSES,
    BadParameter,
    DeletedOutput,
    NotFound,
    SitesView,
    checked,
    deleted,
    optional_text,
    required,
    required_text,
)
from webapp.api.views import SITE_ID
from webapp.goals import services
from webapp.goals.models import Goal, Kind
from webapp.goals.selectors import goal_of, goals_in, props_of
from webapp.goals.services import WantedGoal
from webapp.teams.models import EDITING

# What a goal's fields are called here.
NAMES: Final = {"page": "page_path", "scroll_depth": "scroll_threshold", "props": "custom_props"}
TO_CREATE_GOAL: Final = "create a goal"
TO_CREATE_PROP: Final = "create a custom property"


class GoalOutput(serializers.Serializer[None]):
    id = serializers.IntegerField()
    display_name = serializers.CharField()
    goal_type = serializers.ChoiceField(Kind.choices)
    event_name = serializers.CharField(allow_null=True)
    page_path = serializers.CharField(allow_null=True)
    scroll_threshold = serializers.IntegerField(help_text="Percent; -1 for other kinds of goals")
    custom_props = serializers.DictField(child=serializers.CharField())
    currency = serializers.CharField(allow_null=True, help_text="ISO 4217, of revenue")


class GoalOfSiteOutput(GoalOutput):
    domain = serializers.CharField()


class GoalsOutput(serializers.Serializer[None]):
    goals = GoalOutput(many=True)
    meta = PageMetaOutput()


class NewGoalInput(serializers.Serializer[None]):
    site_id = serializers.CharField(help_text="The site's domain")
    goal_type = serializers.ChoiceField(Kind.choices)
    event_name = serializers.CharField(required=False, help_text="Of an event")
    custom_props = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="Values that the event must have"
    )
    currency = serializers.CharField(required=False, help_text="ISO 4217, if it has revenue")
    page_path = serializers.CharField(
        required=False, help_text="Of a page or a scroll; * stands for any characters"
    )
    scroll_threshold = serializers.IntegerField(required=False, help_text="Percent, of a scroll")
    display_name = serializers.CharField(required=False)


class SiteInput(serializers.Serializer[None]):
    site_id = serializers.CharField(help_text="The site's domain")


class CustomPropOutput(serializers.Serializer[None]):
    property = serializers.CharField()


class CustomPropsOutput(serializers.Serializer[None]):
    custom_properties = CustomPropOutput(many=True)


class NewCustomPropInput(SiteInput):
    property = serializers.CharField(max_length=300)


class CreatedOutput(serializers.Serializer[None]):
    created = serializers.BooleanField()


class GoalsApi(SitesView):
    @extend_schema(
        operation_id="goals",
        summary="A site's goals, the newest first",
        parameters=[SITE_ID, *PAGING],
        responses={200: GoalsOutput, **READ_RESPONSES},
    )
    def get(self, request: Request) -> Response:
        given = self.given(request)
        site = self.find_site(request, required(given, "site_id", "list goals"))
        rows, meta = page(goals_in(site), parse_paging(given))
        return Response({"goals": [_goal_json(row) for row in rows], "meta": meta})

    @extend_schema(
        operation_id="goals_put",
        summary="Find or make a goal",
        description="Of kind `event`, `page` or `scroll`. One that the same hits reach is found.",
        request=NewGoalInput,
        responses={200: GoalOfSiteOutput, **WRITE_RESPONSES},
        examples=[
            OpenApiExample(
                "a purchase",
                value={
                    "site_id": "example.com",
                    "goal_type": "event",
                    "event_name": "Purchase",
                    "currency": "EUR",
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: Request) -> Response:
        given = self.given(request)
        domain = required(given, "site_id", TO_CREATE_GOAL)
        required(given, "goal_type", TO_CREATE_GOAL)
        site = self.find_site_for(request, domain, EDITING)
        try:
            goal = services.find_or_create_goal(site, _wanted(given))
        except ValidationError as error:
            raise _renamed(error) from error
        return Response({**_goal_json(goal), "domain": site.domain})


class GoalApi(SitesView):
    @extend_schema(
        operation_id="goals_delete",
        summary="Delete a goal",
        parameters=[
            OpenApiParameter("goal_id", str, OpenApiParameter.PATH, description="The goal's id"),
            SITE_ID,
        ],
        responses={200: DeletedOutput, **WRITE_RESPONSES},
    )
    def delete(self, request: Request, goal_id: str) -> Response:
        domain = required(self.given(request), "site_id", "delete a goal")
        site = self.find_site_for(request, domain, EDITING)
        is_id = goal_id.isascii() and goal_id.isdigit() and len(goal_id) <= 18
        goal = goal_of(site, int(goal_id)) if is_id else None
        if goal is None:
            raise NotFound("Goal could not be found")
        services.delete_goal(goal)
        return deleted()


class CustomPropsApi(SitesView):
    @extend_schema(
        operation_id="custom_props",
        summary="A site's custom properties",
        parameters=[SITE_ID],
        responses={200: CustomPropsOutput, **READ_RESPONSES},
    )
    def get(self, request: Request) -> Response:
        domain = required(self.given(request), "site_id", "list custom properties")
        names = props_of(self.find_site(request, domain))
        return Response({"custom_properties": [{"property": name} for name in names]})

    @extend_schema(
        operation_id="custom_props_put",
        summary="Let a custom property be shown",
        request=NewCustomPropInput,
        responses={200: CreatedOutput, **WRITE_RESPONSES},
        examples=[
            OpenApiExample(
                "a property",
                value={"site_id": "example.com", "property": "plan"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request) -> Response:
        given = self.given(request)
        domain = required(given, "site_id", TO_CREATE_PROP)
        name = required_text(given, "property", TO_CREATE_PROP)
        site = self.find_site_for(request, domain, EDITING)
        try:
            services.allow_prop(site, name)
        except ValidationError as error:
            raise _of_prop(error) from error
        return Response({"created": True})


class CustomPropApi(SitesView):
    @extend_schema(
        operation_id="custom_props_delete",
        summary="Stop showing a custom property",
        parameters=[
            OpenApiParameter("property", str, OpenApiParameter.PATH, description="Its name"),
            SITE_ID,
        ],
        responses={200: DeletedOutput, **WRITE_RESPONSES},
    )
    def delete(self, request: Request, property: str) -> Response:
        domain = required(self.given(request), "site_id", "delete a custom property")
        site = self.find_site_for(request, domain, EDITING)
        services.disallow_prop(site, checked("property", property))
        return deleted()


def _wanted(given: Mapping[str, Any]) -> WantedGoal:
    """Raises `BadParameter`, `InvalidInput`."""
    text = str(given["goal_type"])
    if text not in Kind.values:
        raise InvalidInput("goal_type", f"one of {', '.join(Kind.values)}")
    kind = Kind(text)
    if kind is Kind.EVENT:
        required(given, "event_name", TO_CREATE_GOAL)
    else:
        required(given, "page_path", TO_CREATE_GOAL)
    props = given.get("custom_props") or {}
    if not isinstance(props, dict):
        raise InvalidInput("custom_props", "must be a map with string keys and string values")
    return WantedGoal(
        kind=kind,
        event_name=optional_text(given, "event_name") if kind is Kind.EVENT else "",
        props=props if kind is Kind.EVENT else {},
        currency=optional_text(given, "currency") if kind is Kind.EVENT else "",
        page=optional_text(given, "page_path") if kind is not Kind.EVENT else "",
        scroll_depth=_scroll_depth(given) if kind is Kind.SCROLL else None,
        display_name=optional_text(given, "display_name"),
    )


def _scroll_depth(given: Mapping[str, Any]) -> int:
    text = str(required(given, "scroll_threshold", TO_CREATE_GOAL))
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise InvalidInput("scroll_threshold", "is a number from 0 to 100")
    return int(text)


def _goal_json(goal: Goal) -> dict[str, Any]:
    return {
        "id": goal.pk,
        "display_name": goal.display_name,
        "goal_type": goal.kind,
        "event_name": goal.event_name or None,
        "page_path": goal.page or None,
        "scroll_threshold": -1 if goal.scroll_depth is None else goal.scroll_depth,
        "custom_props": goal.props,
        "currency": goal.currency or None,
    }


def _renamed(error: ValidationError) -> ValidationError:
    """With the fields' names as they were given."""
    if not hasattr(error, "error_dict"):
        return error
    return ValidationError(
        {NAMES.get(name, name): messages for name, messages in error.message_dict.items()}
    )


def _of_prop(error: ValidationError) -> BadParameter:
    message = error.messages[0]
    if "at most" in message:
        message = "Parameter `property` is too long"
    return BadParameter(message)
