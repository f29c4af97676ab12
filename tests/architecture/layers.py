"""Draws docs/images/layers.svg from the import contracts: `python -m tests.architecture.layers`."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "layers.svg"
BOX_W, BOX_H, GAP, LEFT, TOP = 132, 40, 12, 12, 60
API, BARRED, BOTH = "#2f6fb3", "#b3572f", "#5f6b76"
ENTRIES = {"main": API, "cli": API, "scheduler_main": BARRED, "worker_main": BARRED}


def contracts() -> list[dict[str, Any]]:
    """The contracts of import-linter in pyproject.toml."""
    listed: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return listed


def named(name: str) -> dict[str, Any]:
    return next(contract for contract in contracts() if contract["name"] == name)


def rooms(package: str) -> list[str]:
    """The folders inside a package, by name."""
    folder = ROOT / "backend" / package
    return sorted(path.name for path in folder.iterdir() if (path / "__init__.py").exists()) if folder.is_dir() else []


def colour(package: str, barred: set[str]) -> str:
    """Blue: API and command line alone. Orange: never in the API process. Grey: both."""
    if f"backend.{package}" in barred:
        return BARRED
    return ENTRIES.get(package, API if package == "api" else BOTH)


def _text(x: int, y: int, words: str, fill: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="13" fill="{fill}">{words}</text>'


def _box(x: int, y: int, package: str, fill: str) -> str:
    """A package as a box; its rooms are shown when one points at it."""
    title = ", ".join(rooms(package)) or "one file"
    box = f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="4" fill="{fill}"/>'
    return f"<g><title>{package}: {title}</title>{box}{_text(x + 10, y + 25, package, '#ffffff')}</g>"


def draw() -> str:
    """The picture: a row a layer, an upper one may import a lower one."""
    layers = [[part.strip() for part in layer.split("|")] for layer in named("Layers")["layers"]]
    barred = set(named("The API process never reaches models, jobs or sources")["forbidden_modules"])
    width = 2 * LEFT + max(map(len, layers)) * (BOX_W + GAP) - GAP
    height = TOP + len(layers) * (BOX_H + GAP) + LEFT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 20, "Each layer may import the layers below it", "#000000"),
        _text(LEFT, 42, "API and command line only", API),
        _text(LEFT + 180, 42, "never in the API process", BARRED),
        _text(LEFT + 360, 42, "both", BOTH),
    ]
    for row, layer in enumerate(layers):
        for column, package in enumerate(layer):
            x, y = LEFT + column * (BOX_W + GAP), TOP + row * (BOX_H + GAP)
            lines.append(_box(x, y, package, colour(package, barred)))
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw())
