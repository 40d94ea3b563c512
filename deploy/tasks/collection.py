"""The collection of tasks."""

from invoke.collection import Collection

from deploy.tasks import (
    benching,
    chaos,
    compiling,
    erasing,
    fuzzing,
    growing,
    importing,
    letters,
    locking,
    querying,
    rebuilding,
    running,
    simulating,
    testing,
)

TASKS = Collection(
    running.up,
    running.down,
    running.status,
    running.logs,
    running.verify,
    running.screenshot,
    querying.query,
    letters.dead,
    importing.import_log,
    testing.test,
    simulating.simulate,
    fuzzing.fuzz,
    rebuilding.rebuild,
    erasing.erase,
    growing.partitions,
    benching.bench,
    chaos.chaos,
    compiling.compile_all,
    locking.lock,
)
