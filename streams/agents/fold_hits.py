"""hits -> fold. Folds only the next record of a partition; holds every event until a checkpoint."""

from typing import Any

from streams.app import app, hits
from streams.plumbing import record_of, worker
from streams.protocol.folding import take_record


@app.agent(hits, concurrency=1)
async def fold_hits(stream: Any) -> None:
    """Nothing is raised out of this loop: Faust would acknowledge the event it was raised on."""
    async for event in stream.noack().events():
        await take_record(worker, record_of(event))
