"""The recipes of docs/rest.md and docs/webhooks.md are run as they stand there."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.api.document.meanings import operations
from backend.api.schema import render
from backend.config import Settings
from tests.factories import World
from tests.fixtures.api_process import instances

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECIPES = re.findall(r"^```bash\n(.*?)^```", (DOCS / "rest.md").read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
async def test_every_recipe_works(settings: Settings, world: World, compiled: dict[str, str]) -> None:
    def run_all(address: str) -> list[tuple[str, str]]:
        environment = os.environ | {"AZAK": address, "KEY": "k"}
        failed = []
        for recipe in RECIPES:
            command = ["bash", "-euo", "pipefail", "-c", recipe]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
            if done.returncode:
                failed.append((recipe, done.stderr))
        return failed

    with instances(settings, compiled | {"AZAK_API_SCHEDULER_TIMEOUT_S": "0.2"}) as (address, _):
        assert await asyncio.to_thread(run_all, address) == []


def test_every_resource_has_a_recipe() -> None:
    document: dict[str, Any] = json.loads(render())
    tags = {operation["tags"][0] for operation in operations(document)}
    headings = set(re.findall(r"^## (\w+)$", (DOCS / "rest.md").read_text(), flags=re.MULTILINE))
    assert headings == tags
