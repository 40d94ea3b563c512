"""The first part of the log, sent as one import at full speed, in order of time."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from deploy.demo.manifest import Manifest, write_manifest
from deploy.demo.plan import Plan
from deploy.importing.front_door import BatchAnswer, FrontDoor

BATCH_PAGES: Final = 500  # of at most 1,000 events a request


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
        answer = await door.demand("/api/batch", msgspec.json.encode(body), authorized)
        for drop in msgspec.json.decode(answer, type=BatchAnswer).dropped:
            reason = str(drop.get("reason"))
            manifest.dropped[reason] = manifest.dropped.get(reason, 0) + 1
        manifest.batches_done = number + 1
        write_manifest(manifest_path, manifest)
        sent(len(batches[number]))
    if batches and not manifest.finished:
        path = f"/api/imports/{quote(plan.import_name, safe='')}/finish"
        await door.demand(path, msgspec.json.encode({"domain": plan.domain}), authorized)
    manifest.finished = True
    write_manifest(manifest_path, manifest)
