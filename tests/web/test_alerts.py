"""Alerts: kept once, shown at once, mailed once."""

import datetime as dt
import smtplib

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError
from django.utils.timezone import now
from kombu.exceptions import OperationalError
from pytest_django import Settings
from redis import Redis

from schemas import redis_keys
from schemas.records import Alert as AlertRecord
from schemas.records import AlertState, encode
from tests.web.conftest import CaptureOnCommit, holder_of
from webapp.accounts.models import User
from webapp.alerts import mails, notifier, services
from webapp.alerts.messages import AlertMessage
from webapp.alerts.models import Alert
from webapp.alerts.tasks import send_alert_mail, send_due_alert_mails
from webapp.sites.models import Site

MINUTE = 1_764_064_800  # 2025-11-25 10:00 UTC


def _record(
    site_id: int,
    state: AlertState = AlertState.OPENED,
    *,
    opened_minute: int = MINUTE,
    pageviews: int = 90,
) -> AlertRecord:
    return AlertRecord(
        site_id=site_id,
        opened_minute=opened_minute,
        state=state,
        minute=opened_minute if state is AlertState.OPENED else opened_minute + 300,
        pageviews=pageviews,
        threshold=60,
    )


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the alerts whose mail was ordered."""
    ids: list[int] = []
    monkeypatch.setattr(send_alert_mail, "delay", ids.append)
    return ids


@pytest.mark.parametrize(
    "states",
    [
        [AlertState.OPENED, AlertState.RESOLVED],
        [AlertState.OPENED, AlertState.OPENED, AlertState.RESOLVED, AlertState.RESOLVED],
        [AlertState.OPENED, AlertState.RESOLVED, AlertState.OPENED, AlertState.RESOLVED],
        [AlertState.RESOLVED, AlertState.OPENED],
    ],
)
def test_records_may_come_again(
    states: list[AlertState],
    site: Site,
    key: str,
    ordered: list[int],
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for state in states:
            services.record_alert(_record(site.pk, state))
    alert = Alert.objects.get()
    assert ordered == [alert.pk]
    response = holder_of(key).get("/api/v1/alerts", {"site_id": site.domain})
    assert response.json() == {
        "results": [
            {
                "id": alert.pk,
                "opened_at": "2025-11-25T10:00:00Z",
                "resolved_at": "2025-11-25T10:05:00Z",
                "minute": MINUTE,
                "pageviews": 90,
                "threshold": 60,
            }
        ]
    }


def test_alerts_are_listed_newest_first(site: Site, charlies_site: Site, key: str) -> None:
    for minute in (MINUTE, MINUTE + 7_200, MINUTE + 3_600):
        services.record_alert(_record(site.pk, opened_minute=minute))
    services.record_alert(_record(charlies_site.pk))
    response = holder_of(key).get("/api/v1/alerts", {"site_id": site.domain})
    minutes = [row["minute"] for row in response.json()["results"]]
    assert minutes == [MINUTE + 7_200, MINUTE + 3_600, MINUTE]


@pytest.mark.parametrize("site_id", [0, 999, 2**70, -1])
def test_a_record_of_no_site(site_id: int, site: Site) -> None:
    with pytest.raises(services.UnusableRecord, match="no site"):
        services.record_alert(_record(site_id))


@pytest.mark.parametrize(("minute", "pageviews"), [(2**40, 90), (-60, 90), (MINUTE, -1)])
def test_a_record_with_impossible_numbers(minute: int, pageviews: int, site: Site) -> None:
    with pytest.raises(services.UnusableRecord, match="out of range"):
        services.record_alert(_record(site.pk, opened_minute=minute, pageviews=pageviews))
    assert not Alert.objects.exists()


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"{}", encode(_record(999))])
def test_the_notifier_skips_what_it_cannot_use(
    value: bytes | None, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    async_to_sync(notifier.keep)(value, "alerts/0/17")
    assert "alerts/0/17 skipped" in caplog.text


def test_the_notifier_waits_for_the_database(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[AlertRecord] = []

    def fail_twice(record: AlertRecord) -> None:
        tries.append(record)
        if len(tries) < 3:
            raise DatabaseError("locked")

    monkeypatch.setattr(notifier, "record_alert", fail_twice)
    monkeypatch.setattr(notifier, "close_old_connections", lambda: None)  # keep the test's own
    monkeypatch.setattr(notifier, "RETRY_MIN_S", 0.01)
    async_to_sync(notifier.keep)(encode(_record(site.pk)), "alerts/0/17")
    assert tries == [_record(site.pk)] * 3
    assert "again in 0.0 s" in caplog.text


def test_everybody_in_the_team_is_told_once(site: Site, charlie: User, bob: User) -> None:
    bob.is_active = False
    bob.save()
    bob.is_active = True
    bob.save()
    alert = services.record_alert(_record(site.pk))
    send_alert_mail(alert.pk)
    send_alert_mail(alert.pk)  # the queue may deliver twice
    assert sorted(address for each in mail.outbox for address in each.to) == [
        "alice@example.org",
        "bob@example.org",
    ]
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.subject == "alice.example: 90 pageviews in one minute"
    assert "from 60 a minute on" in message.body
    html, _ = message.alternatives[0]
    assert "/alice.example/" in str(html)
    assert "#8f5200" in str(html)


def test_who_left_is_not_told(site: Site, bob: User) -> None:
    bob.is_active = False
    bob.save()
    send_alert_mail(services.record_alert(_record(site.pk)).pk)
    assert [each.to for each in mail.outbox] == [["alice@example.org"]]


def test_a_mail_that_failed_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alert = services.record_alert(_record(site.pk))

    def refuse(*_: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr(mails, "_send", refuse)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            mails.notify(alert.pk)
    assert mails.notify(alert.pk)
    assert not mails.notify(alert.pk)
    assert len(mail.outbox) == 2


def test_what_was_never_ordered_is_found(site: Site, ordered: list[int]) -> None:
    old, lost, fresh, told = (
        services.record_alert(_record(site.pk, opened_minute=MINUTE + 60 * number)).pk
        for number in range(4)
    )
    ages = {old: dt.timedelta(days=2), lost: dt.timedelta(minutes=5), told: dt.timedelta(hours=1)}
    for alert_id, age in ages.items():
        Alert.objects.filter(pk=alert_id).update(created_at=now() - age)
    Alert.objects.filter(pk=told).update(notified_at=now())
    send_due_alert_mails()
    assert ordered == [lost]
    assert fresh not in ordered


def test_redis_away_keeps_the_alert(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    def refuse(alert_id: int) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(send_alert_mail, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        services.record_alert(_record(site.pk))
    assert Alert.objects.count() == 1


@pytest.mark.integration
def test_open_streams_are_told(
    site: Site,
    ordered: list[int],
    real_redis: str,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    with (
        Redis.from_url(real_redis) as client,
        client.pubsub() as pubsub,
    ):
        pubsub.subscribe(redis_keys.ALERT_CHANGED)
        pubsub.get_message(timeout=1)  # the confirmation
        with django_capture_on_commit_callbacks(execute=True):
            alert = services.record_alert(_record(site.pk))
            services.record_alert(_record(site.pk))
        heard = [pubsub.get_message(timeout=0.5) for _ in range(2)]
    messages = [msgspec.json.decode(each["data"], type=AlertMessage) for each in heard if each]
    assert [(each.site_id, each.alert["id"]) for each in messages] == [(site.pk, alert.pk)]


def test_mail_settings(settings: Settings) -> None:
    """Without a Postmark token mails go to files (Django's test runner puts locmem before it)."""
    from webapp.config import settings as product

    assert product.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend"
