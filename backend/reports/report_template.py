"""Writes a report from a fact sheet alone, in Korean and English. Always available: no model, no network.

One claim stands on top, then why the stock moved, what happened, what such events did before, what to expect, what
changed, the record, flows, dates and the data. What has no facts is left out; constants stand in tables, so that each
sentence says something of this stock.
"""

from collections.abc import Callable, Iterator
from typing import Final

from backend.domain.reports import ReportText
from backend.reports import report_events, report_outlook
from backend.reports.fact_sheet import FactSheet
from backend.reports.report_markdown import escape
from backend.reports.report_page import Page

WRITER: Final = "template-7"
_Lines = Iterator[str]

_SECTIONS: Final[tuple[tuple[str, Callable[[Page], _Lines]], ...]] = (
    ("correction", report_events.corrections),
    ("why", report_events.why),
    ("events", report_events.events),
    ("studies", report_events.studies),
    ("outlook", report_outlook.outlook),
    ("changes", report_outlook.changes),
    ("record", report_outlook.record),
    ("flows", report_outlook.flows),
    ("dates", report_outlook.dates),
    ("data", report_outlook.data),
)


def _as_list(lines: list[str]) -> list[str]:
    return [line if not line or line.startswith("|") else f"- {line}" for line in lines]


def _text(sheet: FactSheet, language: str) -> str:
    page = Page(sheet, language)
    claim = report_events.claim(page)
    lines = ["# " + page.say("title", name=escape(sheet.stock_name), code=sheet.stock_code, claim=claim)]
    lines += ["", *report_outlook.strip(page)] if sheet.price else []
    for title, section in _SECTIONS:
        if found := list(section(page)):
            lines += ["", f"## {page.say(title)}", "", *_as_list(found)]
    return "\n".join([*lines, "", f"_{page.say('disclaimer')}_", ""])


def _cited(sheet: FactSheet) -> list[int]:
    cited = {news_id for story in sheet.stories for news_id in (story.news_id, *story.also)}
    cited |= {case.news_id for case in sheet.cases}
    cited |= {wrong.news_id for wrong in sheet.wrong if wrong.news_id is not None}
    return sorted(cited | {story.news_id for story in (sheet.move.stories if sheet.move else ())})


def write(sheet: FactSheet) -> ReportText:
    """The report in both languages. Every number in it is a number of the sheet."""
    return ReportText(_text(sheet, "ko"), _text(sheet, "en"), _cited(sheet), WRITER)
