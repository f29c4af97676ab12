"""Writes the reports of the stocks that are due, or of named ones. Unchanged facts make no new report."""

import asyncio
from datetime import datetime, timedelta

from backend import clock
from backend.domain.runs import Counts, RunReason
from backend.internal import StocksArguments
from backend.krx import Calendar
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.reports.llm_writer import LlmWriter
from backend.reports import fact_sheet, report_template
from backend.services.reports import report_corrections, report_due, report_facts
from backend.services.reports.report_due import DueStock, MarketPhase

PRE_OPEN, AT_THE_CLOSE = timedelta(hours=3), timedelta(minutes=30)
# A report takes milliseconds; with fewer seconds left the rest is due again at the next run.
LEAST_SECONDS = 5

Arguments = StocksArguments


def phase_at(calendar: Calendar, now: datetime) -> MarketPhase:
    """How old a report may get: 2 h in a session, 1 h at its close, 3 h before the next opening, else any age."""
    if calendar.at(now) is not None:
        return MarketPhase(is_open=True, longest_age=timedelta(hours=2))
    if now - calendar.last_closed(now).closes_at <= AT_THE_CLOSE:
        return MarketPhase(is_open=False, longest_age=timedelta(hours=1))
    near = calendar.next_open(now).opens_at - now <= PRE_OPEN
    return MarketPhase(is_open=False, longest_age=timedelta(hours=3) if near else None)


async def run(context: RunContext, arguments: Arguments) -> Counts:
    """Counts: read = stocks looked at, skipped = facts unchanged."""
    asof = clock.now()
    async with context.read() as session:
        version = await report_facts.latest_model_version(session)
        if arguments.stock_codes is None:
            due = await report_due.list_due_stocks(session, asof=asof, phase=phase_at(context.calendar, asof))
        else:
            due = await report_due.list_asked_stocks(session, arguments.stock_codes, asof=asof)
        wrong = await report_corrections.list_wrong_facts(session, asof=asof, codes=arguments.stock_codes)
        due = report_due.with_corrections(due, wrong)
        if version is None:
            raise nothing_to_do(RunReason.NO_MODEL_VERSION)
        if not due:
            raise nothing_to_do(RunReason.NOTHING_DUE if arguments.stock_codes is None else RunReason.NO_STOCK)
        trade_date = context.calendar.last_opened(asof).trade_date
        triggers = {stock.stock_code: stock.trigger for stock in due}
        next_session = context.calendar.next_open(asof).trade_date
        sheets = await report_facts.list_fact_sheets(
            session, triggers, asof=asof, trade_date=trade_date, next_session=next_session, wrong=wrong
        )
    writer = LlmWriter(context)

    async def write_in_turn(number: int, stock: DueStock) -> bool | None:
        async with writer.slots:
            if context.seconds_left() < LEAST_SECONDS:
                return None
            context.report(number / len(due), f"report {stock.stock_code}")
            return await _write(context, writer, stock, sheets[stock.stock_code], version[0])

    asked = [write_in_turn(number, stock) for number, stock in enumerate(due)]
    results = await asyncio.gather(*asked, return_exceptions=True)  # so that none still writes when the run has failed
    for result in results:
        if isinstance(result, BaseException):
            raise result
    written, skipped = results.count(True), results.count(False)
    return Counts(read=len(due), written=written, skipped=skipped, detail={"reports": written, "unchanged": skipped})


async def _write(
    context: RunContext, writer: LlmWriter, stock: DueStock, sheet: fact_sheet.FactSheet, model_version_id: int
) -> bool:
    """Write and store one report; False if nothing has changed since the last one, or the stock is gone."""
    digest = fact_sheet.digest(sheet)
    if digest == stock.fact_hash and not sheet.wrong:
        return False
    report = await writer.write(sheet, report_template.write(sheet))
    async with context.write() as session:
        report_id = await report_due.record_report(
            session,
            run_id=context.run_id,
            stock_code=stock.stock_code,
            model_version_id=model_version_id,
            asof=sheet.asof,
            trigger=stock.trigger,
            fact_sheet=fact_sheet.to_json(sheet),
            fact_hash=digest,
            text_ko=report.korean,
            text_en=report.english,
            writer=report.writer,
            citations=list(report.citations),
            targets=fact_sheet.targets(sheet),
        )
        if report_id is not None and sheet.wrong:
            await report_corrections.record_corrections(session, report_id, sheet.wrong)
    return report_id is not None
