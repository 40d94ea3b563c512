"""`./inv query` on a running stack says what the API says."""

import csv
import json
import os
import subprocess
from typing import Any

import httpx

from tests.system.conftest import ROOT, Stack


def run(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PAWPRINT_HOME": str(stack.home)}
    command = [str(ROOT / "inv"), "query", *words]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)


def ask(stack: Stack, name: str, **parameters: str | int) -> Any:
    demo = json.loads((stack.home / "demo.json").read_text())
    answer = httpx.get(
        f"{stack.webapp}/api/v1/stats/{name}",
        params={"site_id": demo["domain"], "dialect": "pawprint", **parameters},
        headers={"Authorization": f"Bearer {demo['stats_key']}"},
    )
    return answer.raise_for_status().json()["results"]


def test_a_question_gets_what_the_api_says(stack: Stack) -> None:
    done = run(stack, "pageviews, visitors by page yesterday top 5", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    day = found["date"][0]
    wanted = {"property": "event:page", "metrics": "pageviews,visitors", "limit": "5"}
    assert found["results"] == ask(stack, "breakdown", period="day", date=day, **wanted)


def test_a_series_as_csv(stack: Stack) -> None:
    done = run(stack, "pageviews", "per", "hour", "yesterday", "--csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) in (23, 24, 25)
    day = rows[0]["date"][:10]
    wanted = ask(stack, "timeseries", period="day", date=day, interval="hour", metrics="pageviews")
    assert [(row["date"], int(row["pageviews"])) for row in rows] == [
        (row["date"], row["pageviews"]) for row in wanted
    ]


def test_a_screen(stack: Stack) -> None:
    done = run(stack, "visitors per day last 14 days vs previous")
    assert done.returncode == 0, done.stderr
    assert "visitors per day" in done.stdout
    assert "█" in done.stdout and "└" in done.stdout


def test_mistakes(stack: Stack) -> None:
    done = run(stack, "vistors by source")
    assert done.returncode == 2
    assert "^^^^^^^" in done.stdout and "Did you mean visitors" in done.stdout
    done = run(stack, "visitors", "--site", "somebody-elses.example")
    assert done.returncode == 1
    assert "demo.pawprint.test" in done.stdout
