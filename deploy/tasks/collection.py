"""The collection of tasks."""

from invoke.collection import Collection

from deploy.tasks import locking, running, testing

TASKS = Collection(
    running.up,
    running.down,
    running.status,
    running.logs,
    running.verify,
    running.screenshot,
    testing.test,
    locking.lock,
)
