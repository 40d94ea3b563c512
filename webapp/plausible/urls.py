from django.urls import path

from webapp.plausible import apis

urlpatterns = [path("query", apis.QueryApi.as_view(), name="v2-query")]
