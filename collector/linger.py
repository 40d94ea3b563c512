"""The pause in which a record fills, one for all partitions.

Records that are ready at one time go to a broker as one request, which costs little more than a
request with one of them; pauses of their own would end at different times.
"""

import asyncio


class Linger:
    """Whoever pauses while a pause is on is done when it ends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over: asyncio.Event | None = None

    async def pause(self) -> None:
        if self._over is None:
            self._over = asyncio.Event()
            asyncio.get_running_loop().call_later(self._seconds, self._end, self._over)
        await self._over.wait()

    def _end(self, over: asyncio.Event) -> None:
        self._over = None
        over.set()
