"""One rebuild at a time: a key in Redis that lives only while its holder renews it.

It keeps two people from rebuilding at once. No number hangs on it: two rebuilds would make two
generations, each right.
"""

import secrets
import threading
from types import TracebackType
from typing import Final, Self

from redis import Redis
from redis.exceptions import RedisError

from schemas import redis_keys

TTL_S: Final = 30
RENEW_S: Final = 5.0


class LeaseTaken(Exception):
    """Somebody else holds it, or Redis cannot say."""


class Lease:
    """Held from entering the block to leaving it, renewed by a thread."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=5)
        self._token = secrets.token_hex(8)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> Self:
        """Raises `LeaseTaken`."""
        try:
            taken = self._redis.set(redis_keys.REBUILD, self._token, nx=True, ex=TTL_S)
        except RedisError as error:
            raise LeaseTaken(
                f"Redis does not answer, so nobody knows whether another rebuild runs: {error}"
            ) from error
        if not taken:
            raise LeaseTaken(
                "another rebuild runs. One that was killed is forgotten after "
                f"{TTL_S} s; `--status` shows what it left"
            )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        try:
            if self._redis.get(redis_keys.REBUILD) == self._token.encode():
                self._redis.delete(redis_keys.REBUILD)
        except RedisError:
            pass  # it runs out by itself
        self._redis.close()

    def _renew(self) -> None:
        while not self._over.wait(RENEW_S):
            try:
                self._redis.set(redis_keys.REBUILD, self._token, ex=TTL_S)
            except RedisError:
                continue  # Redis is away; the next time
