"""The Sites API: whatever is sent, it is a 4xx that says why."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.sites_api import FORM, URL, call
from webapp.sites import services
from webapp.sites.models import Site

_texts = st.text(max_size=40) | st.sampled_from(["alice.example", "event", "viewer", "/a", "MQ"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "site_id",
    "goal_type",
    "event_name",
    "page_path",
    "scroll_threshold",
    "custom_props",
    "currency",
    "display_name",
    "name",
    "password",
    "property",
    "email",
    "role",
    "domain",
    "timezone",
    "team_id",
    "limit",
    "after",
    "before",
)
_names = st.sampled_from(NAMES)
_calls = st.sampled_from(
    [
        ("post", ""),
        ("put", "/alice.example"),
        *(("put", f"/{name}") for name in ("goals", "custom-props", "shared-links", "guests")),
        *(("delete", f"/{name}/1") for name in ("goals", "custom-props", "shared-links", "guests")),
    ]
)


@given(_calls, st.booleans(), st.dictionaries(_names, _values, max_size=6))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_body_is_our_fault(
    keyholder: Client, asked: tuple[str, str], names_site: bool, fields: dict[str, Any]
) -> None:
    if names_site:
        fields = fields | {"site_id": "alice.example"}
    status, body = call(keyholder, *asked, **fields)
    assert status in (200, 400, 404)
    assert status == 200 or set(body) == {"error"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[1, 2]", "application/json"),
        (b'"x"', "application/json"),
        (b"{", "application/json"),
        (b"[" * 10_000, "application/json"),
        (b"a=" + b"x" * 1_000_001, FORM),
        (b"&".join(b"a%d=1" % number for number in range(1_200)), FORM),
        (b"site_id=%00&name=%ED%A0%80", FORM),
        (b"--x\r\nno", "multipart/form-data; boundary=x"),
        (b"--x\r\nno", "multipart/form-data"),
    ],
)
def test_no_bytes_are_our_fault(body: bytes, content_type: str, keyholder: Client) -> None:
    answer = keyholder.put(f"{URL}/shared-links", body, content_type=content_type)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_somebody_takes_a_domain_in_the_meantime(
    keyholder: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "full_clean", lambda self: None)  # it was looked at before
    status, body = call(keyholder, "post", "", domain="alice.example")
    assert (status, body) == (400, {"error": f"domain: {services.TAKEN}"})
