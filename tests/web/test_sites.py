"""Sites and keys: written, published, made for the demo."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.sites import IngestKey, SiteSettings, decode_ingest_key, decode_site
from tests.web.conftest import CaptureOnCommit, holder_of
from webapp.sites import keys, publishing, services
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.publishing import publish
from webapp.sites.tasks import publish_sites
from webapp.teams.models import Team


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"domain": "Alice.example"}, "domain"),
        ({"domain": "a/b"}, "domain"),
        ({"domain": ""}, "domain"),
        ({"domain": "x" * 254}, "domain"),
        ({"domain": "a\x00b"}, "domain"),
        ({"domain": "alice.example"}, "domain"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"spike_threshold": -1}, "spike_threshold"),
    ],
)
def test_a_bad_site_is_refused(
    changes: dict[str, str | int], field: str, site: Site, charlies_team: Team
) -> None:
    wanted = {"domain": "new.example", "timezone": "UTC", "spike_threshold": 0} | changes
    with pytest.raises(ValidationError) as refused:
        services.create_site(team=charlies_team, **wanted)  # type: ignore[arg-type]
    assert field in refused.value.message_dict


def test_only_the_hash_of_a_key_is_kept(team: Team) -> None:
    key = services.create_api_key(team=team, name="k", scopes=[Scope.INGEST, Scope.STATS_READ])
    kept = ApiKey.objects.get()
    assert key not in [str(value) for value in vars(kept).values()]
    assert key.startswith(kept.prefix)
    assert (kept.digest, kept.scopes) == (keys.digest(key), "ingest stats:read")


def test_a_revoked_key_opens_nothing(site: Site, key: str) -> None:
    assert holder_of(key).get("/api/v1/sites").status_code == 200
    services.revoke_api_key(ApiKey.objects.get())
    assert holder_of(key).get("/api/v1/sites").status_code == 401


def _published(url: str) -> tuple[dict[str, SiteSettings], dict[str, IngestKey]]:
    with Redis.from_url(url) as client:
        sites = client.hgetall(redis_keys.SITES)
        ingest = client.hgetall(redis_keys.INGEST_KEYS)
    return (
        {domain.decode(): decode_site(value) for domain, value in sites.items()},
        {digest.decode(): decode_ingest_key(value) for digest, value in ingest.items()},
    )


@pytest.mark.integration
def test_what_is_written_is_published(
    team: Team,
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        site = services.create_site(
            team=team, domain="new.example", timezone="Asia/Kolkata", spike_threshold=5
        )
        key = services.create_api_key(team=team, name="k", scopes=[Scope.INGEST])
        services.create_api_key(team=team, name="k", scopes=[Scope.STATS_READ])
    sites, ingest = _published(real_redis)
    assert sites == {"new.example": SiteSettings(site.pk, "new.example", "Asia/Kolkata", 5)}
    assert list(ingest) == [keys.digest(key)]
    assert ingest[keys.digest(key)].site_ids == (site.pk,)
    with django_capture_on_commit_callbacks(execute=True):
        services.revoke_api_key(ApiKey.objects.get(digest=keys.digest(key)))
        services.update_site(site, timezone="UTC", spike_threshold=0)
    sites, ingest = _published(real_redis)
    assert (sites["new.example"].timezone, ingest) == ("UTC", {})


ALL_RULES = services.SiteRules(
    hostnames=[" Example.com", "*.example.com", "example.com"],
    excluded_addresses=["203.0.113.7", "2001:DB8::/32"],
    excluded_countries=["de", "FR"],
    excluded_pages=["/admin/**", "/caf%C3%A9", ""],
    honour_gpc=True,
    honour_dnt=True,
    count_bots=True,
    count_data_centres=True,
    count_referrer_spam=True,
    rate_per_s_max=50,
)


@pytest.mark.integration
def test_a_sites_rules_are_published_at_once_and_alone(
    site: Site,
    charlies_site: Site,
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    with Redis.from_url(real_redis) as client, client.pubsub() as pubsub:
        pubsub.subscribe(redis_keys.SITES_CHANGED)
        pubsub.get_message(timeout=1)  # the confirmation
        with django_capture_on_commit_callbacks(execute=True):
            services.update_site_rules(site, ALL_RULES)
        message = pubsub.get_message(timeout=1)
    assert message is not None and message["data"] == b"alice.example"
    sites, _ = _published(real_redis)
    assert sites == {
        "alice.example": SiteSettings(
            site_id=site.pk,
            domain="alice.example",
            timezone="UTC",
            spike_threshold=60,
            hostnames=("example.com", "*.example.com"),
            excluded_addresses=("203.0.113.7", "2001:db8::/32"),
            excluded_countries=("DE", "FR"),
            excluded_pages=("/admin/**", "/café"),
            honour_gpc=True,
            honour_dnt=True,
            count_bots=True,
            count_data_centres=True,
            count_referrer_spam=True,
            rate_per_s_max=50,
        )
    }
    publish()  # the whole of the database says the same
    assert _published(real_redis)[0]["alice.example"] == sites["alice.example"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hostnames", ["exa mple.com"]),
        ("hostnames", ["https://example.com"]),
        ("hostnames", ["x" * 201]),
        ("hostnames", ["*a*b*c*d*e*f"]),
        ("excluded_addresses", ["203.0.113.300"]),
        ("excluded_addresses", ["0.0.0.0/0"]),
        ("excluded_addresses", ["10.0.0.0/33"]),
        ("excluded_addresses", [f"10.0.0.{n}" for n in range(101)]),
        ("excluded_countries", ["DEU"]),
        ("excluded_countries", ["D1"]),
        ("excluded_pages", ["admin"]),
        ("excluded_pages", ["/a\x00"]),
        ("excluded_pages", ["/**a**b**c**d**e**f"]),
        ("rate_per_s_max", -1),
        ("rate_per_s_max", 100_001),
    ],
)
def test_a_bad_rule_is_refused_and_named(field: str, value: object, site: Site) -> None:
    # Of the type it is refused for as well.
    rules = replace(services.SiteRules(), **{field: value})  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as refused:
        services.update_site_rules(site, rules)
    assert list(refused.value.message_dict) == [field]
    site.refresh_from_db()
    assert site.settings() == SiteSettings(site.pk, "alice.example", spike_threshold=60)


@pytest.mark.integration
def test_a_retention_is_published_and_shown(
    site: Site,
    key: str,
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call_command("set_retention", "alice.example", "400")
    assert "400 days" in capsys.readouterr().out
    assert _published(real_redis)[0]["alice.example"].retention_days == 400
    shown = holder_of(key).get("/api/v1/sites/alice.example").json()
    assert shown["retention_days"] == 400


@pytest.mark.parametrize(
    ("domain", "days", "named"),
    [
        ("alice.example", "-1", "retention_days"),
        ("alice.example", "36501", "retention_days"),
        ("nobody.example", "1", "nobody.example"),
    ],
)
def test_a_bad_retention_is_refused(domain: str, days: str, named: str, site: Site) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("set_retention", domain, days)
    site.refresh_from_db()
    assert site.retention_days == 0


@pytest.mark.integration
def test_an_emptied_redis_gets_everything_back(
    site: Site, charlies_site: Site, real_redis: str
) -> None:
    services.create_api_key(team=site.team, name="k", scopes=[Scope.INGEST])
    with (
        Redis.from_url(real_redis) as client,
        client.pubsub() as pubsub,
    ):
        pubsub.subscribe(redis_keys.SITES_CHANGED, redis_keys.INGEST_KEYS_CHANGED)
        for _ in range(2):
            pubsub.get_message(timeout=1)  # the confirmation
        publish_sites()
        full = _published(real_redis)
        client.flushdb()
        client.hset(redis_keys.SITES, "gone.example", b"no site")
        publish_sites()
        assert _published(real_redis) == full
        announced = []
        while message := pubsub.get_message(timeout=0.2):
            announced.append(message["data"].decode())
        digest = ApiKey.objects.get().digest
        assert publish() == 0  # nothing differs, so nobody is told
    own = ["alice.example", "charlie.example"]
    assert announced == [*own, digest, *own, "gone.example", digest]


def _heard(pubsub: PubSub) -> list[str]:
    """What was announced since."""
    names = []
    while message := pubsub.get_message(timeout=0.2):
        if message["type"] == "message":
            names.append(message["data"].decode())
    return names


@pytest.mark.integration
def test_only_what_was_written_is_published_at_once(
    site: Site,
    charlies_site: Site,
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    """However many sites there are: those of others, which Redis lacks here, wait for the run."""
    key = services.create_api_key(team=site.team, name="k", scopes=[Scope.INGEST])
    with Redis.from_url(real_redis) as client, client.pubsub() as pubsub:
        pubsub.subscribe(redis_keys.SITES_CHANGED)
        with django_capture_on_commit_callbacks(execute=True):
            made = services.create_site(team=site.team, domain="new.example", timezone="UTC")
        assert _heard(pubsub) == ["new.example"]
        sites, ingest = _published(real_redis)
        assert (list(sites), list(ingest)) == (["new.example"], [keys.digest(key)])
        assert ingest[keys.digest(key)].site_ids == (site.pk, made.pk)
        with django_capture_on_commit_callbacks(execute=True):
            services.change_domain(made, "newer.example")
        assert sorted(_heard(pubsub)) == ["new.example", "newer.example"]
        assert {name: each.is_former for name, each in _published(real_redis)[0].items()} == {
            "newer.example": False,
            "new.example": True,
        }
        with django_capture_on_commit_callbacks(execute=True):
            services.delete_site(made)
        assert sorted(_heard(pubsub)) == ["new.example", "newer.example"]
    sites, ingest = _published(real_redis)
    assert (sites, ingest[keys.digest(key)].site_ids) == ({}, (site.pk,))


@pytest.mark.integration
@pytest.mark.parametrize("part", [1, 2, 100])
def test_all_is_compared_in_parts_and_only_differences_are_written(
    part: int, team: Team, real_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "PART", part)
    Site.objects.bulk_create(
        Site(team=team, domain=f"s{at}.example", timezone="UTC") for at in range(5)
    )
    assert publish() == 5
    full = _published(real_redis)
    with Redis.from_url(real_redis) as client, client.pubsub() as pubsub:
        pubsub.subscribe(redis_keys.SITES_CHANGED)
        for domain in ("a.example", "b.example", "c.example"):
            client.hset(redis_keys.SITES, domain, b"of nobody")
        client.hset(redis_keys.SITES, "s1.example", b"{}")
        client.hdel(redis_keys.SITES, "s4.example")
        assert publish() == 5
        assert sorted(_heard(pubsub)) == [
            *("a.example", "b.example", "c.example"),
            *("s1.example", "s4.example"),
        ]
        assert publish() == 0
        assert _heard(pubsub) == []
    assert _published(real_redis) == full


@pytest.mark.integration
def test_what_is_written_while_all_is_compared_stays(
    site: Site, team: Team, real_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes a site and changes one, after both were looked at."""
    publish()
    compared = Redis.hlen

    def meanwhile(client: Redis, name: str) -> object:
        if name == redis_keys.SITES:
            made = Site.objects.create(team=team, domain="made.example", timezone="UTC")
            Site.objects.filter(pk=site.pk).update(timezone="Asia/Tokyo")
            for domain in (made.domain, site.domain):
                publishing._SITES.write([domain])
        return compared(client, name)

    Site.objects.filter(pk=site.pk).update(spike_threshold=61)
    monkeypatch.setattr(Redis, "hlen", meanwhile)
    publish()
    sites, _ = _published(real_redis)
    assert sites.keys() == {"made.example", "alice.example"}
    assert (sites["alice.example"].timezone, sites["alice.example"].spike_threshold) == (
        "Asia/Tokyo",
        61,
    )


def test_redis_away_does_not_stop_a_write(
    team: Team, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.create_site(team=team, domain="new.example", timezone="UTC")
    assert Site.objects.filter(domain="new.example").exists()
    with pytest.raises(RedisError):
        publish_sites()


def _make_demo(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    call_command("make_demo", "--domain", "demo.example", *arguments)
    made: dict[str, str] = json.loads(capsys.readouterr().out)
    return made


def test_make_demo_once(db: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    known = tmp_path / "demo.json"
    first = _make_demo(capsys, "--spike-threshold", "40", "--known", str(known))
    assert authenticate(username=first["email"], password=first["password"]) is not None
    assert holder_of(first["stats_key"]).get("/api/v1/sites").json()["sites"] == [
        {"domain": "demo.example", "timezone": "UTC"}
    ]
    known.write_text(json.dumps(first))
    assert _make_demo(capsys, "--timezone", "Asia/Kolkata", "--known", str(known)) == first
    assert Site.objects.get().timezone == "Asia/Kolkata"
    assert Site.objects.get().team.is_demo


@pytest.mark.parametrize(
    "spoil",
    [
        {"stats_key": "pp_old"},
        {"ingest_key": "pp_old"},
        {"password": "old"},
        {"domain": "other.example"},
        {"site_id": "1"},
    ],
)
def test_make_demo_again_when_something_is_lost(
    spoil: dict[str, str], db: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = _make_demo(capsys)
    known = tmp_path / "demo.json"
    known.write_text(json.dumps(first | spoil))
    second = _make_demo(capsys, "--known", str(known))
    assert second["site_id"] == first["site_id"]
    assert authenticate(username=second["email"], password=second["password"]) is not None
    assert holder_of(second["stats_key"]).get("/api/v1/sites").status_code == 200


def test_make_demo_with_another_site(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    made = _make_demo(capsys, "--also", "click.example")
    assert _make_demo(capsys, "--also", "click.example")["domain"] == "demo.example"
    answer = holder_of(made["stats_key"]).get("/api/v1/sites").json()
    assert [site["domain"] for site in answer["sites"]] == ["click.example", "demo.example"]


def test_make_demo_takes_nobodys_site(site: Site) -> None:
    with pytest.raises(CommandError, match=r"alice\.example belongs to another team"):
        call_command("make_demo", "--domain", "alice.example")
