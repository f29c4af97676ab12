"""One run of schemathesis against a process that serves its OpenAPI document."""

import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

# An event stream has no end to wait for; its tests are in tests/api/test_events.py.
ENDLESS = "/api/events"
# What a document cannot say: cursors belong to their list, cron lines have a grammar, two versions must differ (422);
# there may be no such stock (404), or one already (409).
_CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "503"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
"""


def check(address: str, key: str, *more: str, examples: int, seed: int = 1) -> "subprocess.CompletedProcess[str]":
    """Every check of about so many examples, all operations alike; `more` are options of schemathesis."""
    paths = httpx.get(f"{address}/openapi.json", trust_env=False, verify=False, timeout=30).json()["paths"]
    operations = sum(len(methods) for path, methods in paths.items() if path != ENDLESS)
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "schemathesis.toml"
        configuration.write_text(_CONFIGURATION)
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(configuration), "run",
            f"{address}/openapi.json", "--checks", "all", "--max-examples", str(-(-examples // operations)),
            "--header", f"Authorization: Bearer {key}", "--seed", str(seed), "--exclude-path", ENDLESS,
            "--request-timeout", "30", "--suppress-health-check", "all", "--no-color", "--continue-on-failure",
            "--warnings", "off", *more,
        ]  # fmt: skip
        return subprocess.run(command, check=False, cwd=folder, text=True, stdout=subprocess.PIPE)
