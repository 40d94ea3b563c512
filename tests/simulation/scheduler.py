"""A tiny scheduler: coroutines stepped one at a time in an order drawn from the seed.

No event loop and no wall clock. A coroutine pauses by yielding None (go on when your turn comes,
which is also what `asyncio.sleep(0)` yields), milliseconds, or an `Answer`. Time moves only when
nothing is ready, so an hour of pauses costs nothing.
"""

import heapq
from collections.abc import Coroutine, Generator
from random import Random
from typing import Any

Steps = Coroutine[Any, Any, None]


class Answer:
    """What a server will have said: awaited by any number of tasks, given once."""

    def __init__(self) -> None:
        self.given = False
        self.error: Exception | None = None
        self.waiting: list[Task] = []

    def __await__(self) -> Generator["Answer", None, None]:
        while not self.given:
            yield self
        if self.error is not None:
            raise self.error


class Pause:
    """Awaited, it lets the milliseconds pass."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __await__(self) -> Generator[int, None, None]:
        yield self.ms


class Task:
    """A coroutine, and whose it is: a process that is killed or paused takes its tasks along."""

    __slots__ = ("coroutine", "dead", "number", "owner")

    def __init__(self, coroutine: Steps, owner: "Owner", number: int) -> None:
        self.coroutine = coroutine
        self.owner = owner
        self.number = number
        self.dead = False


class Owner:
    """A simulated process, as the scheduler sees it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.killed = False
        self.paused = False
        self.deaf_until_ms = 0  # answers to what it writes are lost
        self.tasks: list[Task] = []
        self.stopped: list[Task] = []  # ready, but paused
        self.failure: BaseException | None = None  # raised out of one of its tasks


class Scheduler:
    """Steps tasks until none is left or it is told to stop."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw
        self.now_ms = 0
        self.steps = 0
        self._ready: list[Task] = []
        self._timers: list[tuple[int, int, Task]] = []
        self._count = 0
        self.world = Owner("world")

    def spawn(self, coroutine: Steps, owner: Owner | None = None) -> None:
        self._count += 1
        task = Task(coroutine, owner or self.world, self._count)
        task.owner.tasks.append(task)
        self._ready.append(task)

    def give(self, answer: Answer, error: Exception | None = None) -> None:
        """Wake whoever waits for `answer`; the second time does nothing."""
        if not answer.given:
            answer.given, answer.error = True, error
            self._ready += answer.waiting
            answer.waiting = []

    def kill(self, owner: Owner) -> None:
        """End every task of `owner` where it stands; none of its code runs on."""
        owner.killed = True
        for task in owner.tasks:
            task.dead = True
            task.coroutine.close()
        owner.tasks, owner.stopped = [], []

    def pause(self, owner: Owner) -> None:
        owner.paused = True

    def resume(self, owner: Owner) -> None:
        owner.paused = False
        self._ready += owner.stopped
        owner.stopped = []

    def step(self) -> bool:
        """Run one task to its next pause. Returns False when nothing will ever be ready."""
        while not self._ready:
            if not self._timers:
                return False
            at_ms, _, task = heapq.heappop(self._timers)
            self.now_ms = max(self.now_ms, at_ms)
            self._ready.append(task)
            while self._timers and self._timers[0][0] <= self.now_ms:
                self._ready.append(heapq.heappop(self._timers)[2])
        at = int(self.draw.random() * len(self._ready))
        task, self._ready[at] = self._ready[at], self._ready[-1]
        self._ready.pop()
        if task.owner.paused:
            task.owner.stopped.append(task)
        elif not task.dead:
            self._run(task)
        return True

    def _run(self, task: Task) -> None:
        self.steps += 1
        try:
            awaited = task.coroutine.send(None)
        except StopIteration:
            task.owner.tasks.remove(task)
            return
        except BaseException as error:
            task.owner.tasks.remove(task)
            task.owner.failure = task.owner.failure or error
            return
        if isinstance(awaited, Answer):
            if awaited.given:
                self._ready.append(task)
            else:
                awaited.waiting.append(task)
        elif awaited is None:
            self._ready.append(task)
        else:
            self._count += 1
            heapq.heappush(self._timers, (self.now_ms + awaited, self._count, task))
