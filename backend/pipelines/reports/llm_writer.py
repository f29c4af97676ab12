"""Lets the language model of the settings write above the template's report; the template where it cannot.

No transaction is open meanwhile. A stock without news has nothing to write about, so nothing is asked.
"""

import asyncio
import json
import secrets
from typing import Final

from backend.domain.reports import ReportText
from backend.pipelines.context import RunContext
from backend.pipelines.news.known_names import read_names
from backend.pipelines.sources import language_model
from backend.reports.fact_sheet import FactSheet
from backend.reports.llm.answer import Answer
from backend.reports.llm.compose import compose_reviewed
from backend.reports.llm.facts import list_facts
from backend.reports.llm.question import make_question
from backend.reports.llm.review import Review, review
from backend.services.operations import llm_calls
from backend.sources.llm.endpoint import Prompt
from backend.text.linking import StockNames

PURPOSE: Final = "report"
# Texts asked for at the same time by one run.
AT_ONCE: Final = 4


class LlmWriter:
    """Writes the reports of one run, at most AT_ONCE at a time; one after the other where no model is configured."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._names: StockNames | None = None
        self._reading = asyncio.Lock()
        self.slots = asyncio.Semaphore(AT_ONCE if context.settings.llm.is_on else 1)

    async def write(self, sheet: FactSheet, template: ReportText) -> ReportText:
        """The template's report with the model's checked words, or as it is."""
        if not sheet.stories:
            return template
        question = make_question(list_facts(sheet), fence=secrets.token_hex(8))
        prompt = Prompt(question.system, question.prompt, question.schema, question.answer_tokens)
        answered = await language_model.ask(self._context, PURPOSE, prompt, question.key, Answer)
        if answered is None:
            return template
        names = await self._read_names()

        def others_in(text: str) -> list[str]:
            return [name for name, codes in names.companies_in(text).items() if sheet.stock_code not in codes]

        checked = review(question.facts, answered.form, others_in)
        await self._record(answered.call_id, checked)
        return compose_reviewed(template, checked, model=answered.model)

    async def _read_names(self) -> StockNames:
        async with self._reading:
            if self._names is None:
                self._names = await read_names(self._context, ())
            return self._names

    async def _record(self, call_id: int, checked: Review) -> None:
        found = {"sentences": checked.sentences, "dropped": checked.dropped, "used": checked.is_usable}
        async with self._context.tools.database.write() as session:
            await llm_calls.record_review(session, call_id, json.dumps(found))
