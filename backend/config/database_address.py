"""The one parser of database URLs, in every form that PostgreSQL and those who host it print.

Its result opens each connection of azak: SQLAlchemy's, asyncpg's, the engine's, the listener's and Alembic's. A
parameter of libpq is honoured or refused at start by its name: drivers read different subsets and ignore or fail
at the rest. https://www.postgresql.org/docs/current/libpq-connect.html
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from backend.errors import ConfigurationError

_FORM: Final = re.compile(r"(?:postgres|postgresql)(?:\+\w+)?://(?P<place>[^?]*)(?:\?(?P<query>.*))?", re.DOTALL)
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_TLS_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_ESCAPES: Final = "write @ : / ? # % of a password as %40 %3A %2F %3F %23 %25"
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
# What azak can do with each; it must write, so that a standby does not do.
_TARGETS: Final = ("any", "primary", "read-write")
_KNOWN: Final = (
    "host", "port", "user", "password", "passfile", "dbname", "database", "sslmode", "ssl", "sslrootcert", "sslcert",
    "sslkey", "sslpassword", "channel_binding", "target_session_attrs", "application_name", "options",
    "connect_timeout",
)  # fmt: skip
_TLS_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslpassword")
# Values that ask for what is so anyway.
_AS_IT_IS: Final[Mapping[str, tuple[str, ...]]] = {
    "client_encoding": ("utf8", "utf-8", "auto"),
    "gssencmode": ("disable", "prefer"),
    "keepalives": ("1",),
    "sslcompression": ("0",),
    "sslnegotiation": ("postgres",),
    "sslsni": ("1",),
}


@dataclass(frozen=True, slots=True)
class Tls:
    """Whether to encrypt, and whom to trust. `mode`: libpq's sslmode; `root`: a file, "system", or None."""

    mode: str
    root: str | None = None
    certificate: str | None = None
    key: str | None = None
    key_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where the database is and how to get in. Without `hosts`: the usual socket, else localhost."""

    hosts: tuple[tuple[str, int], ...]
    user: str | None
    password: str | None = field(repr=False)
    passfile: str | None
    database: str | None
    tls: Tls
    target: str  # libpq's target_session_attrs
    application: str
    options: str | None
    connect_timeout_s: float | None

    @property
    def is_local(self) -> bool:
        """Whether no byte leaves this machine."""
        return all(host in _LOOPBACK or host.startswith(("/", "@")) for host, _ in self.hosts)


def parse_database_url(text: str, setting: str = "AZAK_DATABASE_URL") -> DatabaseAddress:
    """Raises ConfigurationError, which names `setting` and what is wrong with it, and never shows a password."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(f"{setting} is no URL of PostgreSQL: write postgresql://user:password@host:5432/name.")
    given = dict(_parameters(found["query"] or "", setting))
    login, _, place = found["place"].rpartition("@")
    user, _, password = login.partition(":")
    hosts_text, _, database = place.partition("/")
    hosts = tuple(_hosts(given.get("host") or hosts_text, given.get("port"), setting))
    is_local = all(host in _LOOPBACK for host, _ in hosts)
    return DatabaseAddress(
        hosts=hosts,
        user=given.get("user") or unquote(user) or None,
        password=given.get("password") or unquote(password) or None,
        passfile=given.get("passfile"),
        database=given.get("dbname") or given.get("database") or unquote(database) or None,
        # No TLS over loopback unless it is asked for: its context costs each process 0.6 MB (measured).
        tls=_tls(given, "disable" if is_local else "prefer", setting),
        target=_one_of(given, "target_session_attrs", _TARGETS, "read-write" if len(hosts) > 1 else "any", setting),
        application=given.get("application_name", "azak"),
        options=given.get("options"),
        connect_timeout_s=_seconds(given, setting),
    )


def _parameters(query: str, setting: str) -> Iterator[tuple[str, str]]:
    """(name, value) of each that azak acts upon; as libpq, "+" is no blank."""
    seen = set()
    for part in filter(None, query.split("&")):
        name, _, written = part.partition("=")
        name, value = unquote(name), unquote(written)
        if "@" in part:
            raise ConfigurationError(f"{setting} has an @ behind its ?; {_ESCAPES}.")  # shows nothing of a password
        if name in seen:
            raise ConfigurationError(f"{setting} has the parameter {name!r} twice; leave one out.")
        seen.add(name)
        if name in _AS_IT_IS:
            _one_of({name: value.lower()}, name, _AS_IT_IS[name], "", setting)
        elif name == "pgbouncer":
            raise ConfigurationError(
                f"{setting} says pgbouncer={value}: leave it out, set AZAK_DATABASE_POOLER=true and let "
                "AZAK_DATABASE_DIRECT_URL go past the pooler."
            )
        elif name not in _KNOWN:
            close = difflib.get_close_matches(name, _KNOWN, n=1)
            hint = f"write {close[0]} instead" if close else "leave it out"
            raise ConfigurationError(f"{setting} has the parameter {name!r}, which azak does not use: {hint}.")
        else:
            yield name, value


def _hosts(text: str, port: str | None, setting: str) -> Iterator[tuple[str, int]]:
    """Each host with its port: names, addresses, IPv6 in brackets, folders of sockets."""
    written = text.split(",") if text else []
    ports = port.split(",") if port else []
    if len(ports) not in {0, 1, len(written)}:
        raise ConfigurationError(f"{setting} has {len(written)} hosts and {len(ports)} ports; give each host its port.")
    for number, one in enumerate(written):
        given = ports[number if len(ports) > 1 else 0] if ports else ""
        if one.startswith(("/", "@")):  # a folder of sockets, whose name may have colons
            host = one
        elif one.startswith("["):
            host, _, own = one[1:].partition("]")
            given = own.removeprefix(":") or given
        elif one.count(":") > 1:  # an IPv6 address, as the parameter host has it
            host = one
        else:
            host, _, own = one.partition(":")
            given = own or given
        yield unquote(host) or "localhost", _port(given or "5432", setting)


def _port(text: str, setting: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ConfigurationError(f"{setting} has no such port; {_ESCAPES}.")
    return int(text)


def _one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...], default: str, setting: str) -> str:
    value = given.get(name, default)
    if value not in choices:
        raise ConfigurationError(f"{setting} says {name}={value}, which azak cannot do: use {', '.join(choices)}.")
    return value


def _tls(given: Mapping[str, str], default: str, setting: str) -> Tls:
    files = {name: value for name in _TLS_FILES if (value := given.get(name))}
    mode = _with_files(files, given, _mode(given, default, setting), setting)
    binding = _one_of(given, "channel_binding", ("disable", "prefer", "require"), "prefer", setting)
    root = files.get("sslrootcert")
    if root == "system":
        mode = "verify-full"
    elif root is not None and mode == "require":
        mode = "verify-ca"  # as libpq
    if binding == "require" and mode != "verify-full":
        # asyncpg cannot bind a login to its channel. What that protects from, somebody in between, a certificate that
        # is verified with the host's name protects from as well.
        mode, root = "verify-full", root or "system"
    return Tls(mode, root, files.get("sslcert"), files.get("sslkey"), files.get("sslpassword"))


def _with_files(files: Mapping[str, str], given: Mapping[str, str], mode: str, setting: str) -> str:
    """The mode in which the files are used: who names one means it, and below `require` TLS may be left out."""
    if not files:
        return mode
    if "sslcert" not in files and (alone := {"sslkey", "sslpassword"} & files.keys()):
        raise ConfigurationError(f"{setting} has {min(alone)} without sslcert; name the certificate, too, or neither.")
    if mode == "disable" and ("sslmode" in given or given.get("ssl")):
        raise ConfigurationError(f"{setting} has {next(iter(files))} and switches TLS off; leave one of them out.")
    return mode if mode.startswith("verify") else "require"


def _mode(given: Mapping[str, str], default: str, setting: str) -> str:
    """`sslmode`, or `ssl` as other drivers write it."""
    if "sslmode" not in given and (value := given.get("ssl", "").lower()):
        plain = {"ssl": "require" if value in _YES else "disable" if value in _NO else value}
        return _one_of(plain, "ssl", _TLS_MODES, "", setting)
    return _one_of(given, "sslmode", _TLS_MODES, default, setting)


def _seconds(given: Mapping[str, str], setting: str) -> float | None:
    text = given.get("connect_timeout")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ConfigurationError(f"{setting} says connect_timeout={text}: write a number of seconds.")
    return float(text) or None
