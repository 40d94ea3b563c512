"""python -m schemas.generate: write the JSON Schema of every record to `schemas/json`."""

import json
from pathlib import Path
from typing import Any

import msgspec

from schemas.events import Batch
from schemas.live import LiveShard, ShardStatus
from schemas.records import Alert, DeadLetter, IngestCount, SiteMinute
from schemas.rules import Rules
from schemas.sites import IngestKey, SiteSettings

RECORDS = {
    "hits": Batch,
    "hits-dead": DeadLetter,
    "site-minutes": SiteMinute,
    "alerts": Alert,
    "ingest-ledger": IngestCount,
    "live-shard": LiveShard,
    "shard-status": ShardStatus,
    "site-settings": SiteSettings,
    "ingest-key": IngestKey,
    "rules": Rules,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Name of a topic or Redis value -> its JSON Schema. msgpack records have the same shape."""
    as_built = {name: msgspec.json.schema(record) for name, record in RECORDS.items()}
    return dict(msgspec.json.decode(msgspec.json.encode(as_built)))


def main() -> None:
    folder = Path(__file__).parent / "json"
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
