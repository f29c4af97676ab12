"""`azak keys` and `azak sign-in`: API keys and one-time sign-in links.

Both need a key with the scope admin, such as AZAK_API_KEY of this machine.
"""

from typing import Annotated

import typer

from backend.cli.client import new_sign_in_link, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.naming import find_key
from backend.cli.output import print_json, print_rows, say

keys = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Keys of the REST API.")
sign_in = typer.Typer(add_completion=False, rich_markup_mode=None)


@keys.command("list")
def list_keys(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Every key ever made; the keys themselves are never shown again."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/keys")["items"]
    if json:
        print_json(found)
        return
    rows = [key | {"scopes": ", ".join(key["scopes"])} for key in found]
    columns = {"id": "id", "name": "name", "scopes": "scopes", "created_at": "created", "expires_at": "expires"}
    columns["revoked_at"] = "revoked"
    print_rows(rows, columns, empty="There is no key but AZAK_API_KEY; make one with 'azak keys add NAME'.")


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scopes: Annotated[str, typer.Option(help="Of read, write, admin; separated by commas.")] = "read",
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Make a key and print it, this once."""
    body = {"name": name, "scopes": [scope.strip() for scope in scopes.split(",")]}
    with open_client(open_settings(demo)) as client:
        made = request(client, "POST", "/api/keys", json=body)
    if json:
        print_json(made)
        return
    say(made["key"])


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id or the beginning of it, as in 'azak keys list'.")],
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """End a key, and every browser signed in with it."""
    with open_client(open_settings(demo)) as client:
        ended = request(client, "POST", f"/api/keys/{find_key(client, key_id)}/revoke")
    if json:
        print_json(ended)
    else:
        say(f"{ended['name']} is revoked.")


@sign_in.command()
def print_link(demo: DemoOption = False) -> None:
    """Print a link that signs one browser in, once, within 15 minutes."""
    with open_client(open_settings(demo)) as client:
        say(new_sign_in_link(client))
