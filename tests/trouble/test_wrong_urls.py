"""Every form of URL, with one thing wrong in it: each names its own trouble, whoever prints it so."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import pytest

from backend.config import Settings, parse_database_url
from backend.db.connections.connecting import connect
from backend.db.troubles import explain
from tests.fixtures.database import free_port
from tests.trouble.certificates import Authority
from tests.trouble.tls_front import Front, fronted

Place = Mapping[str, str]
# One a kind of form in test_database_urls, each with all that may be wrong in it.
FORMS: Final[dict[str, Callable[[Place], str]]] = {
    "plain": lambda p: "postgresql://{user}:{password}@{host}:{port}/{database}".format(**p),
    "postgres": lambda p: "postgres://{user}:{password}@{host}:{port}/{database}".format(**p),
    "sqlalchemy": lambda p: "postgresql+asyncpg://{user}:{password}@{host}:{port}/{database}".format(**p),
    "vendor": lambda p: (
        "postgres://{user}:{password}@{host}:{port}/{database}?sslmode=prefer&channel_binding=prefer"
        "&connect_timeout=5&application_name=shop".format(**p)
    ),
    "options": lambda p: (
        "postgresql://{user}:{password}@{host}:{port}/{database}?options=-c%20search_path%3Dpublic".format(**p)
    ),
    "in the query": lambda p: "postgresql:///{database}?host={host}&port={port}&user={user}&password={password}".format(
        **p
    ),
    "several hosts": lambda p: (
        "postgresql://{user}:{password}@127.0.0.1:{nobody},{host}:{port}/{database}?sslmode=prefer".format(**p)
    ),
    "several in the query": lambda p: (
        "postgresql:///{database}?host=127.0.0.1,{host}&port={nobody},{port}&user={user}&password={password}"
        "&target_session_attrs=primary".format(**p)
    ),
}
WRONG: Final = {
    "password": ({"password": "wrong"}, "database-refuses-login"),
    "user": ({"user": "nobody-here"}, "database-refuses-login"),
    "database": ({"database": "gone"}, "database-missing"),
    "port": ({"port": "{nobody}"}, "database-unavailable"),
    "host": ({"host": "no-such-host.invalid"}, "database-unavailable"),
}
CERTIFICATES: Final = {"expired": ("localhost", 60), "of another name": ("db.example.com", 0)}


def place_of(url: str, **changes: str) -> Place:
    parts = urlsplit(url)
    nobody = str(free_port())
    found = {
        "user": str(parts.username), "password": quote(str(parts.password)), "host": str(parts.hostname),
        "port": str(parts.port), "database": parts.path[1:], "nobody": nobody,
    }  # fmt: skip
    return found | {name: value.format(nobody=nobody) for name, value in changes.items()}


async def trouble_of(url: str) -> str | None:
    """The class of what a connection by `url` meets; None where it is had."""
    try:
        connection = await connect(parse_database_url(url), "test", timeout_s=5)
    except Exception as error:  # noqa: BLE001  (whatever it is, its class is asked)
        return explain(error).trouble.code
    await connection.close()
    return None


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_url_names_what_is_wrong_in_it(settings: Settings, form: str) -> None:
    url = settings.database_url()
    assert await trouble_of(FORMS[form](place_of(url))) is None
    found = {wrong: await trouble_of(FORMS[form](place_of(url, **changes))) for wrong, (changes, _) in WRONG.items()}
    assert found == {wrong: code for wrong, (_, code) in WRONG.items()}


@pytest.fixture
async def front(settings: Settings) -> AsyncIterator[Front]:
    async with fronted(settings.database_url()) as front:
        yield front


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_url_refuses_a_certificate_that_proves_nothing(
    front: Front, tmp_path: Path, settings: Settings, form: str
) -> None:
    authority = Authority(tmp_path)
    place = place_of(settings.database_url(), host="localhost", port=str(front.port))
    plain = FORMS[form](place).replace("sslmode=prefer&", "").replace("?sslmode=prefer", "")
    url = f"{plain}{'&' if '?' in plain else '?'}sslmode=verify-full&sslrootcert={authority.root}"
    front.present(authority.sign("localhost"), tmp_path)
    assert await trouble_of(url) is None
    for name, age_days in CERTIFICATES.values():
        front.present(authority.sign(name, age_days=age_days), tmp_path)
        assert await trouble_of(url) == "database-tls"
