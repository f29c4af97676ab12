"""`azak doctor` says whether a language model is on, what its endpoint can do, and how to find out."""

import json
from pathlib import Path
from typing import Any

from backend.config import Settings
from backend.db.session import Database
from backend.services.operations.llm_endpoints import record_endpoint
from tests.cli.azak import azak


def _finding(settings: Settings, folder: Path, **given: str) -> Any:
    environment = {"AZAK_DATA_DIR": str(folder), "AZAK_DATABASE_URL": settings.database_url(), **given}
    checks = json.loads(azak("doctor", "--json", **environment).stdout)
    return next(check for check in checks if check["name"] == "language model")


async def test_doctor_tells_what_the_language_model_can_do(
    settings: Settings, tmp_path: Path, database: Database
) -> None:
    model = {"AZAK_LLM_URL": "https://llm.example/v1", "AZAK_LLM_MODEL": "m", "AZAK_LLM_API_KEY": "sk-secret"}
    off = _finding(settings, tmp_path)
    assert (off["result"], off["finding"][:21]) == ("pass", "off: set AZAK_LLM_URL")
    asked = _finding(settings, tmp_path, **model)
    assert (asked["result"], asked["remedy"]) == ("warn", "azak sources check llm")
    async with database.write() as session:
        await record_endpoint(
            session, endpoint="https://llm.example/v1", model="m", mode="json_object", limit_field="max_tokens",
            takes_temperature=True, takes_lengths=True, answered_by="m-2",
        )  # fmt: skip
    found = _finding(settings, tmp_path, **model)
    expected = "m at llm.example answers as m-2, bound by json_object; $0.00 of $3.00 spent today"
    assert (found["result"], found["finding"]) == ("pass", expected)
    assert "sk-secret" not in json.dumps([off, asked, found])
