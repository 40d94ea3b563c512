"""Batches to the collector, one after the other, each noted once it is acknowledged."""

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from deploy.importing.front_door import TIMEOUT_S, BatchAnswer, FrontDoor
from deploy.importing.reading import Batch, Reader
from deploy.importing.resuming import note_files
from deploy.importing.state import Place, State, StateFolder

GRACE_S: Final = 10.0  # for the last answer when asked to stop; without it that batch is sent again
HEADERS: Final = {"Content-Type": "application/json"}
_REMEDIES: Final = {
    401: "the collector does not know this ingest key: make one on the site's page of keys",
    403: "this ingest key may not write to {domain}: is the domain spelled as on the dashboard, "
    "and is the key that site's?",
    404: "there is no Pawprint collector at {url}",
}


class NoAccess(RuntimeError):
    """The collector cannot be written to; the message says what to do."""


async def check_access(
    url: str, key: str, domain: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> None:
    """Ask once, before a file is read. One that is only busy now is well. Raises NoAccess."""
    asked = msgspec.json.encode({"domain": domain, "events": []})
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    try:
        async with httpx.AsyncClient(
            base_url=url, timeout=TIMEOUT_S, trust_env=False, transport=transport
        ) as client:
            answer = await client.post("/api/batch", content=asked, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        kind = type(error).__name__
        raise NoAccess(f"nothing answers at {url} ({kind}): is it right, does it run?") from error
    remedy = _REMEDIES.get(answer.status_code)
    if remedy:
        raise NoAccess(remedy.format(domain=domain, url=url))
    if answer.status_code == 400:
        raise NoAccess(f"the collector refused: {answer.text[:200]}")


class Sender:
    """One run of one import."""

    def __init__(
        self,
        reader: Reader,
        state: State,
        folder: StateFolder,
        door: FrontDoor,
        key: str,
        advanced: Callable[[], None],
    ) -> None:
        """`advanced` is called after each batch, read or acknowledged."""
        self._reader, self._state, self._folder, self._door = reader, state, folder, door
        self._headers = {"Authorization": f"Bearer {key}"}
        self._advanced = advanced

    async def run(self, stop: asyncio.Event, *, finish_when_stopped: bool) -> bool:
        """Send until the end or `stop`. Whether all was sent.

        The next batch is read while one is on its way; never are two on their way at once, for an
        import's events must come in order. Raises Refused, CannotRead.
        """
        stopping = asyncio.create_task(self._stop_reading(stop))
        batches = self._reader.batches(lambda: not stop.is_set() or finish_when_stopped)
        sending: asyncio.Task[None] | None = None
        try:
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                if sending is not None and not await self._settled(sending, stop):
                    return False
                sending = None
                if stop.is_set() and not finish_when_stopped:
                    return False
                self._advanced()
                if batch.events:
                    sending = asyncio.create_task(self._send(batch))
                else:
                    self._note(batch.place)
            return sending is None or await self._settled(sending, stop)
        finally:
            stopping.cancel()
            if sending is not None and not sending.done():
                sending.cancel()

    async def _stop_reading(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._reader.stop.set()

    async def _settled(self, sending: asyncio.Task[None], stop: asyncio.Event) -> bool:
        """Wait for an answer; when asked to stop, no longer than GRACE_S. Whether it came."""
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not sending.done():
            await asyncio.wait({sending}, timeout=GRACE_S)
        if not sending.done():
            sending.cancel()
            return False
        sending.result()
        return True

    async def _send(self, batch: Batch) -> None:
        state = self._state
        body = b'{"domain":%b,"import":%b,"events":[%b]}' % (
            msgspec.json.encode(state.domain),
            msgspec.json.encode(state.import_name),
            b",".join(batch.events),
        )
        said = await self._door.demand("/api/batch", body, self._headers)
        answer = msgspec.json.decode(said, type=BatchAnswer)
        state.sent += len(batch.events)
        state.accepted += answer.accepted
        for drop in answer.dropped:
            reason = str(drop.get("reason"))[:40]
            state.dropped[reason] = state.dropped.get(reason, 0) + 1
        state.acknowledged = batch.last
        self._note(batch.place)
        self._advanced()

    def _note(self, place: Place) -> None:
        if place == self._state.place:
            return
        note_files(self._state, self._reader.files())
        self._state.place = place
        self._folder.write(self._state)

    async def finish(self) -> None:
        """Say that no more comes: sessions end, and the import's salts are thrown away."""
        state = self._state
        path = f"/api/imports/{quote(state.import_name, safe='')}/finish"
        await self._door.demand(path, msgspec.json.encode({"domain": state.domain}), self._headers)
        note_files(state, self._reader.files())
        place = state.place  # of a followed file that was stopped at no end
        for number, (size, lines) in (
            {place.file: (place.offset, place.line)} | self._reader.ended
        ).items():
            if number in state.files:
                state.files[number].bytes_read, state.files[number].lines_read = size, lines
        state.finished = True
        self._folder.write(state)
