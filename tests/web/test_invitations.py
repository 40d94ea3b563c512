"""Guests are told of their invitation: by mail, in text and HTML, once."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils.timezone import now
from kombu.exceptions import OperationalError
from pytest_django import Settings

from tests.web.conftest import PASSWORD, CaptureOnCommit, holder_of
from webapp.accounts.models import User
from webapp.rates.limiter import Limiter
from webapp.rates.memory import MemoryWindows
from webapp.sites.models import Scope, Site
from webapp.sites.services import create_api_key
from webapp.teams import mails
from webapp.teams.models import Guest, Role
from webapp.teams.services import accept_invitations, find_or_invite_guest, remove_guest
from webapp.teams.tasks import send_due_invitations, send_invitation

GUEST = "jo@example.org"


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the guests whose mail was ordered."""
    ids: list[int] = []
    monkeypatch.setattr(send_invitation, "delay", ids.append)
    return ids


def _invite(site: Site, role: Role = Role.VIEWER, email: str = GUEST) -> Guest:
    return find_or_invite_guest(site=site, email=email, role=role)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.VIEWER, "You may see the numbers of alice.example."),
        (Role.EDITOR, "You may see the numbers of alice.example and change its settings."),
    ],
)
def test_what_the_mail_says(role: Role, rights: str, site: Site, settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example"
    assert mails.tell(_invite(site, role).pk)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert (message.to, message.cc, message.bcc) == ([GUEST], [], [])
    assert message.subject == "You are invited to alice.example"
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    for text in (message.body, str(html)):
        for part in (rights, GUEST, "https://stats.example/login/?next=/alice.example/"):
            assert part in text
    assert "alice@example.org" not in message.body + str(html), "nobody is shown who invites"
    assert "#8f5200" in str(html)


def test_the_link_leads_in(site: Site, charlie: User) -> None:
    mails.tell(_invite(site, email=charlie.email).pk)
    (line,) = [line for line in mail.outbox[0].body.splitlines() if line.startswith("Log in: ")]
    path = "/login/" + line.partition("/login/")[2]
    answer = Client().post(path, {"username": charlie.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/alice.example/")
    assert Guest.objects.get().user == charlie


def test_an_address_with_a_tag_stays_text(site: Site) -> None:
    """Addresses may hold what HTML takes for its own."""
    assert mails.tell(_invite(site, email="a&b'c@example.org").pk)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert "a&amp;b&#x27;c@example.org" in str(message.alternatives[0][0])
    assert "a&b'c@example.org" in message.body


def test_it_is_ordered_once_by_who_invites_over_the_api(
    site: Site, ordered: list[int], django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    client = holder_of(create_api_key(team=site.team, name="k", scopes=[Scope.SITES_WRITE]))
    fields = {"site_id": site.domain, "email": GUEST, "role": "viewer"}
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            answer = client.put("/api/v1/sites/guests", fields, content_type="application/json")
            assert answer.status_code == 200
    assert ordered == [Guest.objects.get().pk]


def test_it_is_sent_once(site: Site) -> None:
    guest = _invite(site)
    assert [mails.tell(guest.pk), mails.tell(guest.pk)] == [True, False]
    assert len(mail.outbox) == 1


def test_a_mail_that_failed_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = _invite(site)

    def refuse(*_: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr(mails, "send", refuse)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            mails.tell(guest.pk)
    assert mails.tell(guest.pk)
    assert len(mail.outbox) == 1


def test_who_came_already_or_is_no_longer_invited_gets_none(site: Site, charlie: User) -> None:
    accepted, gone = _invite(site, email=charlie.email), _invite(site)
    accept_invitations(charlie)
    remove_guest(site=site, email=GUEST)
    assert not mails.tell(accepted.pk)
    assert not mails.tell(gone.pk)
    assert mail.outbox == []


def test_nobody_is_flooded(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = Limiter(MemoryWindows())
    monkeypatch.setattr(mails, "limiter", lambda: limiter)
    for _ in range(8):
        mails.tell(_invite(site).pk)
        remove_guest(site=site, email=GUEST)
    assert len(mail.outbox) == mails.TO_ONE_ADDRESS.requests_max
    mails.tell(_invite(site, email="other@example.org").pk)
    assert mail.outbox[-1].to == ["other@example.org"]
    assert "too many today" in caplog.text
    assert GUEST not in caplog.text


def test_what_was_never_ordered_is_found(site: Site, charlie: User, ordered: list[int]) -> None:
    ages = {
        "fresh@example.org": dt.timedelta(),
        "lost@example.org": dt.timedelta(minutes=5),
        "told@example.org": dt.timedelta(minutes=5),
        "old@example.org": dt.timedelta(days=2),
        charlie.email: dt.timedelta(minutes=5),
    }
    for email, age in ages.items():
        _invite(site, email=email)
        Guest.objects.filter(email=email).update(invited_at=now() - age)
    Guest.objects.filter(email="told@example.org").update(mailed_at=now())
    accept_invitations(charlie)
    send_due_invitations()
    assert ordered == [Guest.objects.get(email="lost@example.org").pk]


def test_redis_away_keeps_the_invitation(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: CaptureOnCommit,
) -> None:
    def refuse(guest_id: int) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(send_invitation, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        _invite(site)
    assert Guest.objects.count() == 1


def test_what_is_due_is_looked_for_on_schedule() -> None:
    from webapp.config import settings as product

    scheduled = {each["task"] for each in product.CELERY_BEAT_SCHEDULE.values()}
    assert send_due_invitations.name in scheduled
