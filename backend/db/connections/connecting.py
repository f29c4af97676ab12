"""Opens a connection to PostgreSQL: the only place that does, for every pool and every single connection.

Hosts are tried in order, each within the time limit. What goes wrong on the way there is a TroubleError of the
database; what the server answers stays asyncpg's exception, for `backend.db.troubles`.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import asyncpg

from backend import trouble as troubles
from backend.config import DatabaseAddress, Tls
from backend.db.troubles import explain, fault_of
from backend.errors import AzakError, ConfigurationError, TroubleError
from backend.trouble import Area

# A frozen peer or a pulled cable is noticed in about 25 s (measured) instead of two hours.
KEEPALIVE: Final = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
_ASK_THE_NEXT: Final = (troubles.DATABASE_AWAY, troubles.DATABASE_READ_ONLY)
_USUAL_ROOT: Final = Path("~/.postgresql/root.crt")  # where libpq looks


async def connect(
    address: DatabaseAddress,
    name: str,
    *,
    timeout_s: float,
    server_settings: Mapping[str, str] | None = None,
    **options: Any,
) -> asyncpg.Connection:
    """A connection to the first host that answers and, if it must, writes; `name` is shown in pg_stat_activity.

    `options` go to asyncpg. Raises TroubleError, ConfigurationError or what asyncpg raises.
    """
    settings = {"application_name": f"{address.application}.{name}", **(server_settings or {})}
    if address.options is not None:
        settings["options"] = address.options
    target = address.target
    if target == "read-write" and settings.get("default_transaction_read_only") == "on":
        target = "primary"  # our own setting would look like the server's
    failure: Exception = TroubleError(troubles.DATABASE_AWAY)
    for host, port in address.hosts or ((None, None),):
        try:
            return await asyncpg.connect(
                host=host,
                port=port,
                user=address.user,
                password=address.password,
                passfile=address.passfile,
                database=address.database,
                ssl=_ssl(address.tls),
                target_session_attrs=target,
                timeout=address.connect_timeout_s or timeout_s,
                server_settings=settings,
                **options,
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
            failure = _of_network(error) if isinstance(error, OSError) else _of_server(error)
            if explain(failure).trouble not in _ASK_THE_NEXT:
                break
    raise failure


def opener(address: DatabaseAddress, name: str, *, timeout_s: float) -> Callable[..., Awaitable[asyncpg.Connection]]:
    """`connect` in the form that a pool of asyncpg takes, which passes the DSN that it was not given."""

    async def open_one(_dsn: None = None, **options: Any) -> asyncpg.Connection:
        return await connect(address, name, timeout_s=timeout_s, **options)

    return open_one


def _of_network(error: OSError) -> AzakError:
    """asyncpg says with a ConnectionError that the server has no TLS."""
    is_tls = isinstance(error, ssl.SSLError) or "SSL upgrade" in str(error)
    trouble = TroubleError(troubles.DATABASE_TLS if is_tls else troubles.DATABASE_AWAY)
    trouble.__cause__ = error
    return trouble


def _of_server(error: Exception) -> Exception:
    """Whatever the server says before it lets azak in is about the database, also what no table of ours names.

    No statement was sent yet: a type or a parameter that does not exist is one of the options of the URL.
    """
    trouble = explain(error).trouble
    is_known = trouble.area is Area.DATABASE and trouble is not troubles.DATABASE_OLDER
    return error if is_known or trouble is troubles.CONFIGURATION else fault_of(error)


def _ssl(tls: Tls) -> bool | str | ssl.SSLContext:
    if tls.mode == "disable":
        return False
    if tls.mode in {"allow", "prefer"}:
        return tls.mode
    return tls_context(tls)


@cache
def tls_context(tls: Tls) -> ssl.SSLContext:
    """For a mode that demands TLS. Raises ConfigurationError when a file that it names cannot be used."""
    usual = _USUAL_ROOT.expanduser()
    root = None if tls.root == "system" else tls.root or (str(usual) if usual.exists() else None)
    try:
        context = ssl.create_default_context(cafile=root)
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key, lambda: _key_password(tls))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"A certificate of AZAK_DATABASE_URL cannot be used ({error}); check sslrootcert, sslcert, sslkey and "
            "sslpassword in it."
        ) from error
    context.check_hostname = tls.mode == "verify-full"
    if tls.mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context


def _key_password(tls: Tls) -> str:
    """Asked for by an encrypted key alone; without an answer OpenSSL would ask on the terminal."""
    if tls.key_password is None:
        raise ConfigurationError(
            "The sslkey of AZAK_DATABASE_URL is encrypted; give its password as sslpassword in the URL."
        )
    return tls.key_password
