"""Lets the language model of the settings write above the template's report; the template where it cannot.

No transaction is open meanwhile. A stock without news has nothing to write about, so nothing is asked.
"""

import json
import secrets
from typing import Final

from backend.domain.reports import ReportText
from backend.pipelines.context import RunContext
from backend.pipelines.sources import language_model
from backend.reports.fact_sheet import FactSheet
from backend.reports.llm.answer import Answer
from backend.reports.llm.compose import compose_reviewed
from backend.reports.llm.facts import list_facts
from backend.reports.llm.question import make_question
from backend.reports.llm.review import review
from backend.services.operations import llm_calls
from backend.sources.llm.endpoint import Prompt

PURPOSE: Final = "report"


async def write(context: RunContext, sheet: FactSheet, template: ReportText) -> ReportText:
    """The template's report with the model's checked words, or as it is."""
    if not sheet.stories:
        return template
    question = make_question(list_facts(sheet), fence=secrets.token_hex(8))
    prompt = Prompt(question.system, question.prompt, question.schema, question.answer_tokens)
    answered = await language_model.ask(context, PURPOSE, prompt, question.key, Answer)
    if answered is None:
        return template
    checked = review(question.facts, answered.form)
    found = {"sentences": checked.sentences, "dropped": checked.dropped, "used": checked.is_usable}
    async with context.tools.database.write() as session:
        await llm_calls.record_review(session, answered.call_id, json.dumps(found))
    return compose_reviewed(template, checked, model=answered.model)
