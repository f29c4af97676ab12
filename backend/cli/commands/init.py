"""`azak init`: asks for the keys of sources, keeps them in the 0600 file of the data directory, and tries each one.

What is typed is never shown. A running azak takes the keys over its API, as from the page, and tries them at once.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import typer

from backend.cli.client import ServiceUnreachableError, open_client, request
from backend.cli.commands.sources import ask, print_findings
from backend.cli.environment import open_settings
from backend.cli.output import say
from backend.config import Settings, ensure_secrets
from backend.config.kept import find_fixed, keep_settings
from backend.errors import InvalidInputError
from backend.internal import KEY_PATTERN
from backend.setting_names import read_names

init = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who gives keys: what they bring, where to get them, their settings, and the source that tries them."""

    name: str
    brings: str
    address: str
    settings: tuple[str, ...]
    source: str


PREFIX: Final = "AZAK_SOURCES_"
PROVIDERS: Final = (
    Provider(
        "NAVER API HUB", "news search by the name of each stock", "https://www.ncloud.com/product/applicationService",
        ("NAVER_HUB_KEY_ID", "NAVER_HUB_KEY"), "naver_search",
    ),
    Provider("OpenDART", "filings with their history", "https://opendart.fss.or.kr", ("DART_KEY",), "dart"),
    Provider(
        "Korea Investment & Securities", "prices, minutes and headlines", "https://apiportal.koreainvestment.com",
        ("KIS_APP_KEY", "KIS_APP_SECRET"), "kis",
    ),
    Provider(
        "data.go.kr", "official daily bars", "https://www.data.go.kr/data/15094808/openapi.do",
        ("PUBLIC_DATA_KEY",), "public_data",
    ),
)  # fmt: skip
UNOFFICIAL: Final = "naver_chart"  # the source that tries them
_CONSENT: Final = PREFIX + "NAVER_PRICES"
Given = dict[str, dict[str, str]]
"""Source -> values of its settings."""


@init.command()
def ask_for_keys() -> None:
    """Ask for the keys of sources (Enter passes one over), keep them in azak.env and try each one."""
    settings = open_settings(False)
    file = ensure_secrets(settings.data_dir)
    kept = dict(read_names(file))
    say("Keys are kept in " + str(file) + ", which only its owner can read. Enter passes one over.")
    given: Given = {}
    for provider in PROVIDERS:
        names = [PREFIX + name for name in provider.settings]
        if fixed := find_fixed(names):
            say(f"{provider.name}: {fixed[0]} stands in {fixed[1]}, which is read first; change it there.")
            continue
        values = _ask(provider, known=all(kept.get(name) for name in names))
        if values:
            given[provider.source] = dict(zip(names, values, strict=True))
    if _wants_prices(settings):
        given[UNOFFICIAL] = {_CONSENT: "true"}
    if not given:
        say("Nothing was changed.")
        return
    raise typer.Exit(_keep(settings, file, given))


def _ask(provider: Provider, *, known: bool) -> list[str]:
    """The values of one provider; none when it is passed over. Raises InvalidInputError for what is no key."""
    say(f"\n{provider.name}: {provider.brings} ({provider.address}).{' A key is kept already.' if known else ''}")
    values: list[str] = []
    for name in provider.settings:
        value = _ask_for_key(name, may_pass=not values)
        if not value:
            return []
        values.append(value)
    return values


def _ask_for_key(name: str, *, may_pass: bool) -> str:
    """A key, or nothing where Enter `may_pass` it over. A person is asked again for what is none; a pipe is refused."""
    while True:
        value = _prompt(f"  {name}", hidden=True)
        if (may_pass and not value) or re.fullmatch(KEY_PATTERN, value):
            return value
        refusal = f"{name} must be 8 to 300 letters, digits or one of +/=_.%~:-"
        if not sys.stdin.isatty():
            raise InvalidInputError(f"{refusal}; nothing was kept.")
        say(f"  {refusal}.")


def _wants_prices(settings: Settings) -> bool:
    if settings.sources.naver_prices or find_fixed([_CONSENT]):
        return False
    say("\nNaver: prices without a key. Its endpoints are unofficial, may change, and you must be allowed to use them.")
    return _prompt("  Switch them on? [y/N]", hidden=False).lower() in ("y", "yes")


def _prompt(text: str, *, hidden: bool) -> str:
    """What a person types; from a pipe a line, since nobody looks on there."""
    told: Any = typer.prompt(text, default="", show_default=False, hide_input=hidden and sys.stdin.isatty())
    return str(told).strip()


def _keep(settings: Settings, file: Path, given: Given) -> int:
    """Keep what was typed and ask each source where azak runs; the exit code, 1 if one failed."""
    with open_client(settings) as client:
        if not _is_active(client):
            keep_settings(file, {name: value for values in given.values() for name, value in values.items()})
            say(f"They are kept in {file}. azak does not run here, so none was tried:")
            say(f"start it, then 'azak sources check {' '.join(given)}'.")
            return 0
        for source, values in given.items():
            request(client, "PATCH", f"/api/sources/{source}", json=_change(values))
        say(f"They are kept in {file}, and the jobs ask with them from their next run on.")
        rows = ask(client, {"sources": list(given)})
    print_findings(rows)
    return 1 if any(row["result"] != "ok" for row in rows) else 0


def _is_active(client: httpx.Client) -> bool:
    try:
        return bool(request(client, "GET", "/api/health")["scheduler"]["state"] == "active")
    except ServiceUnreachableError:
        return False


def _change(values: Mapping[str, str]) -> dict[str, Any]:
    """The body that gives a source its keys, or switches on what needs none."""
    if _CONSENT in values:
        return {"on": True}
    return {"keys": [{"setting": name, "value": value} for name, value in values.items()]}
