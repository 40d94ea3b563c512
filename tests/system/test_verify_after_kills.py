"""Whatever is killed while hits stream in, the numbers are the log's, to path and minute."""

import subprocess
import sys
import time

import pytest

from tests.system.conftest import ROOT, Stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

RATE = 100.0  # hits a second: each kill hits a worker in the middle of records
STREAMED_S = 4.0  # before each kill
SETTLE_S = 22.0  # verify compares minutes that ended 20 s ago


def assert_no_differences(stack: Stack) -> None:
    """Run verify when all that was sent until now lies in minutes it compares."""
    time.sleep(60 - time.time() % 60 + SETTLE_S)
    command = [sys.executable, "-m", "tests.system.verify", "--home", str(stack.home)]
    done = subprocess.run(
        [*command, "--api", stack.webapp, "--wait", "60"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout[-4_000:], done.stderr[-2_000:])
    assert done.stdout.splitlines()[-1] == "differences: 0"
    assert done.returncode == 0


def test_kills_of_the_worker_and_of_kafka_in_mid_replay(stack: Stack) -> None:
    """kill -9 of the Faust worker three times, verify; kill -9 of Kafka, verify."""
    with stack.playing(RATE):
        for _ in range(3):
            time.sleep(STREAMED_S)
            stack.kill("streams")
            wait_until(stack.is_healthy, "everything healthy after the worker was killed")
        time.sleep(STREAMED_S)
    assert_no_differences(stack)
    with stack.playing(RATE):
        time.sleep(STREAMED_S)
        stack.kill("kafka")
        killed_s = time.time()
        wait_until(stack.is_healthy, "everything healthy after Kafka was killed")
        wait_until(lambda: stack.has_answered_since(killed_s), "hits are acknowledged again")
        time.sleep(STREAMED_S)
    assert_no_differences(stack)
