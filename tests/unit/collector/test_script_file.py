"""The scripts: which name leads to which, and how they are served."""

import gzip
from pathlib import Path

import cramjam
import pytest

from collector.app import NOT_FOUND, find_route
from collector.script_file import (
    Scripts,
    accepted,
    find_script,
    load_script,
    read_flags,
    script_answer,
)


def test_the_script_is_served_with_its_tag(tmp_path: Path) -> None:
    path = tmp_path / "script.js"
    path.write_bytes(b"start()")
    script = load_script(path)
    assert script is not None
    plain = script_answer(script, "", "")
    headers = dict(plain.headers)
    assert (plain.status, plain.body) == (200, b"start()")
    assert headers["content-type"].startswith("text/javascript")
    assert "max-age" in headers["cache-control"]
    assert "content-encoding" not in headers


def test_the_script_is_packed_as_the_browser_likes_it(tmp_path: Path) -> None:
    path = tmp_path / "script.js"
    path.write_bytes(b"start();" * 100)
    script = load_script(path)
    assert script is not None
    answers = {each: script_answer(script, "", each) for each in ("", "gzip", "gzip, br")}
    found = {each: dict(answer.headers).get("content-encoding") for each, answer in answers.items()}
    assert found == {"": None, "gzip": "gzip", "gzip, br": "br"}
    assert gzip.decompress(answers["gzip"].body) == script.plain
    assert bytes(cramjam.brotli.decompress(answers["gzip, br"].body)) == script.plain
    assert len(answers["gzip, br"].body) < len(answers["gzip"].body) < len(script.plain)
    shared = [dict(answer.headers) for answer in answers.values()]
    assert {each["vary"] for each in shared} == {"accept-encoding"}
    (etag,) = {each["etag"] for each in shared}
    assert etag.startswith('W/"')  # no byte-for-byte promise: a part of one is none of another


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("gzip, deflate, br, zstd", "br"),  # Chrome's
        ("gzip, deflate", "gzip"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("BR", "br"),
        ("gzip ; q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("identity", ""),
        ("brotli, xgzip", ""),
        ("br;q=2", ""),
        ("br;q=0.000", ""),
        (",;=,\x00", ""),
    ],
)
def test_which_coding_is_accepted(header: str, coding: str) -> None:
    assert accepted(header) == coding


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        ("{etag}", 304),
        ('"x", {etag}', 304),
        ("*", 304),
        ("{strong}", 304),
        ('"x"', 200),
        ("", 200),
    ],
)
def test_what_the_browser_has_is_not_sent(if_none_match: str, status: int, tmp_path: Path) -> None:
    path = tmp_path / "script.js"
    path.write_bytes(b"start()")
    script = load_script(path)
    assert script is not None
    tag = if_none_match.format(etag=script.etag, strong=script.etag.removeprefix("W/"))
    answer = script_answer(script, tag, "br")
    assert answer.status == status
    assert (answer.body == b"") == (status == 304)
    assert dict(answer.headers)["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("path", "flags"),
    [
        ("/js/script.js", ()),
        ("/js/plausible.js", ()),
        ("/js/script.hash.outbound-links.js", ("hash",)),
        ("/js/plausible.manual.local.js", ("local", "manual")),
        ("/js/script.hash", None),
        ("/js/other.js", None),
        ("/js/script.js/..", None),
        ("/js/script" + ".a" * 11 + ".js", None),
    ],
)
def test_the_flags_in_a_script_name(path: str, flags: tuple[str, ...] | None) -> None:
    assert read_flags(path) == flags


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/js/script.js", "/js/script.js"),
        ("/js/plausible.js", "/js/script.js"),
        ("/js/plausible.compat.exclusions.js", "/js/script.js"),
        ("/js/script.outbound-links.tagged-events.revenue.js", "/js/script.js"),
        ("/js/script.pageview-props.js", "/js/script.pageview-props.js"),
        ("/js/plausible.outbound-links.file-downloads.js", "/js/script.pageview-props.js"),
        ("/js/script.file-downloads.hash.pageview-props.js", "/js/script.pageview-props.js"),
        ("/js/script.file-downloads-x.js", "/js/script.js"),
        ("/js/pa.js", "/js/pa.js"),
        ("/js/pa-Ab_9-z.js", "/js/pa.js"),
        ("/js/pa-" + "a" * 64 + ".js", "/js/pa.js"),
        ("/js/pa-" + "a" * 65 + ".js", None),
        ("/js/pa-.js", None),
        ("/js/pa-a.b.js", None),
        ("/js/pa-a/../x.js", None),
        ("/js/pa-\u00e9.js", None),
        ("/js/pa-a.js\n", None),
        ("/js/legacy.js", None),
        ("/js/index.js", None),
        ("/analytics.js", "/analytics.js"),
    ],
)
def test_the_script_behind_a_name(path: str, route: str | None) -> None:
    assert find_script(path) == route
    assert find_route(path) == (route or NOT_FOUND)


def test_a_script_with_flags_sets_them_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "script.js").write_bytes(b"start()")
    scripts = Scripts(tmp_path)
    plain, hashed = scripts.find("/js/script.js"), scripts.find("/js/script.hash.js")
    assert plain is not None and hashed is not None
    assert scripts.find("/js/plausible.outbound-links.js") is plain
    assert hashed.plain == b'document.currentScript.dataset.hash="";start()'
    assert scripts.find("/js/script.tagged-events.hash.js") is hashed
    assert hashed.etag != plain.etag
    assert scripts.find("/js/analytics.js") is None
    assert scripts.find("/js/pa-x.js") is None
    assert scripts.find("/js/other.js") is None


def test_scripts_by_their_names_have_the_same_headers_but_their_own_tags(tmp_path: Path) -> None:
    for name in ("script.js", "pa.js", "legacy.js"):
        (tmp_path / name).write_bytes(name.encode())
    scripts = Scripts(tmp_path)
    found = {
        path: scripts.find(f"/js/{path}.js")
        for path in ("script", "pa-Xy1", "script.pageview-props", "plausible.local.file-downloads")
    }
    assert {path: script and script.plain for path, script in found.items()} == {
        "script": b"script.js",
        "pa-Xy1": b"pa.js",
        "script.pageview-props": b"legacy.js",
        "plausible.local.file-downloads": b'document.currentScript.dataset.local="";legacy.js',
    }
    assert scripts.find("/js/pa-other.js") is found["pa-Xy1"]
    headers = [dict(script_answer(script, "", "").headers) for script in found.values()]
    assert len({each.pop("etag") for each in headers}) == 4
    assert all(each == headers[0] for each in headers)


def test_a_script_that_was_not_built_says_so(tmp_path: Path) -> None:
    answer = script_answer(load_script(tmp_path / "nothing.js"), "", "")
    assert answer.status == 503
    assert b"npm run build" in answer.body
