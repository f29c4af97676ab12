"""The SQLAlchemy engines under `backend.db.session`: their connections, their pools, and what becomes of a lost one.

A connection is looked at before it is lent: a closed one, or one that has been idle for long and does not answer, is
replaced without anybody noticing. Settings: AZAK_DATABASE_*.
"""

import time
from functools import partial
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from backend import trouble as troubles
from backend.config import Settings
from backend.db.connections.connecting import KEEPALIVE, connect
from backend.db.troubles import explain
from backend.errors import TroubleError

_ASK_AFTER_S: Final = 30.0  # a firewall may have forgotten a connection that was idle for longer


def make_engine(settings: Settings, name: str, *, read_only: bool, size: int) -> AsyncEngine:
    """An engine of at most `size` connections, of which half are kept when nobody needs them."""
    database = settings.database
    arguments: dict[str, Any] = {
        "server_settings": {"timezone": "UTC"},
        "command_timeout": database.command_timeout_s,
        "timeout_s": database.connect_timeout_s,
    }
    options = _adapt_to_pooler(arguments, read_only) if database.pooler else _adapt(settings, arguments, read_only)
    kept = (size + 1) // 2
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args=arguments | {"async_creator_fn": partial(connect, settings.database_address(), name)},
        pool_size=kept,
        max_overflow=size - kept,
        pool_timeout=database.connect_timeout_s,
        pool_recycle=1800,
        pool_use_lifo=True,
        hide_parameters=True,  # an exception is logged and stored, and may hold a key
        **options,
    )
    _watch(engine, database.connect_timeout_s)
    return engine


def _adapt(settings: Settings, arguments: dict[str, Any], read_only: bool) -> dict[str, Any]:
    """Options of an engine whose connections are PostgreSQL's own."""
    arguments["server_settings"] |= KEEPALIVE
    if read_only:
        arguments["server_settings"]["default_transaction_read_only"] = "on"
        return {"isolation_level": "AUTOCOMMIT"}
    # A process that freezes inside a transaction must not keep its row locks for longer than its lease.
    silence_ms = int(settings.scheduler.run_lease_s * 1000)
    arguments["server_settings"]["idle_in_transaction_session_timeout"] = str(silence_ms)
    return {}


def _adapt_to_pooler(arguments: dict[str, Any], read_only: bool) -> dict[str, Any]:
    """Options behind a transaction pooler: nothing may outlive a transaction, and each read is one.

    It refuses parameters of a session that it does not know, and hands a statement that is prepared outside of a
    transaction to one server and its execution to another (pgbouncer 1.18).
    """
    arguments |= {
        "statement_cache_size": 0, "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: "",
    }  # fmt: skip
    return {"execution_options": {"postgresql_readonly": True}} if read_only else {}


def _watch(engine: AsyncEngine, patience_s: float) -> None:
    """Replace lost connections before they are lent, and drop those whose trouble says so."""

    def lend(connection: Any, record: Any, _: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) > _ASK_AFTER_S:
            try:
                connection.run_async(lambda driver: driver.fetchval("SELECT 1", timeout=patience_s))
            except Exception as error:
                raise DisconnectionError from error

    def take_back(_: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    event.listen(engine.sync_engine, "checkout", lend)
    event.listen(engine.sync_engine, "checkin", take_back)
    event.listen(engine.sync_engine, "handle_error", _judge)


def _judge(context: ExceptionContext) -> TroubleError | None:
    """An OSError of a statement is the network's; a connection is dropped if its trouble says so."""
    error = context.original_exception
    if isinstance(error, OSError):
        busy = isinstance(error, TimeoutError)  # AZAK_DATABASE_COMMAND_TIMEOUT_S
        context.is_disconnect = context.is_disconnect or not busy
        return TroubleError(troubles.DATABASE_BUSY if busy else troubles.DATABASE_AWAY)
    if explain(context.sqlalchemy_exception or error).trouble.drops:
        context.is_disconnect = True
    return None
