"""The Sites API below `sites/`. Any domain comes last: the other words hold no dot."""

from django.urls import path

from webapp.goals.apis import CustomPropApi, CustomPropsApi, GoalApi, GoalsApi
from webapp.links.apis import LinkApi, LinksApi
from webapp.sites.apis import SiteApi, TeamsApi
from webapp.teams.apis import GuestApi, GuestsApi

urlpatterns = [
    path("teams", TeamsApi.as_view(), name="teams"),
    path("shared-links", LinksApi.as_view(), name="shared-links"),
    path("shared-links/<int:link_id>", LinkApi.as_view(), name="shared-link"),
    path("goals", GoalsApi.as_view(), name="goals"),
    path("goals/<str:goal_id>", GoalApi.as_view(), name="goal"),
    path("custom-props", CustomPropsApi.as_view(), name="custom-props"),
    path("custom-props/<path:property>", CustomPropApi.as_view(), name="custom-prop"),
    path("guests", GuestsApi.as_view(), name="guests"),
    path("guests/<str:email>", GuestApi.as_view(), name="guest"),
    path("<str:domain>", SiteApi.as_view(), name="site"),
]
