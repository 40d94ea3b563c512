"""The commands of the API's page, pasted into a shell, against the running web application."""

import html
import json
import os
import re
import shutil
import subprocess
from typing import Any

import httpx
import pytest

from tests.integration.webapp.conftest import ROOT, Webapp

pytestmark = pytest.mark.integration

PANEL = re.compile(
    r'id="(?P<name>\w+)-curl" data-language="curl"[^>]*><pre[^>]*><code>(?P<text>.*?)</code>',
    re.DOTALL,
)


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def _pasted(webapp: Webapp, command: str) -> Any:
    """What a command prints, as JSON."""
    environment = {
        "PATH": os.environ["PATH"],
        "PAWPRINT": webapp.url,
        "PAWPRINT_API_KEY": webapp.demo["stats_key"],
    }
    for domain in ("demo.pawprint.test", "example.com"):
        command = command.replace(domain, webapp.demo["domain"])
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, check=True, timeout=20
    )
    return json.loads(done.stdout)


@needs_curl
def test_curl_does_what_the_page_says(webapp: Webapp) -> None:
    page = httpx.get(f"{webapp.url}/api/docs/").text
    commands = {each["name"]: html.unescape(each["text"]) for each in PANEL.finditer(page)}
    for name in ("start", "aggregate", "timeseries", "breakdown", "ledger", "sites"):
        found = _pasted(webapp, commands[name])
        assert "error" not in found, (name, found)
        assert found.get("results") is not None or found["sites"]


@needs_curl
def test_the_guide_of_the_repository_does_too(webapp: Webapp) -> None:
    text = (ROOT / "deploy" / "docs" / "api.md").read_text()
    commands = re.findall(r"^curl .*(?:\n  .*)*", text, re.MULTILINE)
    assert len(commands) == 5
    realtime, *others = (_pasted(webapp, command) for command in commands)
    assert isinstance(realtime, int)
    assert all(set(found) == {"results", "meta"} for found in others)
