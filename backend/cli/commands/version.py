"""`azak version` and `azak --version`: print the version of the installed package."""

import importlib.metadata

import typer

version = typer.Typer(add_completion=False, rich_markup_mode=None)


@version.command()
def print_version() -> None:
    """Print the version of azak."""
    print(f"azak {importlib.metadata.version('azak')}")
