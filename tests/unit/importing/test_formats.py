"""Every format reads to the same request; hostile lines are turned away, in time that is linear."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.importing.detecting import NAMES, detect_format, named_format
from deploy.importing.lines import LINE_BYTES_MAX, BadLine, Line, pick_address
from deploy.importing.objects import JsonFormat
from deploy.importing.templates import WrongFormat, compile_template
from tests.unit.importing.support import FIREFOX, combined

AT_MS = 1_710_028_740_000  # 2024-03-09 23:59 UTC
WANTED = Line(
    number=1,
    at_ms=AT_MS,
    address="81.2.69.142",
    method="GET",
    target="/a?b=1",
    status=200,
    body_bytes=512,
    referrer="https://news.example/x",
    agent=FIREFOX,
    host="",
)
REQUEST = f'"GET /a?b=1 HTTP/1.1" 200 512 "https://news.example/x" "{FIREFOX}"'
W3C = [
    "#Software: Microsoft Internet Information Services 10.0",
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) "
    "cs(Referer) sc-status sc-bytes",
    "2024-03-09 23:59:00 10.0.0.5 GET /a b=1 81.2.69.142 "
    f"{FIREFOX.replace(' ', '+')} https://news.example/x 200 512",
]
CLOUDFRONT = [
    "#Version: 1.0",
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(Referer) cs(User-Agent) cs-uri-query x-host-header",
    "2024-03-09\t23:59:00\tFRA50-C1\t512\t81.2.69.142\tGET\td111.cloudfront.net\t/a\t200\t"
    f"https://news.example/x\t{FIREFOX.replace(' ', '%2520')}\tb=1\texample.com",
]
CADDY: dict[str, Any] = {
    "level": "info",
    "ts": AT_MS / 1000,
    "request": {
        "remote_ip": "81.2.69.142",
        "client_ip": "81.2.69.142",
        "method": "GET",
        "host": "example.com:443",
        "uri": "/a?b=1",
        "headers": {"User-Agent": [FIREFOX], "Referer": ["https://news.example/x"]},
    },
    "status": 200,
    "size": 512,
}
TRAEFIK = {
    "ClientHost": "81.2.69.142",
    "DownstreamContentSize": 512,
    "DownstreamStatus": 200,
    "RequestHost": "example.com",
    "RequestMethod": "GET",
    "RequestPath": "/a?b=1",
    "StartUTC": "2024-03-09T23:59:00.000123456Z",
    "request_Referer": "https://news.example/x",
    "request_User-Agent": FIREFOX,
}
NGINX_JSON = {
    "time_local": "10/Mar/2024:00:59:00 +0100",
    "remote_addr": "81.2.69.142",
    "request": "GET /a?b=1 HTTP/2.0",
    "status": "200",
    "body_bytes_sent": "512",
    "http_referer": "https://news.example/x",
    "http_user_agent": FIREFOX,
}
LOGS = {
    "combined": [f"81.2.69.142 - - [09/Mar/2024:23:59:00 +0000] {REQUEST}"],
    "vhost-combined": [f"example.com:443 81.2.69.142 - - [09/Mar/2024:23:59:00 +0000] {REQUEST}"],
    "nginx-main": [f'81.2.69.142 - u s [09/Mar/2024:15:59:00 -0800] {REQUEST} "-"'],
    "w3c": W3C,
    "cloudfront": CLOUDFRONT,
    "caddy": [json.dumps(CADDY)],
    "traefik": [json.dumps(TRAEFIK)],
    "nginx json": [json.dumps(NGINX_JSON)],
}


def read(name: str, lines: list[str], **mapping: str) -> list[Line]:
    found = named_format(name, mapping)
    read = (found.parse(1, line.encode()) for line in lines)
    return [line for line in read if line is not None]


@pytest.mark.parametrize("name", LOGS)
def test_each_format_is_detected_and_reads_the_same(name: str) -> None:
    lines = [line.encode() for line in LOGS[name]]
    parser = detect_format(lines, {})
    found = [line for line in (parser.parse(1, raw) for raw in lines) if line is not None]
    assert len(found) == 1
    has_host = name in ("vhost-combined", "cloudfront", "caddy", "traefik")
    assert found[0] == Line(
        **{field: getattr(WANTED, field) for field in Line.__struct_fields__ if field != "host"},
        host="example.com" if has_host else "",
    )
    assert parser.names_agents


def test_the_common_format_names_no_agents() -> None:
    parser = detect_format([b'::1 - - [09/Mar/2024:23:59:00 +0000] "GET / HTTP/1.0" 304 -'], {})
    assert (parser.name, parser.names_agents) == ("common", False)


def test_one_odd_line_does_not_decide_the_format() -> None:
    lines = [b"", b"{}", combined(0).encode(), b'{"a":', combined(1).encode()]
    assert detect_format(lines, {}).name == "combined"
    with pytest.raises(WrongFormat, match="--format"):
        detect_format([b"hello", b""], {})
    with pytest.raises(WrongFormat, match="one of"):
        named_format("combind", {})


@pytest.mark.parametrize(
    ("template", "line"),
    [
        (
            '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
            '"$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time"',
            f'81.2.69.142 - - [09/Mar/2024:23:59:00 +0000] {REQUEST} rt=0.1 uct="-"',
        ),
        (
            "$time_iso8601|$remote_addr|$request_method|$scheme://$host$request_uri|$status|"
            "$body_bytes_sent|$http_referer|$http_user_agent",
            "2024-03-09T23:59:00+00:00|81.2.69.142|GET|https://example.com/a?b=1|200|512|"
            f"https://news.example/x|{FIREFOX}",
        ),
        (
            '${msec} $remote_addr $request_method "$uri$is_args$args" $status $bytes_sent '
            '"$http_referer" "$http_user_agent" $http_x_forwarded_for',
            f'1710028740.000 10.0.0.1 GET "/a?b=1" 200 512 "https://news.example/x" '
            f'"{FIREFOX}" 81.2.69.142, 10.0.0.9',
        ),
        (
            r'%{msec}t %a %m %U "%q" %>s %B \"%{Referer}i\" \"%{User-Agent}i\" %D %{X}o 100%%',
            f'1710028740000 81.2.69.142 GET /a "?b=1" 200 512 "https://news.example/x" '
            f'"{FIREFOX}" 12 - 100%',
        ),
    ],
)
def test_formats_as_servers_write_them(template: str, line: str) -> None:
    found = compile_template(template).parse(1, line.encode())
    assert found is not None
    assert Line(**{f: getattr(found, f) for f in Line.__struct_fields__ if f != "host"}) == WANTED


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("", "no time"),
        ("$remote_addr $request", "no time"),
        ('$time_local "$request"', "no address"),
        ("$time_local $remote_addr $status", "no request"),
        ('$remote_user$foo [$time_local] $remote_addr "$request"', "touch"),
        ("%{%d/%b/%Y}t %h %r", "not known"),
        ("$remote_addr " * 1_000, "at most"),
    ],
)
def test_formats_that_do_not_serve(template: str, says: str) -> None:
    with pytest.raises(WrongFormat, match=says):
        compile_template(template)


VALUES = st.text(st.characters(codec="ascii", exclude_characters='"\\', categories=["L", "N", "P"]))


@given(
    target=VALUES.filter(lambda text: not text.isspace()),
    agent=VALUES.filter(lambda text: text not in ("", "-")),
    status=st.integers(100, 599),
    order=st.permutations(["$remote_addr", "[$time_local]", '"$request"', '"$http_user_agent"']),
)
def test_custom_formats_round_trip(target: str, agent: str, status: int, order: list[str]) -> None:
    template = " ".join([*order, "$status"])
    values = {
        "$remote_addr": "2001:db8::1",
        "$time_local": "09/Mar/2024:23:59:00 +0000",
        "$request": f"GET /{target} HTTP/2.0",
        "$http_user_agent": agent,
        "$status": str(status),
    }
    line = template
    for name, value in values.items():
        line = line.replace(name, value, 1) if name in template else line
    found = compile_template(template).parse(1, line.encode())
    assert found is not None
    assert (found.target, found.agent, found.status) == (f"/{target}", agent, status)
    assert (found.address, found.at_ms) == ("2001:db8::1", AT_MS)


def test_fields_of_json_can_be_named() -> None:
    line = json.dumps({"a": {"b": ["/x"]}, "t": "2024-03-09T23:59:00Z", "c.d": "::1", "s": 304})
    (found,) = read("json", [line], url="a.b", time="t", address="c.d", status="s")
    assert (found.target, found.status, found.address) == ("/x", 304, "::1")
    with pytest.raises(WrongFormat, match="a field is one of"):
        JsonFormat({"uri": "x"})
    with pytest.raises(WrongFormat, match="JSON"):
        named_format("combined", {"url": "x"})


@pytest.mark.parametrize(
    "at", [AT_MS / 1000, AT_MS, AT_MS * 1_000, AT_MS * 1_000_000, str(AT_MS), "1710028740.000"]
)
def test_times_in_any_unit(at: float | str) -> None:
    (found,) = read("json", [json.dumps(CADDY | {"ts": at})])
    assert found.at_ms == AT_MS


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("81.2.69.142", "9.9.9.9", "81.2.69.142"),  # anybody may write the header
        ("10.0.0.1", "81.2.69.142, 10.0.0.2", "81.2.69.142"),
        ("127.0.0.1", "unknown, 2a00:1450::1", "2a00:1450::1"),
        ("10.0.0.1", "-", "10.0.0.1"),
        ("", "81.2.69.142", "81.2.69.142"),
    ],
)
def test_the_client_behind_a_proxy(peer: str, forwarded: str, client: str) -> None:
    assert pick_address(peer, forwarded) == client


HOSTILE = [
    b"\x00" * 100,
    b"\xff" * 1_000,
    b"{" * 10_000,
    b"[" * 10_000,
    b'{"ts": 1e999, "request": {"uri": "/"}}',
    b'{"ts": -5, "status": 200}',
    b'{"ts": ' + b"9" * 400 + b"}",
    b'{"ts": "' + b"9" * 400 + b'"}',
    b'{"ts": true, "status": 200, "uri": "/", "ip": "::1"}',
    b'{"ts": 1, "status": 99999999999999999999, "uri": "/", "ip": "::1"}',
    b'{"ts": "0001-01-01T00:00:00+23:59", "status": 200}',
    b'{"ts": "9999-12-31T23:59:59-23:59", "status": 200}',
    b"#Fields: " + b"date " * 3_000,
    b"#Fields:",
    b'1.1.1.1 - - [09/Mar/2024:23:59:00 +9999] "GET / HTTP/1.1" 200 1 "" ""',
    b'1.1.1.1 - - [09/Mar/2024:23:59:00 +0000] "GET / HTTP/1.1" 200 1 "' + b'\\"' * 8_000,
    b'1.1.1.1 - - [09/Mar/2024:23:59:00 +0000] "' + b"\\" * 16_000,
    b"1.1.1.1 " * 2_000,
    b"1.1.1.1 - " + b"[" * 16_000,
    b"1.1.1.1 - " + b" [x" * 5_000,
    b'"' * 16_000,
    b"x" * (LINE_BYTES_MAX + 1),
]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_lines_are_bad_lines_at_once(name: str) -> None:
    parser = named_format(name, {})
    parser.parse(1, b"#Fields: date time c-ip cs-uri") if name == "w3c" else None
    for raw in HOSTILE:
        begun = time.perf_counter()
        try:
            line = parser.parse(1, raw)
        except BadLine as error:
            assert len(str(error)) < 100  # it says why, and does not quote
        else:
            assert line is None
        assert time.perf_counter() - begun < 0.1, raw[:40]


@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    for name in NAMES:
        parser = named_format(name, {})
        try:
            parser.parse(1, raw)
        except BadLine:
            continue


def test_w3c_fields_may_change_and_must_be_known() -> None:
    parser = named_format("iis", {})
    with pytest.raises(BadLine, match="#Fields"):
        parser.parse(1, b"2024-03-09 23:59:00 81.2.69.142 /x 200")
    parser.parse(1, b"#Fields: date time c-ip cs-uri-stem sc-status")
    assert parser.parse(2, b"2024-03-09 23:59:00 81.2.69.142 /x 200") is not None
    header = parser.header
    parser.parse(3, b"#Fields: c-ip date time cs-uri-stem sc-status")
    assert parser.parse(4, b"81.2.69.142 2024-03-09 23:59:00 /x 200") is not None
    parser.header = header
    with pytest.raises(BadLine):
        parser.parse(4, b"81.2.69.142 2024-03-09 23:59:00 /x 200")
