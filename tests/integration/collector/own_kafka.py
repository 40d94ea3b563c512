"""A Kafka of a test's own, to kill: the one that all tests share has to stay."""

import os
import secrets
import signal
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.servers import kafka
from deploy.local.settings import DEFAULT_HOME
from tests.contract.collector import kafka_topics
from tests.fresh import free_port

TEST_HOME: Final = DEFAULT_HOME / "test"  # whose jars `./inv test` has fetched


class OwnKafka:
    """One broker with a folder of its own. `start` may be called again after `kill`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        lib = kafka.jars(TEST_HOME)
        kafka.fetch(TEST_HOME, os.environ)
        (home / "kafka").mkdir(parents=True)
        (home / "kafka" / lib.name).symlink_to(lib)
        ports = {"kafka": self.port, "kafka_controller": free_port()}
        kafka.prepare(home, ports, os.environ)

    @property
    def broker(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        program = kafka.program(self._home, self.port)
        with (self._home / "kafka.log").open("ab") as output:
            self._process = subprocess.Popen(
                program.command, cwd=program.cwd, stdout=output, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody is told."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    async def make_topic(self, partitions: int) -> str:
        """A new topic, once the broker is up."""
        name = f"d-{secrets.token_hex(6)}"
        await kafka_topics.create_when_up(self.broker, name, partitions)
        return name
