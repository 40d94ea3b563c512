"""ingest-ledger -> ClickHouse. Counts are absolute and only grow: a replay changes nothing."""

from typing import Any

from streams.app import app, ingest_ledger
from streams.plumbing import held_counts


@app.agent(ingest_ledger, concurrency=1)
async def store_ingest(stream: Any) -> None:
    async for event in stream.noack().events():
        await held_counts.hold(event)
