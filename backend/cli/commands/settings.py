"""`azak config`: prints the settings in force with masked secrets, or `.env.example`; both from backend.config."""

import os
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json
from backend.config import Settings

config = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The settings of azak.")

_HEAD = """\
# Every setting of azak with its default. Copy the lines you need to .env and remove their '#'.
# Written by 'azak config example > .env.example'; a test compares the two.
# Order: environment, then .env here, then azak.env in the data directory (secrets that 'azak up' makes).
"""


def _fields(settings: Settings) -> list[tuple[str, str, FieldInfo, Any]]:
    """(group, environment name, field, value in force) of every setting."""
    return [
        (
            type(group).__name__.removesuffix("Settings"),
            f"{group.model_config['env_prefix']}{name}".upper(),
            field,
            getattr(group, name),
        )
        for group in settings.groups()
        for name, field in type(group).model_fields.items()
    ]


def _shown(value: Any) -> str:
    """A value as text; secrets are masked."""
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    return "" if value is None else str(value)


def _default(field: FieldInfo) -> str:
    """The default in .env syntax; empty if it depends on the machine."""
    if field.default is PydanticUndefined or field.default is None:
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _allowed(field: FieldInfo) -> str:
    """The words or numbers that a value is limited to, as text after the description."""
    if get_origin(field.annotation) is Literal:
        return f" ({' | '.join(get_args(field.annotation))})"
    limits = {
        name: getattr(limit, name) for limit in field.metadata for name in ("ge", "gt", "le") if hasattr(limit, name)
    }
    match limits:
        case {"ge": least, "le": most}:
            return f" ({least} to {most})"
        case {"ge": least}:
            return f" ({least} or more)"
        case {"gt": bound}:
            return f" (above {bound})"
    return ""


def example_text() -> str:
    """Content of .env.example."""
    lines, current = [_HEAD], ""
    for group, name, field, _ in _fields(Settings()):
        if group != current:
            lines.append(f"# --- {group} ---\n")
            current = group
        lines.append(f"# {field.description}{_allowed(field)}\n#{name}={_default(field)}\n")
    return "\n".join(lines)


@config.command()
def show(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Print every setting in force; '(set)' marks those given by the environment."""
    values = {name: _shown(value) for _, name, _, value in _fields(open_settings(demo))}
    if json:
        print_json(values)
    else:
        print_fields({name: f"{value}{'  (set)' if name in os.environ else ''}" for name, value in values.items()})


@config.command()
def example() -> None:
    """Print a .env file with every setting, its default and its meaning."""
    print(example_text(), end="")
