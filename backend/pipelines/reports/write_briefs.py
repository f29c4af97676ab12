"""Writes the brief of the watchlist that is due: one before each session, one after its close; none on other days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from backend import clock
from backend.domain.reports import BriefKind
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.krx import Calendar
from backend.pipelines.context import RunContext, nothing_to_do
from backend.reports import brief_facts, brief_template
from backend.services.reports import briefs, report_facts

# A brief is of a session that opens, or has closed, within so long: on other days there is none.
NEAR: Final = timedelta(hours=3)

Arguments = NoArguments


@dataclass(frozen=True, slots=True)
class DueBrief:
    """The session it is about, and the moment from which events are new."""

    kind: BriefKind
    trade_date: date
    since: datetime


def choose_brief(calendar: Calendar, now: datetime) -> DueBrief | None:
    """Of the two sessions around `now` the nearer one's brief; None while a session runs and far from both."""
    if calendar.at(now) is not None:
        return None
    last, coming = calendar.last_closed(now), calendar.next_open(now)
    until, after = coming.opens_at - now, now - last.closes_at
    if until <= min(NEAR, after):
        return DueBrief(BriefKind.MORNING, coming.trade_date, last.closes_at)
    if after <= NEAR:
        return DueBrief(BriefKind.CLOSE, last.trade_date, last.opens_at)
    return None


async def run(context: RunContext, _arguments: Arguments) -> Counts:
    """Counts: read = watched stocks, written = 1."""
    asof = clock.now()
    due = choose_brief(context.calendar, asof)
    if due is None:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    async with context.read() as session:
        if await briefs.is_written(session, due.trade_date, due.kind):
            raise nothing_to_do(RunReason.NOTHING_DUE)
        codes = await briefs.list_watched(session)
        if not codes:
            raise nothing_to_do(RunReason.NO_STOCK)
        opened = context.calendar.last_opened(asof).trade_date
        sheets = await report_facts.list_fact_sheets(
            session, dict.fromkeys(codes, "age"), asof=asof, trade_date=opened, with_cases=False
        )
    facts = brief_facts.choose(
        [sheets[code] for code in codes if code in sheets], kind=due.kind, trade_date=due.trade_date, asof=asof,
        since=due.since, next_session=context.calendar.next_open(asof).trade_date,
    )  # fmt: skip
    text = brief_template.write(facts)
    async with context.write() as session:
        written = await briefs.record_brief(
            session, run_id=context.run_id, trade_date=due.trade_date, kind=due.kind.value, asof=asof,
            fact_sheet=brief_facts.to_json(facts), text_ko=text.korean, text_en=text.english, writer=text.writer,
            citations=list(text.citations),
        )  # fmt: skip
    return Counts(read=len(codes), written=written, detail={"briefs": written})
