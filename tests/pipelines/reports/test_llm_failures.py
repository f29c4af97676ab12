"""Every way in which a language model fails ends in the template, within the deadline, and is told in the ledger."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from backend.pipelines.context import RunContext
from tests.fixtures.language_model import FakeModel, Reply, chat, message, refusal
from tests.pipelines.reports.test_llm_writer import calls, write
from tests.reports.llm.sheets import make_answer
from tests.sources.outside import http

GOOD = json.dumps(make_answer())


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _byte_by_byte(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(5_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _huge(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n")
    for _ in range(50):
        writer.write(b"x" * 100_000)
        await writer.drain()


def changed(**parts: Any) -> str:
    """The good answer with other parts in both languages."""
    return json.dumps({language: prose | parts for language, prose in make_answer().items()})


# What the endpoint does, what the ledger says of it, and how often it is asked.
FAILURES: dict[str, tuple[Reply, str, int]] = {
    "server error": (refusal(500), "answered 500", 2),
    "busy for long": (refusal(429, Retry_After="3600"), "pause of 3600 s", 1),
    "silence": (_hang, "did not answer within", 1),
    "byte by byte": (_byte_by_byte, "did not answer within", 1),
    "5 MB": (_huge, "sent more than 200000 bytes", 1),
    "a page": (http(b"<html>busy</html>", content_type="text/html"), "sent no JSON", 1),
    "half a body": (http(b'{"choices": [{"mess', content_type="application/json"), "sent half an answer", 1),
    "no completion": (http(b'{"error": null}', content_type="application/json"), "sent no chat completion", 1),
    "wrong address": (refusal(404), "answered 404", 1),
    "elsewhere": (http(b"", status=307, Location="http://169.254.169.254/"), "redirects", 1),
    "prose": (chat("The stock did well today."), "answered no JSON object", 2),
    "another form": (chat('{"headline": "up"}'), "answered in another form", 2),
    "too deep": (chat('{"ko":' + "[" * 50_000), "answered no JSON object", 2),
    "cut": (chat(GOOD[:500], finish="length"), "was cut at its token limit", 1),
    "full context": (chat(GOOD, tokens=(3_000, 1_096)), "filled its whole context", 1),
    "empty": (chat("  "), "answered nothing", 1),
    "refusal": (chat("I cannot.", finish="content_filter"), "refused to answer", 1),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_ends_in_the_template(run: RunContext, model: FakeModel, name: str) -> None:
    reply, told, asked = FAILURES[name]
    run.settings.llm.timeout_s = 3
    model.say = lambda _: reply
    started = time.monotonic()
    report, template = await write(run)
    assert time.monotonic() - started < 3 + 4  # the deadline, and a busy machine's moment for the rest
    assert report == template
    rows = await calls(run)
    assert [row["state"] for row in rows] == ["failed"] * asked
    assert len(model.texts) == asked
    assert told in rows[-1]["error"]


_FOREIGN = [{"text": "공급 계약을 체결했습니다.", "cites": ["n77"]}] * 3
_UNCITED = [{"text": "공급 계약을 체결했습니다.", "cites": []}] * 3
UNTRUE: dict[str, tuple[str, str]] = {
    "invented number": (
        changed(headline="9% up, 9% 상승", why="규모는 7조원입니다. It is 7 trillion won."),
        "unsupported number",
    ),
    "foreign id": (changed(drivers=_FOREIGN), "unknown citation"),
    "no citation": (changed(drivers=_UNCITED), "no citation"),
    "other direction": (
        changed(headline="삼성전자 급락", why="주가가 1.4% 하락했습니다. It fell."),
        "contradicted direction",
    ),
}


@pytest.mark.parametrize("name", UNTRUE)
async def test_nonsense_in_the_right_form_ends_in_the_template(run: RunContext, model: FakeModel, name: str) -> None:
    text, reason = UNTRUE[name]
    model.say = lambda _: chat(text)
    report, template = await write(run)
    assert report == template
    (row,) = await calls(run)
    assert row["state"] == "ok"
    assert row["review"]["used"] is False
    assert reason in row["review"]["dropped"]


async def test_another_language_ends_in_the_template(run: RunContext, model: FakeModel) -> None:
    answer = make_answer()
    answer["en"] = answer["ko"]
    model.say = lambda _: chat(json.dumps(answer))
    report, template = await write(run)
    assert report == template


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_moment_is_asked_once_more(run: RunContext, model: FakeModel, status: int) -> None:
    replies = iter([refusal(status, Retry_After="0"), chat(GOOD)])
    model.say = lambda _: next(replies)
    report, template = await write(run)
    assert report != template
    assert [row["state"] for row in await calls(run)] == ["failed", "ok"]


async def test_another_form_is_repaired_once(run: RunContext, model: FakeModel) -> None:
    replies = iter([chat("Sure! Here it is."), chat(f"<think>hm {{}}</think>```json\n{GOOD}\n```")])
    model.say = lambda _: next(replies)
    report, template = await write(run)
    assert report != template
    assert [turn["role"] for turn in model.texts[1].body["messages"]] == ["system", "user", "assistant", "user"]


async def test_another_model_is_named(run: RunContext, model: FakeModel) -> None:
    model.say = lambda _: chat(GOOD, model="cheap/model-9b\n<script>")
    report, template = await write(run)
    assert report.writer == f"{template.writer}+cheap/model-9bscript"
    assert "cheap/model-9bscript" in report.korean.replace("\\", "")
    assert (await calls(run))[0]["answered_by"] == "cheap/model-9bscript"


async def test_a_key_revoked_in_mid_run_is_not_tried_again(run: RunContext, model: FakeModel) -> None:
    model.say = lambda _: chat(GOOD)
    first, template = await write(run)
    assert first != template
    model.say = lambda asked: refusal(401, f"Incorrect API key {asked.headers['authorization']}")
    reports = [await write(run, stock_code=code) for code in ("000660", "000270", "005380")]
    assert all(report == template for report, template in reports)
    assert len(model.texts) == 2
    (refused,) = [row for row in await calls(run) if row["state"] == "failed"]
    assert refused["error"] == "llm refused us with 401; check AZAK_LLM_API_KEY and its credit."
    assert refused["cost_micro_usd"] == 0
    assert "sk-secret-key" not in json.dumps(await calls(run), default=str)


async def test_three_failures_close_the_endpoint(run: RunContext, model: FakeModel) -> None:
    model.say = lambda _: http(b"<html>", content_type="text/html")
    for code in ("000660", "000270", "005380", "035420", "035720"):
        await write(run, stock_code=code)
    assert len(model.texts) == 3


async def test_an_equal_prompt_is_asked_once_a_day(run: RunContext, model: FakeModel) -> None:
    model.say = lambda _: chat(GOOD)
    (first, _), (second, _) = await write(run), await write(run)
    assert first == second
    assert len(model.texts) == 1
    fences = {one.body["messages"][1]["content"].split(">")[0] for one in model.texts}
    await write(run, stories_since_days=3)
    fences |= {model.texts[-1].body["messages"][1]["content"].split(">")[0]}
    assert len(fences) == len(model.texts)


@pytest.mark.parametrize("budget", ["usd_per_call", "usd_per_run", "usd_per_day"])
async def test_a_budget_of_zero_calls_nothing(run: RunContext, model: FakeModel, budget: str) -> None:
    setattr(run.settings.llm, budget, 0)
    run.settings.llm.usd_per_million_in = run.settings.llm.usd_per_million_out = 0  # free, and still not asked
    report, template = await write(run)
    assert (report, model.asked) == (template, [])


@pytest.mark.parametrize("budget", ["usd_per_call", "usd_per_run", "usd_per_day"])
async def test_a_call_beyond_a_budget_is_not_made(run: RunContext, model: FakeModel, budget: str) -> None:
    setattr(run.settings.llm, budget, 0.02)  # enough for the probe, less than the dearest answer
    model.say = lambda _: chat(GOOD)
    report, template = await write(run)
    assert (report, model.texts) == (template, [])
    assert await calls(run) == []


async def test_without_an_address_nothing_is_asked(run: RunContext, model: FakeModel) -> None:
    run.settings.llm.url = None
    report, template = await write(run)
    assert (report, model.asked) == (template, [])


async def test_a_stock_without_news_asks_nothing(run: RunContext, model: FakeModel) -> None:
    report, template = await write(run, stories=())
    assert (report, model.asked) == (template, [])


def _takes(*modes: str) -> Callable[[Any], Reply]:
    """An endpoint that refuses other forms, as many servers do."""
    return lambda asked: chat(GOOD) if asked.mode in modes else refusal(400, f"unknown response_format {asked.mode}")


@pytest.mark.parametrize("best", ["json_schema", "json_object", "prompt"])
async def test_what_an_endpoint_takes_is_found_once(run: RunContext, model: FakeModel, best: str) -> None:
    modes = ["json_schema", "json_object", "prompt"]
    takes = modes[modes.index(best) :]
    town = chat('{"town": "Busan", "people": 3300000}')
    model.say = _takes(*takes)
    model.on_probe = lambda asked: town if asked.mode in takes else refusal(400, "response_format")
    first, template = await write(run)
    assert first != template
    probes = [one.mode for one in model.asked if one.is_probe]
    assert probes == modes[: modes.index(best) + 1]
    await write(run, stock_code="000660")
    assert [one.mode for one in model.texts] == [best, best]
    assert [one.mode for one in model.asked if one.is_probe] == probes


async def test_a_schema_that_is_taken_and_ignored_is_found_out(run: RunContext, model: FakeModel) -> None:
    model.on_probe = lambda asked: chat("Busan has 3.3 million people.")
    model.say = lambda _: chat(GOOD)
    report, template = await write(run)
    assert report != template
    assert [one.mode for one in model.texts] == ["prompt"]


async def test_fields_that_newer_models_refuse_are_left_out(run: RunContext, model: FakeModel) -> None:
    def picky(asked: Any) -> Reply:
        if "max_tokens" in asked.body:
            return refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in asked.body:
            return refusal(400, "Unsupported value: 'temperature'")
        if "maxLength" in json.dumps(asked.body):
            return refusal(400, "In context=('town',), 'maxLength' is not permitted.")
        return chat('{"town": "Busan", "people": 3300000}' if asked.is_probe else GOOD)

    model.say = model.on_probe = picky
    report, template = await write(run)
    assert report != template
    assert model.texts[-1].mode == "json_schema"
    assert len(model.texts) == 1


async def test_anthropic_is_asked_in_its_own_form(run: RunContext, model: FakeModel) -> None:
    run.settings.llm.protocol = "anthropic"
    model.on_probe = lambda _: message('{"town": "Busan", "people": 3300000}')
    model.say = lambda _: message(GOOD)
    report, template = await write(run)
    assert report != template
    (asked,) = model.texts
    assert (asked.path, asked.headers["x-api-key"], asked.mode) == ("/v1/messages", "sk-secret-key", "json_schema")
    assert [turn["role"] for turn in asked.body["messages"]] == ["user"]
    model.say = lambda _: message(GOOD[:300], stop="max_tokens")
    report, template = await write(run, stock_code="000660")
    assert report == template
    assert "token limit" in (await calls(run))[-1]["error"]


async def test_fifty_runs_at_once_never_spend_more_than_the_day_allows(run: RunContext, model: FakeModel) -> None:
    """Each wants one text of another stock; the day pays for some of them, the rest are templates."""
    model.say = lambda _: chat(GOOD)
    await write(run)  # the probe and one text
    run.settings.llm.usd_per_day = cap = 0.4
    runs = [replace(run, run_id=uuid.uuid4()) for _ in range(50)]
    written = await asyncio.gather(*(write(one, stock_code=f"{number:06}") for number, one in enumerate(runs)))
    with_model = sum(report != template for report, template in written)
    assert 0 < with_model < 50
    async with run.read() as session:
        spent = await session.scalar(text("SELECT micro_usd FROM llm_spend WHERE scope = 'day'"))
        real = await session.scalar(text("SELECT sum(cost_micro_usd) FROM llm_calls"))
    assert spent == real <= cap * 1_000_000
    assert len(model.texts) == with_model + 1


async def test_what_only_a_long_schema_shows_is_remembered_too(run: RunContext, model: FakeModel) -> None:
    """The probe's schema has no list, so that lists may not be limited is seen by the first text."""

    def picky(asked: Any) -> Reply:
        if "maxItems" in json.dumps(asked.body):
            return refusal(400, "For 'array' type, property 'maxItems' is not supported")
        return chat(GOOD)

    model.say = picky
    for code in ("000660", "000270"):
        report, template = await write(run, stock_code=code)
        assert report != template
    assert [("maxItems" in json.dumps(one.body), one.mode) for one in model.texts] == [
        (True, "json_schema"), (False, "json_schema"), (False, "json_schema"),
    ]  # fmt: skip
