"""After new stories: asks the language model of the settings, if there is one, what each does to its stock.

Its answers are evidence of the model kind "llm", which has a record of its own and reaches no other forecast. Whatever
goes wrong is in the ledger of calls and leaves no opinion. Of the budget half stays for reports.
"""

import asyncio
import secrets
from datetime import timedelta
from typing import Final

from backend import clock
from backend.db.recording import take_reading_moment, take_recording_moment
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.forecasts.moments import plan_moment
from backend.pipelines.sources import language_model
from backend.reports.llm import opinion
from backend.services.forecasts import forecasting, language_models, opinions
from backend.services.forecasts.forecasting import NewsWindow
from backend.services.forecasts.opinions import Unasked
from backend.sources.llm.endpoint import Prompt

PURPOSE: Final = "forecast"
SHARE: Final = 0.5
AT_ONCE: Final = 4
MOST: Final = 40  # stories a run, the newest first
ASKED_WITHIN: Final = timedelta(hours=1)  # later its number comes after the price
LEAST_S: Final = 15.0


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    named = context.settings.llm.forecaster
    async with context.write() as session:
        now = await take_reading_moment(session)
        model = await language_models.ensure(session, named)
    if model is None or named is None:
        raise nothing_to_do(RunReason.NO_LANGUAGE_MODEL)
    moment = plan_moment(context.calendar, now)
    async with context.read() as session:
        codes = await forecasting.list_active_codes(session)
        windows = [NewsWindow(code, moment.news_since, moment.asof) for code in codes]
        found = await forecasting.list_window_stories(session, windows, recorded_by=moment.recorded_by)
        stories = [(code, story) for code, new in zip(codes, found, strict=True) for story in new]
        since = clock.now() - ASKED_WITHIN
        unasked = await opinions.list_unasked(session, model, stories, since=since, most=MOST)
    asked = [one for one in unasked if opinion.may_be_asked(one.title, one.snippet)]
    if not asked:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    slots = asyncio.Semaphore(AT_ONCE)
    written = sum(await asyncio.gather(*(_ask(context, slots, named, one) for one in asked)))
    return Counts(read=len(unasked), written=written, skipped=len(unasked) - written, detail={"opinions": written})


async def _ask(context: RunContext, slots: asyncio.Semaphore, named: str, about: Unasked) -> int:
    """Ask about one story and keep the answer; 1 if there was one."""
    async with slots:
        if context.seconds_left() < LEAST_S:
            return 0
        written = opinion.document(
            stock=(about.stock_name, about.stock_code, about.market), title=about.title, snippet=about.snippet,
            publisher=about.publisher, kind=about.kind, published_at=f"{about.published_at:%Y-%m-%d %H:%M} UTC",
            type=about.event_type, sign=about.sign,
        )  # fmt: skip
        question = opinion.prompt_of(written, fence=secrets.token_hex(8))
        prompt = Prompt(opinion.SYSTEM, question, opinion.schema(), opinion.ANSWER_TOKENS)
        answered = await language_model.ask(
            context, PURPOSE, prompt, opinion.key_of(written), opinion.Estimate, share=SHARE
        )
    if answered is None:
        return 0
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        row = {
            "story_id": about.story_id, "stock_code": about.stock_code, "news_id": about.news_id,
            "version": about.version, "language_model": named, "p_up": answered.form.p_up,
            "answered_by": answered.model, "call_id": answered.call_id, "recorded_at": recorded_at,
        }  # fmt: skip
        return await opinions.record(session, row)
