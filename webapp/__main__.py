"""`python -m webapp serve`, or any Django command: `migrate`, `make_demo`, `run_notifier`."""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from webapp.config.env import env, name_settings_module
from webapp.live.limits import WATCHERS_MAX

REQUESTS_MAX = 256  # at once, besides open live streams; more wait in the socket's backlog
STOP_S = 5  # open streams are cut after this long, so that a restart is quick


def serve() -> None:
    """Serve until told to stop. One process: the hub of the live streams is in its memory."""
    Granian(
        "webapp.config.asgi:application",
        address=env.host,
        port=env.port,
        interface=Interfaces.ASGINL,  # Django speaks no lifespan
        workers=1,
        backpressure=REQUESTS_MAX + WATCHERS_MAX,
        workers_kill_timeout=STOP_S,
        respawn_failed_workers=True,
        log_level=LogLevels(env.log_level.lower()),
    ).serve()


def main(arguments: list[str]) -> None:
    """Run one command."""
    if not env.secret_key:
        sys.exit("DJANGO_SECRET_KEY is not set: give it a long random value and keep it")
    env.data_dir.mkdir(parents=True, exist_ok=True)
    if arguments[1:] == ["serve"]:
        serve()
        return
    from django.core.management import execute_from_command_line

    name_settings_module()
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
