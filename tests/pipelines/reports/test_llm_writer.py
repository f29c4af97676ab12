"""A report with a language model: what reaches a reader, and what ends in the template."""

import asyncio
import json
from typing import Any

from sqlalchemy import text

from backend.domain.market import StockState
from backend.domain.reports import ReportText
from backend.pipelines.context import RunContext
from backend.pipelines.reports import generate_reports
from backend.pipelines.reports.llm_writer import LlmWriter
from backend.reports import report_template
from backend.services.market.stocks import change_state
from tests.factories import SAMSUNG, add_listing, add_stock, add_story, add_version
from tests.fixtures.language_model import FakeModel, chat
from tests.fixtures.news_rows import remember
from tests.reports.llm.sheets import make_answer, make_sheet


async def write(run: RunContext, **changes: Any) -> tuple[ReportText, ReportText]:
    """(the report, its template)."""
    sheet = make_sheet(**changes)
    template = report_template.write(sheet)
    return await LlmWriter(run).write(sheet, template), template


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


async def test_a_listed_company_that_the_facts_do_not_name_is_dropped(run: RunContext, model: FakeModel) -> None:
    async with run.tools.database.write() as session:
        await add_listing(session, "000660", "SK하이닉스")
        await add_listing(session, "009150", "삼성전기")
        await add_listing(session, SAMSUNG, "삼성전자")
    answer = make_answer()
    answer["ko"]["changes"] = ["삼성전기도 공급 계약을 체결했습니다."]
    answer["ko"]["watch"] = ["SK하이닉스의 지난 사례도 볼 만합니다."]  # a case of the sheet
    model.say = lambda _: chat(json.dumps(answer))
    report, _ = await write(run)
    assert "삼성전기" not in report.korean
    assert "SK하이닉스의 지난 사례" in report.korean
    assert (await calls(run))[0]["review"]["dropped"] == {"unknown name": 1}


def hold(model: FakeModel) -> tuple[asyncio.Event, asyncio.Event]:
    """The model answers only once the second event is set; the first one is set when it has been asked."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        writer.write(chat(json.dumps(make_answer())))

    model.say = lambda _: slow
    return asked, go_on


async def test_no_transaction_is_open_while_the_model_answers(run: RunContext, model: FakeModel) -> None:
    """Another connection sees nobody of this database in a transaction when the model is at it."""
    open_ones: list[int] = []
    asked, go_on = hold(model)
    writing = asyncio.create_task(write(run))
    async with asyncio.timeout(20):
        await asked.wait()
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
    async with run.read() as session:
        open_ones.append(await session.scalar(text(f"{query} AND pid <> pg_backend_pid()")))
    go_on.set()
    report, template = await writing
    assert report != template
    assert open_ones == [0]


async def test_a_report_of_a_stock_that_goes_meanwhile_is_not_stored(run: RunContext, model: FakeModel) -> None:
    """It is archived while the model writes: the run ends well, and nothing of it is stored."""
    async with run.tools.database.write() as session:
        await add_stock(session)
        await add_version(session)
        await add_story(session, SAMSUNG)
        await remember(session)
    asked, go_on = hold(model)
    arguments = generate_reports.Arguments(stock_codes=[SAMSUNG])
    running = asyncio.create_task(generate_reports.run(run, arguments))
    async with asyncio.timeout(20):
        await asked.wait()
    async with run.tools.database.write() as session:
        await change_state(session, SAMSUNG, StockState.ARCHIVED)
    go_on.set()
    counts = await running
    assert (counts.read, counts.written) == (1, 0)
    async with run.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM reports")) == 0


async def test_a_run_writes_with_the_model_and_stores(run: RunContext, model: FakeModel) -> None:
    async with run.tools.database.write() as session:
        await add_stock(session)
        await add_version(session)
        await add_story(session, SAMSUNG, title="반도체 수주")
        await remember(session)
    empty: dict[str, Any] = {"changes": [], "drivers": [], "risks": [], "watch": []}
    prose = {"headline": "반도체 수주 소식", "why": "반도체 수주 소식이 있습니다."} | empty
    english = {**prose, "headline": "News of an order", "why": "There is news of an order for chips."}
    model.say = lambda _: chat(json.dumps({"ko": prose, "en": english}))
    counts = await generate_reports.run(run, generate_reports.Arguments(stock_codes=[SAMSUNG]))
    assert counts.written == 1
    async with run.read() as session:
        row = (await session.execute(text("SELECT text_ko, text_en, writer FROM reports"))).one()
    assert "## AI 요약" in row.text_ko
    assert "There is news of an order for chips." in row.text_en
    assert row.writer.endswith("+test-model")
