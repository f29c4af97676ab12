"""`azak open`: opens the page in a browser where there is a screen, and prints its address."""

import os
import sys
import webbrowser
from typing import Annotated

import typer

from backend.cli.client import open_client, page_url, request
from backend.cli.environment import DemoOption, open_settings
from backend.cli.naming import find_stock
from backend.cli.output import say

open = typer.Typer(add_completion=False, rich_markup_mode=None)  # noqa: A001  (the name of the command)


def _has_screen() -> bool:
    """Whether a browser has a window to open; elsewhere webbrowser would take over the terminal with lynx."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@open.command()
def open_page(
    stock: Annotated[str | None, typer.Argument(help="Its page instead of the first: code, name or alias.")] = None,
    demo: DemoOption = False,
) -> None:
    """Open the page in a browser and print its address; without a screen it is only printed."""
    settings = open_settings(demo)
    with open_client(settings) as client:
        request(client, "GET", "/livez")
        page = "" if stock is None else f"stock/{find_stock(client, stock)['code']}"
    address = f"{page_url(settings)}{page}"
    say(address)
    if _has_screen() and not webbrowser.open(address):
        say("No browser could be started; open the address yourself.")
