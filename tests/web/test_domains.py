"""A site's domain: changed without losing a hit, kept from others for a while, let go of."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils.timezone import now
from redis import Redis

from schemas import redis_keys
from schemas.sites import SiteSettings, decode_site
from tests.web.conftest import CaptureOnCommit, FakeReader, holder_of
from webapp.sites import services
from webapp.sites.models import FormerDomain, Site
from webapp.sites.tasks import publish_sites
from webapp.teams.models import Team


def _let_time_pass() -> None:
    FormerDomain.objects.update(kept_until=now() - dt.timedelta(seconds=1))


def _published(url: str) -> dict[str, SiteSettings]:
    with Redis.from_url(url) as client:
        found = client.hgetall(redis_keys.SITES)
    return {domain.decode(): decode_site(value) for domain, value in found.items()}


def test_the_old_domain_leads_to_the_site(site: Site, key: str, rollups: FakeReader) -> None:
    services.change_domain(site, "new.example")
    for domain in ("new.example", "alice.example"):
        read = holder_of(key).get(f"/api/v1/stats/aggregate?site_id={domain}")
        assert read.status_code == 200
    assert {asked["site_id"] for asked in rollups.asked if "site_id" in asked} == {site.pk}
    _let_time_pass()
    read = holder_of(key).get("/api/v1/stats/aggregate?site_id=alice.example")
    assert read.status_code == 401


def test_the_old_domain_is_kept_for_a_while(site: Site, charlies_team: Team) -> None:
    services.change_domain(site, "new.example")
    with pytest.raises(ValidationError) as refused:
        services.create_site(team=charlies_team, domain="alice.example", timezone="UTC")
    assert list(refused.value.message_dict) == ["domain"]
    _let_time_pass()
    services.create_site(team=charlies_team, domain="alice.example", timezone="UTC")
    assert not FormerDomain.objects.exists()


def test_there_and_back(site: Site) -> None:
    services.change_domain(site, "new.example")
    services.change_domain(site, "alice.example")
    assert [each.domain for each in FormerDomain.objects.all()] == ["new.example"]


@pytest.mark.parametrize("domain", ["alice.example", "charlie.example", "a b", "", "x" * 254])
def test_a_bad_domain_is_refused(domain: str, site: Site, charlies_site: Site) -> None:
    with pytest.raises(ValidationError) as refused:
        services.change_domain(site, domain)
    assert list(refused.value.message_dict) == ["domain"]
    site.refresh_from_db()
    assert site.domain == "alice.example"


def test_nobody_keeps_many_names(site: Site) -> None:
    for number in range(services.FORMER_DOMAINS_MAX):
        services.change_domain(site, f"{number}.example")
    with pytest.raises(ValidationError, match="too often"):
        services.change_domain(site, "one-more.example")


def test_a_deleted_sites_number_is_not_given_out_again(site: Site, team: Team) -> None:
    number = site.pk
    services.delete_site(site)
    assert not Site.objects.filter(domain="alice.example").exists()
    again = services.create_site(team=team, domain="alice.example", timezone="UTC")
    assert again.pk > number


@pytest.mark.integration
def test_collectors_are_told(
    site: Site,
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.change_domain(site, "new.example")
    current = SiteSettings(site.pk, "new.example", spike_threshold=60)
    former = SiteSettings(site.pk, "alice.example", spike_threshold=60, is_former=True)
    assert _published(real_redis) == {"new.example": current, "alice.example": former}
    with django_capture_on_commit_callbacks(execute=True):
        services.update_site_rules(site, services.SiteRules(honour_gpc=True))
    assert {each.honour_gpc for each in _published(real_redis).values()} == {True}
    _let_time_pass()
    publish_sites()
    assert _published(real_redis).keys() == {"new.example"}
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_site(site)
    assert _published(real_redis) == {}
