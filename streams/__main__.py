"""python -m streams worker | create-topics | partitions N | rebuild ... | erase ... | dead ..."""

import asyncio
import logging
import os
import sys


def main(arguments: list[str]) -> int:
    if arguments == ["create-topics"]:
        from streams.settings import read_settings
        from streams.topic_admin import create_topics

        made = asyncio.run(create_topics(read_settings(os.environ)))
        print(f"topics made: {', '.join(made) or 'none, all are there'}")
        return 0
    if arguments[:1] == ["partitions"] and len(arguments) == 2 and arguments[1].isdecimal():
        return add_partitions(int(arguments[1]))
    if arguments == ["worker"]:
        run_worker()
        return 0
    if arguments[:1] == ["rebuild"]:
        from streams.rebuild.command import main as rebuild
        from streams.settings import read_settings

        return rebuild(arguments[1:], read_settings(os.environ))
    if arguments[:1] == ["erase"]:
        from streams.rebuild.erase import main as erase
        from streams.settings import read_settings

        return erase(arguments[1:], read_settings(os.environ))
    if arguments[:1] == ["dead"]:
        from streams.dead.command import main as dead
        from streams.settings import read_settings

        return dead(arguments[1:], read_settings(os.environ))
    print(__doc__, file=sys.stderr)
    return 2


def add_partitions(count: int) -> int:
    """The exit status: 1 where it cannot be."""
    from streams.settings import read_settings
    from streams.topic_admin import CannotGrow, grow_partitions

    try:
        grown = asyncio.run(grow_partitions(read_settings(os.environ).kafka_broker, count))
    except CannotGrow as error:
        print(error, file=sys.stderr)
        return 1
    for name, before in grown.items():
        print(f"{name}: {before} -> {count} partitions")
    advice = "Restart workers, then collectors." if grown else f"All have {count} already."
    print(advice, file=sys.stderr)
    return 0


def run_worker() -> None:
    """Blocks until a signal ends the worker."""
    from streams.serving import find_generation
    from streams.settings import read_settings

    served = asyncio.run(find_generation(read_settings(os.environ)))
    import mode.loop

    mode.loop.use("uvloop")  # before Faust makes its event loop
    from streams import (  # registers agents, tasks and callbacks
        health,  # noqa: F401
        recovery,  # noqa: F401
        site_thresholds,  # noqa: F401
        tasks,  # noqa: F401
    )
    from streams.agents import detect_spikes, fold_hits, store_ingest  # noqa: F401
    from streams.app import app, ownership, settings
    from streams.garbage import spare_the_state

    # It logs a traceback for each attempt; the flush says in one line that ClickHouse is away.
    logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)
    spare_the_state()
    ownership.serve(served.number, served.rules)
    sys.argv = ["streams", "worker", "--without-web", f"--loglevel={settings.log_level}"]
    app.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
