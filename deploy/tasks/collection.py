"""The collection of tasks."""

from invoke.collection import Collection

from deploy.tasks import benching, locking, running, testing

TASKS = Collection(
    running.up,
    running.down,
    running.status,
    running.logs,
    running.verify,
    running.screenshot,
    testing.test,
    benching.bench,
    locking.lock,
)
