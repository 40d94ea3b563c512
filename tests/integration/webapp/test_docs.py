"""The commands of the API's page, pasted into a shell, against the running web application."""

import html
import json
import os
import re
import shutil
import subprocess

import httpx
import pytest

from tests.integration.webapp.conftest import Webapp

pytestmark = pytest.mark.integration

PANEL = re.compile(
    r'id="(?P<name>\w+)-curl" data-language="curl"[^>]*><pre[^>]*><code>(?P<text>.*?)</code>',
    re.DOTALL,
)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_does_what_the_page_says(webapp: Webapp) -> None:
    page = httpx.get(f"{webapp.url}/api/docs/").text
    commands = {each["name"]: html.unescape(each["text"]) for each in PANEL.finditer(page)}
    environment = {"PATH": os.environ["PATH"], "PAWPRINT_API_KEY": webapp.demo["stats_key"]}
    for name in ("start", "aggregate", "timeseries", "breakdown", "ledger", "sites"):
        command = commands[name].replace("example.com", webapp.demo["domain"])
        done = subprocess.run(
            ["sh", "-c", command], env=environment, capture_output=True, check=True, timeout=20
        )
        found = json.loads(done.stdout)
        assert "error" not in found, (name, found)
        assert found.get("results") is not None or found["sites"]
