"""Structured logs: one JSON object a line. No address, no user agent and no body is ever passed in.

Messages of libraries are passed on only from warnings upwards: Kafka's client would print records
when asked for more.
"""

import json
import logging
import logging.config
import time
from collections.abc import Callable
from typing import Any, Final

LIBRARIES: Final = ("aiokafka", "redis", "asyncio", "granian", "_granian")


class JsonFormatter(logging.Formatter):
    """`{"at", "level", "logger", "event", ...fields}`; fields come from `extra={"fields": {}}`.

    Of an exception only its type and the places in the code are told: its text may quote input.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, default=str)


class Seldom(logging.Filter):
    """Lets a message through once in INTERVAL_S: aiokafka repeats itself 1,000 times a second while
    its broker is away."""

    INTERVAL_S: Final = 10.0
    MESSAGES_MAX: Final = 1_000

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._last_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, text = self._now_s(), f"{record.name} {record.msg}"
        if now - self._last_s.get(text, -self.INTERVAL_S) < self.INTERVAL_S:
            return False
        if len(self._last_s) >= self.MESSAGES_MAX:
            self._last_s.clear()
        self._last_s[text] = now
        return True


def _places(trace: Any) -> list[str]:
    """`file:line` of every frame, outermost first."""
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places


def log_config(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`, and for Granian, which would else bring its own."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"seldom": {"()": Seldom}},
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            },
            "libraries": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["seldom"],
                "stream": "ext://sys.stderr",
            },
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            name: {"level": "WARNING", "propagate": False, "handlers": ["libraries"]}
            for name in LIBRARIES
        },
    }
