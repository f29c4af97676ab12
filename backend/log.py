"""structlog set-up: JSON lines for machines, colours on a terminal, ids from context variables.

Every line of a process goes to its standard output (one file per process under PM2 and `azak up`).
Settings: AZAK_LOG_LEVEL, AZAK_LOG_FORMAT.
"""

import logging
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import pydantic_core
import structlog

from backend import clock

_SECRET_WORDS = ("key", "token", "password", "secret", "authorization", "cookie")
_REDACTED = "***"


@cache
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS) and name != "active_key"


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        if _is_secret(name):
            event[name] = _REDACTED
    return event


def _stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add `ts` in the format of structlog's TimeStamper, at a quarter of its cost."""
    event["ts"] = clock.now().isoformat().replace("+00:00", "Z")
    return event


def _to_json(event: Any, **_: Any) -> str:
    """One JSON line, in half the time of the standard library's encoder. What JSON cannot hold becomes its repr."""
    return pydantic_core.to_json(event, fallback=repr, inf_nan_mode="null").decode()


def configure_logging(service: str, *, level: str, log_format: str) -> None:
    """Write the records of structlog and of the standard library in one format to standard output."""
    pretty = log_format == "pretty" or (log_format == "auto" and sys.stdout.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _stamp,
        structlog.processors.format_exc_info,
        _redact,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(_to_json)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "apscheduler", "pgqueuer"):
        # httpx logs whole URLs at INFO, and some sources carry their key in the query string.
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for routed in ("uvicorn", "uvicorn.error"):
        logging.getLogger(routed).handlers.clear()
        logging.getLogger(routed).propagate = True
    structlog.configure(
        processors=[*shared, renderer],  # no LogRecord for our own lines: an access line then costs half
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events are short greppable names with fields, never prose."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
