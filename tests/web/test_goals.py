"""Goals and custom properties: written once, refused with the field named, asked as conditions."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from aggregates.clickhouse.filters import All, Filter, Operator, ScrolledTo
from aggregates.clickhouse.filters import Goal as AskedGoal
from aggregates.clickhouse.vocabulary import DIMENSIONS, prop_dimension
from webapp.goals import models, services
from webapp.goals.models import CustomProp, Goal, Kind
from webapp.goals.selectors import currency_of, goals_of, props_of
from webapp.goals.services import WantedGoal
from webapp.sites.models import Site

SIGNUP = WantedGoal(Kind.EVENT, event_name="Signup")
PRICES = WantedGoal(Kind.PAGE, page="/prices")
READ = WantedGoal(Kind.SCROLL, page="/blog/*", scroll_depth=75)


def test_goals_become_conditions(site: Site, charlies_site: Site) -> None:
    services.find_or_create_goal(charlies_site, SIGNUP)
    services.find_or_create_goal(site, replace(SIGNUP, props={"plan": "pro", "a": "b"}))
    services.find_or_create_goal(site, PRICES)
    services.find_or_create_goal(site, replace(READ, display_name=" Read it "))
    name, page = DIMENSIONS["event:name"], DIMENSIONS["event:page"]
    assert goals_of(site) == (
        AskedGoal(
            "Signup",
            All(
                (
                    Filter(name, False, ("Signup",), Operator.IS),
                    Filter(prop_dimension("a"), False, ("b",), Operator.IS),
                    Filter(prop_dimension("plan"), False, ("pro",), Operator.IS),
                )
            ),
        ),
        AskedGoal(
            "Visit /prices",
            All(
                (
                    Filter(name, False, ("pageview",), Operator.IS),
                    Filter(page, False, ("/prices",), Operator.FITS),
                )
            ),
        ),
        AskedGoal("Read it", ScrolledTo("/blog/*", 75)),
    )


@pytest.mark.parametrize("wanted", [SIGNUP, replace(SIGNUP, props={"b": "1", "a": "2"}), READ])
def test_the_same_goal_is_found_again(wanted: WantedGoal, site: Site, charlies_site: Site) -> None:
    first = services.find_or_create_goal(site, wanted)
    again = replace(
        wanted, event_name=f" {wanted.event_name} ", props=dict(sorted(wanted.props.items()))
    )
    assert services.find_or_create_goal(site, replace(again, display_name="Other")) == first
    assert services.find_or_create_goal(charlies_site, wanted) != first
    assert Goal.objects.count() == 2


def test_what_differs_is_another_goal(site: Site) -> None:
    different = (
        SIGNUP,
        replace(SIGNUP, props={"plan": "pro"}, display_name="Pro"),
        replace(PRICES, page="/prices/*"),
        PRICES,
        READ,
        replace(READ, scroll_depth=0),
    )
    for wanted in different:
        services.find_or_create_goal(site, wanted)
    assert len(goals_of(site)) == len(different)


def test_a_path_is_kept_as_hits_have_it(site: Site) -> None:
    goal = services.find_or_create_goal(site, replace(PRICES, page=" caf%C3%A9/*"))
    assert (goal.page, goal.display_name) == ("/café/*", "Visit /café/*")


def test_one_event_has_one_currency(site: Site) -> None:
    buy = WantedGoal(Kind.EVENT, event_name="Buy", currency="eur")
    bought = services.find_or_create_goal(site, buy)
    assert bought.currency == "EUR"
    assert services.find_or_create_goal(site, replace(buy, currency="")) == bought
    with pytest.raises(ValidationError) as refused:
        services.find_or_create_goal(site, replace(buy, currency="USD"))
    assert list(refused.value.message_dict) == ["event_name"]
    services.find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name="Rent", currency="USD"))
    services.find_or_create_goal(site, SIGNUP)
    assert currency_of(site, ["Buy", "Signup"]) == "EUR"
    assert currency_of(site, ["Buy", "Rent"]) == ""
    assert currency_of(site, ["Signup"]) == currency_of(site, []) == ""


def test_currencies_are_the_sites_own(site: Site, charlies_site: Site) -> None:
    services.find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name="Buy", currency="EUR"))
    assert currency_of(charlies_site, ["Buy"]) == ""


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (WantedGoal(Kind.EVENT), "event_name"),
        (WantedGoal(Kind.EVENT, event_name="x" * 121), "event_name"),
        (WantedGoal(Kind.EVENT, event_name="a\x00b"), "event_name"),
        (WantedGoal(Kind.EVENT, event_name="a\ud800b"), "event_name"),
        (WantedGoal(Kind.EVENT, event_name="pageview"), "event_name"),
        (WantedGoal(Kind.EVENT, event_name="engagement"), "event_name"),
        (replace(SIGNUP, page="/a"), "page"),
        (replace(SIGNUP, scroll_depth=5), "scroll_depth"),
        (replace(SIGNUP, currency="EURO"), "currency"),
        (replace(SIGNUP, currency="E1R"), "currency"),
        (replace(SIGNUP, display_name="x" * 121), "display_name"),
        (replace(SIGNUP, display_name="\x1b[0m"), "display_name"),
        (replace(SIGNUP, props=dict.fromkeys("abcd", "1")), "props"),
        (replace(SIGNUP, props={"a": ""}), "props"),
        (replace(SIGNUP, props={" ": "a"}), "props"),
        (replace(SIGNUP, props={"a": "é" * 1_001}), "props"),
        (replace(SIGNUP, props={"é" * 151: "a"}), "props"),
        (WantedGoal(Kind.PAGE), "page"),
        (WantedGoal(Kind.PAGE, page="/" + "é" * 1_000), "page"),
        (WantedGoal(Kind.PAGE, page="/*a*b*c*d*e*f"), "page"),
        (replace(PRICES, event_name="Signup"), "event_name"),
        (replace(PRICES, props={"a": "b"}), "props"),
        (replace(PRICES, currency="EUR"), "currency"),
        (WantedGoal(Kind.SCROLL, page="/a"), "scroll_depth"),
        (WantedGoal(Kind.SCROLL, scroll_depth=5), "page"),
        (replace(READ, scroll_depth=101), "scroll_depth"),
        (replace(READ, scroll_depth=-1), "scroll_depth"),
    ],
)
def test_a_bad_goal_is_refused_and_named(wanted: WantedGoal, field: str, site: Site) -> None:
    with pytest.raises(ValidationError) as refused:
        services.find_or_create_goal(site, wanted)
    assert list(refused.value.message_dict) == [field]
    assert not Goal.objects.exists()


def test_names_that_are_shown_are_unique(site: Site) -> None:
    services.find_or_create_goal(site, SIGNUP)
    with pytest.raises(ValidationError):
        services.find_or_create_goal(site, replace(PRICES, display_name="Signup"))
    assert len(goals_of(site)) == 1


def test_goals_have_a_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "GOALS_MAX", 2)
    services.find_or_create_goal(site, SIGNUP)
    services.find_or_create_goal(site, PRICES)
    with pytest.raises(ValidationError, match="Maximum number of goals reached"):
        services.find_or_create_goal(site, READ)
    assert services.find_or_create_goal(site, SIGNUP).display_name == "Signup"
    services.delete_goal(Goal.objects.get(kind=Kind.PAGE))
    services.find_or_create_goal(site, READ)
    assert [goal.name for goal in goals_of(site)] == ["Signup", "Scroll 75% on /blog/*"]


def test_properties(site: Site, charlies_site: Site) -> None:
    for name in ("plan", " author ", "plan"):
        services.allow_prop(site, name)
    assert props_of(site) == ("plan", "author")
    assert props_of(charlies_site) == ()
    services.disallow_prop(charlies_site, "plan")
    services.disallow_prop(site, "author")
    services.disallow_prop(site, "author")
    assert props_of(site) == ("plan",)


@pytest.mark.parametrize("name", ["", " ", "é" * 151, "x" * 301, "a\x00", "\udfff"])
def test_a_bad_property_is_refused(name: str, site: Site) -> None:
    with pytest.raises(ValidationError) as refused:
        services.allow_prop(site, name)
    assert list(refused.value.message_dict) == ["name"]


def test_properties_have_a_limit(site: Site) -> None:
    names = [f"prop{number}" for number in range(models.CUSTOM_PROPS_MAX)]
    CustomProp.objects.bulk_create(CustomProp(site=site, name=name) for name in names)
    services.allow_prop(site, "prop7")
    with pytest.raises(ValidationError, match="Can't add any more"):
        services.allow_prop(site, "one more")
    assert props_of(site) == tuple(names)
