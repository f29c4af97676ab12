"""A report with a language model: what reaches a reader, and what ends in the template."""

import json
from typing import Any

from sqlalchemy import text

from backend.domain.reports import ReportText
from backend.pipelines.context import RunContext
from backend.pipelines.reports import llm_writer
from backend.reports import report_template
from tests.fixtures.language_model import FakeModel, chat
from tests.reports.llm.sheets import make_answer, make_sheet


async def write(run: RunContext, **changes: Any) -> tuple[ReportText, ReportText]:
    """(the report, its template)."""
    sheet = make_sheet(**changes)
    template = report_template.write(sheet)
    return await llm_writer.write(run, sheet, template), template


async def calls(run: RunContext) -> list[dict[str, Any]]:
    async with run.read() as session:
        rows = await session.execute(text("SELECT * FROM llm_calls WHERE purpose = 'report' ORDER BY id"))
        return [dict(row) for row in rows.mappings()]


async def test_a_true_answer_reaches_the_reader_whole(run: RunContext, model: FakeModel) -> None:
    model.say = lambda _: chat(json.dumps(make_answer()))
    report, template = await write(run)
    assert "**삼성전자, HBM4 공급 계약 소식에 1.4% 상승**" in report.korean
    assert "It signed an HBM4 supply contract of 4.2 trillion won. [n123](/api/news/123)" in report.english
    assert report.writer == f"{template.writer}+test-model"
    assert all(line in report.korean for line in template.korean.splitlines())
    (call,) = await calls(run)
    assert (call["state"], call["tokens_in"], call["tokens_out"], call["answered_by"]) == ("ok", 900, 400, "test-model")
    assert call["cost_micro_usd"] == 900 * 5 + 400 * 25
    assert call["review"] == {"used": True, "dropped": {}, "sentences": 14}
