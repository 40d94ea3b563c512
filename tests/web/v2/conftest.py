"""A site with three goals, one of them without revenue, and a saved segment."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.web.v2.calls import NOW_S
from webapp.api.views import SiteView
from webapp.goals.models import Kind
from webapp.goals.services import WantedGoal, find_or_create_goal
from webapp.plausible import apis
from webapp.sites.models import Site


@pytest.fixture(autouse=True)
def site_facts(monkeypatch: pytest.MonkeyPatch, site: Site) -> Iterator[None]:
    monkeypatch.setattr(SiteView, "now_s", lambda self: NOW_S)
    for name, currency in (("Signup", ""), ("Buy", "USD"), ("Give", "EUR")):
        find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name=name, currency=currency))
    saved = [["is", "visit:country", ["DE"]]]
    monkeypatch.setattr(
        apis, "segment_filters", lambda site, person, number: saved if number == 7 else None
    )
    cache.clear()
    yield
    cache.clear()
