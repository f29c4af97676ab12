"""A thousand answers, true and false, through a scripted server: what reaches a reader is true; what is true does."""

import json
import random
import time
from collections import Counter

from backend.domain.reports import ReportText
from backend.errors import SourceError
from backend.reports import report_template
from backend.reports.fact_sheet import FactSheet
from backend.reports.llm.answer import Answer, schema
from backend.reports.llm.compose import compose
from backend.sources.llm.client import complete, read_form
from backend.sources.llm.endpoint import Capability, Endpoint, Prompt
from tests.fixtures.language_model import FakeModel, Reply, chat, running_model
from tests.reports.llm.reading import Findings, read_false, read_section
from tests.reports.llm.storyteller import Told, draw_sheet, spoil, tell
from tests.sources.outside import http

TRIES = 1_000
PROMPT = Prompt("system", "facts", schema(), 1_300)


def _broken(told: Told, rng: random.Random) -> Reply:
    text = json.dumps(told.answer, ensure_ascii=False)
    return rng.choice(
        (
            chat(text[: rng.randrange(len(text))], finish="length"),
            chat(text[: rng.randrange(10, len(text))]),
            chat("죄송합니다."),
            http(b"{", content_type="application/json"),
            chat(json.dumps({"ko": told.answer["ko"]})),
            http(b"", status=500),
            http(b"", status=401),
            chat(text.replace("drivers", "reasons")),
        )
    )


async def _ask(model: FakeModel, sheet: FactSheet, template: ReportText) -> ReportText:
    endpoint = Endpoint(model.url, "test-model", "openai")
    try:
        completion = await complete(endpoint, PROMPT, Capability(), within_s=5)
        return compose(sheet, template, read_form(completion, Answer), model=completion.model)
    except SourceError:
        return template


async def test_what_reaches_a_reader_is_true_and_what_is_true_reaches_it() -> None:
    rng = random.Random(18)
    counts: Counter[str] = Counter()
    slowest = 0.0
    async with running_model() as model:
        for number in range(TRIES):
            sheet = draw_sheet(rng)
            template = report_template.write(sheet)
            told = tell(sheet, rng)
            kind = ("true", "true", "few", "many", "broken")[number % 5]
            if kind in ("few", "many"):
                told = spoil(told, sheet, rng, many=1 if kind == "few" else 4)
            reply = _broken(told, rng) if kind == "broken" else chat(json.dumps(told.answer, ensure_ascii=False))
            model.say = lambda _, reply=reply: reply  # type: ignore[misc]
            started = time.monotonic()
            report = await _ask(model, sheet, template)
            slowest = max(slowest, time.monotonic() - started)
            counts[f"{kind}: {'template' if report is template else 'model'}"] += 1
            _look(report, template, told, sheet, kind)
    assert counts["true: model"] >= 0.95 * (counts["true: model"] + counts["true: template"])
    assert counts["few: model"] > 0.5 * TRIES / 5  # one false sentence does not cost the others
    assert counts["broken: model"] == 0
    assert slowest < 5


def _look(report: ReportText, template: ReportText, told: Told, sheet: FactSheet, kind: str) -> None:
    """No false sentence, no unknown citation and no unknown figure is in the text; every true sentence is."""
    if report is template:
        return
    for language, text in (("ko", report.korean), ("en", report.english)):
        section = read_section(text)
        assert [one for one in told.false[language] if one in section] == []
        assert read_false(text, sheet) == Findings([], [])
        if kind == "true":
            assert [one for one in told.true[language] if one not in section] == []
