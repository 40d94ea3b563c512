"""The first part of the log, sent as one import at full speed, in order of time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from deploy.demo.front_door import FrontDoor, Refused
from deploy.demo.manifest import Manifest, write_manifest
from deploy.demo.plan import Plan

BATCH_PAGES: Final = 500  # of at most 1,000 events a request


class BatchAnswer(msgspec.Struct):
    """What `POST /api/batch` says; `dropped` has an object with a `reason` for each event."""

    accepted: int
    dropped: list[dict[str, Any]] = []


async def play_history(
    plan: Plan,
    manifest: Manifest,
    manifest_path: Path,
    ingest_key: str,
    door: FrontDoor,
    sent: Callable[[int], None],
) -> None:
    """Send what the manifest says is still to be sent; `sent` is told of pages acknowledged.

    One request after the other, for an import's events must come in order of time. Raises Refused
    if the collector turns a whole request away: no retry would help, and nothing is skipped.
    """
    authorized = {"Authorization": f"Bearer {ingest_key}"}
    batches = plan.batches(manifest.batch_pages)
    for number in range(manifest.batches_done, len(batches)):
        manifest.batches_begun = number + 1
        write_manifest(manifest_path, manifest)
        body = {
            "domain": plan.domain,
            "import": plan.import_name,
            "events": [plan.history_event(line, manifest.shift_ms) for line in batches[number]],
        }
        answer = await _post(door, "/api/batch", body, authorized)
        for drop in msgspec.json.decode(answer, type=BatchAnswer).dropped:
            reason = str(drop.get("reason"))
            manifest.dropped[reason] = manifest.dropped.get(reason, 0) + 1
        manifest.batches_done = number + 1
        write_manifest(manifest_path, manifest)
        sent(len(batches[number]))
    if batches and not manifest.finished:
        path = f"/api/imports/{quote(plan.import_name, safe='')}/finish"
        await _post(door, path, {"domain": plan.domain}, authorized)
    manifest.finished = True
    write_manifest(manifest_path, manifest)


async def _post(door: FrontDoor, path: str, body: object, headers: dict[str, str]) -> bytes:
    response = await door.post(path, msgspec.json.encode(body), headers)
    if not response.is_success:
        said = response.text[:200]
        raise Refused(f"the collector refused {path} with {response.status_code}: {said}")
    return response.content
