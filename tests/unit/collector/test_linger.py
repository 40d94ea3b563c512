"""One pause for all: who comes while it is on is done with the others."""

import asyncio

from collector.linger import Linger
from tests.unit.collector.support import running
from tests.unit.collector.test_outbox import hit, outbox_of

SECONDS = 0.05


async def test_who_comes_later_is_done_with_the_first() -> None:
    linger, ended = Linger(SECONDS), list[str]()

    async def pause(name: str) -> None:
        await linger.pause()
        ended.append(name)

    first = asyncio.create_task(pause("first"))
    await asyncio.sleep(SECONDS / 2)
    second = asyncio.create_task(pause("second"))
    await first
    await asyncio.sleep(0)
    assert ended == ["first", "second"]
    assert second.done()


async def test_one_who_gives_up_ends_it_for_nobody_else() -> None:
    linger = Linger(SECONDS)
    pauses = [asyncio.create_task(linger.pause()) for _ in range(2)]
    await asyncio.sleep(0)
    pauses[0].cancel()
    await pauses[1]


async def test_the_next_pause_is_as_long_again() -> None:
    linger, loop = Linger(SECONDS), asyncio.get_running_loop()
    await linger.pause()
    began = loop.time()
    await linger.pause()
    assert loop.time() - began >= SECONDS - 0.005  # what a timer may be early


async def test_a_record_that_is_full_does_not_wait() -> None:
    async with running(partitions=1, linger_ms=60_000) as collector:
        waiting = [outbox_of(collector).put([(0, hit(n))]) for n in range(500)]
        async with asyncio.timeout(10):
            await asyncio.gather(*waiting)


async def test_partitions_are_written_together() -> None:
    async with running(partitions=4, linger_ms=20) as collector:
        outbox, waiting = outbox_of(collector), []
        for partition in range(4):
            waiting.append(outbox.put([(partition, hit(partition))]))
            await asyncio.sleep(0.003)
        await waiting[0]
        await asyncio.sleep(0.005)  # less than any pause that began with its own partition
        assert all(future.done() for future in waiting)
