"""Every form of URL that PostgreSQL's manual and hosts of databases print, read once for every driver."""

# ruff: noqa: E501  (one case a line)

import pytest

from backend.config import parse_database_url
from backend.errors import ConfigurationError

LOCAL = [("127.0.0.1", 5432)]
# URL -> hosts, user, password, database, sslmode in force, target_session_attrs in force
FORMS: list[tuple[str, list[tuple[str, int]], str | None, str | None, str | None, str, str]] = [
    ("postgresql://azak:pw@127.0.0.1:5439/azak", [("127.0.0.1", 5439)], "azak", "pw", "azak", "disable", "any"),
    ("postgres://azak:pw@localhost/azak", [("localhost", 5432)], "azak", "pw", "azak", "disable", "any"),
    ("postgresql+asyncpg://azak:pw@127.0.0.1/azak", LOCAL, "azak", "pw", "azak", "disable", "any"),
    ("postgresql+psycopg://azak:pw@127.0.0.1/azak?sslmode=require", LOCAL, "azak", "pw", "azak", "require", "any"),
    ("postgresql://u:p@db.example.com/app", [("db.example.com", 5432)], "u", "p", "app", "prefer", "any"),
    # Heroku, Render, Railway, Fly, DigitalOcean, Aiven, Neon, Supabase, RDS, Azure, Cloud SQL, Crunchy, CockroachDB
    ("postgres://u:p@ec2-1.compute.example:5432/d8", [("ec2-1.compute.example", 5432)], "u", "p", "d8", "prefer", "any"),
    ("postgresql://doadmin:p@db-1.example:25060/defaultdb?sslmode=require", [("db-1.example", 25060)], "doadmin", "p", "defaultdb", "require", "any"),
    ("postgres://avnadmin:p@pg.example:12691/defaultdb?sslmode=require", [("pg.example", 12691)], "avnadmin", "p", "defaultdb", "require", "any"),
    ("postgresql://u:p@ep-x-pooler.example/neondb?sslmode=require&channel_binding=require", [("ep-x-pooler.example", 5432)], "u", "p", "neondb", "verify-full", "any"),
    ("postgresql://u:p@ep-x.example/neondb?options=endpoint%3Dep-x&sslmode=require", [("ep-x.example", 5432)], "u", "p", "neondb", "require", "any"),
    ("postgresql://postgres.abcd:p@aws-0.pooler.example:6543/postgres", [("aws-0.pooler.example", 6543)], "postgres.abcd", "p", "postgres", "prefer", "any"),
    ("postgresql://u%40server:p@x.postgres.example/db?sslmode=verify-full&sslrootcert=system", [("x.postgres.example", 5432)], "u@server", "p", "db", "verify-full", "any"),
    ("postgresql+asyncpg://u:p@/db?host=/cloudsql/project:region:instance", [("/cloudsql/project:region:instance", 5432)], "u", "p", "db", "prefer", "any"),
    ("postgresql://u:p@h.example:26257/db?sslmode=verify-full&application_name=shop", [("h.example", 26257)], "u", "p", "db", "verify-full", "any"),
    ("postgresql://u:p@h.example/db?ssl=true", [("h.example", 5432)], "u", "p", "db", "require", "any"),
    ("postgresql://u:p@h.example/db?ssl=verify-full", [("h.example", 5432)], "u", "p", "db", "verify-full", "any"),
    ("postgresql://u:p@h.example/db?ssl=false", [("h.example", 5432)], "u", "p", "db", "disable", "any"),
    ("postgresql://u:p@h.example/db?sslmode=require&sslrootcert=/etc/ca.pem", [("h.example", 5432)], "u", "p", "db", "verify-ca", "any"),
    ("postgresql://u:p@h.example/db?sslrootcert=system", [("h.example", 5432)], "u", "p", "db", "verify-full", "any"),
    # A file that is named for TLS demands it: below `require` it would be ignored
    ("postgresql://u:p@127.0.0.1/db?sslcert=/c&sslkey=/k", LOCAL, "u", "p", "db", "require", "any"),
    ("postgresql://u:p@127.0.0.1/db?sslmode=prefer&sslcert=/c&sslkey=/k", LOCAL, "u", "p", "db", "require", "any"),
    ("postgresql://u:p@h.example/db?sslmode=allow&sslcert=/c", [("h.example", 5432)], "u", "p", "db", "require", "any"),
    ("postgresql://u:p@127.0.0.1/db?sslrootcert=/etc/ca.pem", LOCAL, "u", "p", "db", "verify-ca", "any"),
    ("postgresql://u:p@h.example/db?sslmode=prefer&sslrootcert=/etc/ca.pem", [("h.example", 5432)], "u", "p", "db", "verify-ca", "any"),
    ("postgresql://u:p@127.0.0.1/db?sslrootcert=&sslcert=&sslkey=", LOCAL, "u", "p", "db", "disable", "any"),
    # Several hosts: azak must write
    ("postgresql://u:p@a.example:5433,b.example/db", [("a.example", 5433), ("b.example", 5432)], "u", "p", "db", "prefer", "read-write"),
    ("postgresql://u:p@a.example,b.example:1/db?target_session_attrs=primary", [("a.example", 5432), ("b.example", 1)], "u", "p", "db", "prefer", "primary"),
    ("postgresql:///db?host=a.example,b.example&port=1,2&user=u&password=p", [("a.example", 1), ("b.example", 2)], "u", "p", "db", "prefer", "read-write"),
    ("postgresql://u:p@a.example,b.example/db?port=7", [("a.example", 7), ("b.example", 7)], "u", "p", "db", "prefer", "read-write"),
    # Addresses of version 6 and sockets
    ("postgresql://u:p@[2001:db8::1]:5433/db", [("2001:db8::1", 5433)], "u", "p", "db", "prefer", "any"),
    ("postgresql://u:p@[::1]/db", [("::1", 5432)], "u", "p", "db", "disable", "any"),
    ("postgresql://u:p@%2Fvar%2Frun%2Fpostgresql/db", [("/var/run/postgresql", 5432)], "u", "p", "db", "prefer", "any"),
    ("postgresql://u@%2Fvar%2Frun:5433/db", [("/var/run", 5433)], "u", None, "db", "prefer", "any"),
    ("postgresql:///db?host=/tmp&port=6000", [("/tmp", 6000)], None, None, "db", "prefer", "any"),
    ("postgresql:///db", [], None, None, "db", "disable", "any"),
    # Passwords as they are and as they should be
    ("postgresql://u:p%40%3A%2F%3F%23%25s@127.0.0.1/db", LOCAL, "u", "p@:/?#%s", "db", "disable", "any"),
    ("postgresql://u:p@ss:w/or#d@127.0.0.1/db", LOCAL, "u", "p@ss:w/or#d", "db", "disable", "any"),
    ("postgresql://u:100%@127.0.0.1/db", LOCAL, "u", "100%", "db", "disable", "any"),
    ("postgresql://u:p+q@127.0.0.1/db", LOCAL, "u", "p+q", "db", "disable", "any"),
    ("  postgresql://u:p@127.0.0.1/db\n", LOCAL, "u", "p", "db", "disable", "any"),
    ("postgresql://u:p@127.0.0.1/%ED%95%9C%EA%B8%80", LOCAL, "u", "p", "한글", "disable", "any"),
    ("postgresql://u:p@127.0.0.1/db?gssencmode=prefer&client_encoding=UTF8&keepalives=1&sslsni=1", LOCAL, "u", "p", "db", "disable", "any"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0].partition("://")[2][:40])
def test_a_url_of_any_form_says_where_and_who(
    form: tuple[str, list[tuple[str, int]], str | None, str | None, str | None, str, str],
) -> None:
    url, hosts, user, password, database, mode, target = form
    found = parse_database_url(url)
    assert list(found.hosts) == hosts
    assert (found.user, found.password, found.database) == (user, password, database)
    assert (found.tls.mode, found.target) == (mode, target)


def test_parameters_that_a_connection_takes_reach_it() -> None:
    url = "postgresql://u:p@h/db?connect_timeout=10&options=-c%20search_path%3Dx&application_name=shop&passfile=/p"
    found = parse_database_url(url)
    assert (found.connect_timeout_s, found.options, found.application) == (10, "-c search_path=x", "shop")
    assert found.passfile == "/p"
    files = "sslcert=/c&sslkey=/k&sslpassword=s&sslrootcert=/r&sslmode=verify-full"
    tls = parse_database_url(f"postgresql://u:p@h/db?{files}").tls
    assert (tls.certificate, tls.key, tls.key_password, tls.root) == ("/c", "/k", "s", "/r")


REFUSED = [
    ("mysql://u:geheim@h/db", "no URL of PostgreSQL"),
    ("host=h user=u password=geheim", "no URL of PostgreSQL"),
    ("psql 'postgresql://u:geheim@h/db'", "no URL of PostgreSQL"),
    ("postgresql://u:geheim@h:99999/db", "no such port"),
    ("postgresql://u:geheim@h:port/db", "no such port"),
    ("postgresql://u:ge?heim@h/db", "%3F"),
    ("postgresql://u:geheim@a,b,c/db?port=1,2", "3 hosts and 2 ports"),
    ("postgresql://u:geheim@h/db?sslmode=yes", "sslmode=yes"),
    ("postgresql://u:geheim@h/db?ssl_mode=require", "write sslmode instead"),
    ("postgresql://u:geheim@h/db?sslmode=disable&sslcert=/c&sslkey=/k", "has sslcert and switches TLS off"),
    ("postgresql://u:geheim@h/db?ssl=false&sslrootcert=/c", "has sslrootcert and switches TLS off"),
    ("postgresql://u:geheim@h/db?sslmode=require&sslkey=/k", "has sslkey without sslcert"),
    ("postgresql://u:geheim@h/db?sslpassword=geheim2", "has sslpassword without sslcert"),
    ("postgresql://u:geheim@h/db?sslmode=require&sslmode=disable", "twice"),
    ("postgresql://u:geheim@h/db?target_session_attrs=standby", "target_session_attrs=standby"),
    ("postgresql://u:geheim@h/db?channel_binding=sometimes", "channel_binding=sometimes"),
    ("postgresql://u:geheim@h/db?gssencmode=require", "gssencmode=require"),
    ("postgresql://u:geheim@h/db?client_encoding=EUC_KR", "client_encoding=euc_kr"),
    ("postgresql://u:geheim@h/db?connect_timeout=soon", "connect_timeout=soon"),
    ("postgresql://u:geheim@h/db?pgbouncer=true", "AZAK_DATABASE_POOLER=true"),
    ("postgresql://u:geheim@h/db?schema=public", "'schema'"),
    ("postgresql://u:geheim@h/db?service=prod", "'service'"),
]


@pytest.mark.parametrize(("url", "words"), REFUSED, ids=lambda value: value[-40:])
def test_what_azak_cannot_honour_is_refused_by_its_name(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_database_url(url, "AZAK_DATABASE_DIRECT_URL")
    assert words in refused.value.detail
    assert refused.value.detail.startswith("AZAK_DATABASE_DIRECT_URL")
    assert "heim" not in refused.value.detail


def test_a_password_is_in_no_representation() -> None:
    found = parse_database_url("postgresql://u:geheim@h/db?sslpassword=geheim2&sslcert=/c")
    assert "geheim" not in repr(found)
