"""Sentences of one report in one language: its words filled with the facts of its sheet."""

from collections.abc import Mapping
from typing import Any

from backend.domain.figures import fixed, of_hundred
from backend.domain.forecasts import word_key
from backend.domain.members import MemberStanding, MemberState
from backend.reports.event_phrases import phrase_en, phrase_ko
from backend.reports.fact_sheet import FactSheet, ForecastFacts, RecordFacts, StoryFacts
from backend.reports.report_markdown import citation, escape
from backend.reports.report_words import DIRECTIONS, EVENTS, SIGNS, UNITS, VERDICTS, WORDS


class Page:
    """One language's text of one sheet."""

    def __init__(self, sheet: FactSheet, language: str) -> None:
        self.sheet = sheet
        self.language = language

    def say(self, key: str, **values: Any) -> str:
        return WORDS[self.language][key].format(**values)

    def heading(self, key: str, **values: Any) -> list[str]:
        """The cells of a table's first row."""
        return self.say(key, **values).split("|")

    def name(self, names: Mapping[str, tuple[str, str]], key: str) -> str:
        return names[key][self.language == "en"] if key in names else escape(key)

    def state(self, state: MemberState) -> str:
        """How far the gate has learned: "23 of 60 sessions" in this language."""
        if state["state"] == MemberStanding.TOO_FEW_STOCKS:
            return self.say("too_few_stocks")
        return self.say("progress", done=state["done"], wanted=state["wanted"], unit=self.name(UNITS, state["unit"]))

    def main_forecast(self) -> ForecastFacts | None:
        """The shortest horizon speaks for the stock: it is scored first and most often."""
        return min(self.sheet.forecasts, key=lambda forecast: forecast.horizon, default=None)

    def record_of(self, horizon: int) -> RecordFacts | None:
        return next((record for record in self.sheet.record if record.horizon == horizon), None)

    def counted(self, what: str, n: int) -> str:
        """A count with its noun: "1 day", "3 days"."""
        return self.say(what if n == 1 else _PLURALS[what], n=f"{n:,}")

    def direction(self, direction: str) -> str:
        return self.name(DIRECTIONS, direction)

    def word(self, forecast: ForecastFacts) -> str:
        """The verdict of a forecast: call, lean or none, with its side."""
        return self.name(VERDICTS, word_key(forecast.verdict, forecast.lean))

    def chance(self, forecast: ForecastFacts) -> str:
        """The chance beside the usual one, as so many of 100."""
        if forecast.base_rate is None:
            return self.say("chance_alone", now=fixed(100 * forecast.p_up, 0))
        usual, now = of_hundred(forecast.base_rate, forecast.p_up)
        return self.say("chance", usual=usual, now=now)

    def event(self, story: StoryFacts) -> str:
        """What happened, as a phrase."""
        return phrase_ko(story) if self.language == "ko" else phrase_en(story)

    def cited(self, story: StoryFacts) -> str:
        """An event with the item that tells it."""
        return f"{self.event(story)} {citation(story.news_id)}"

    def kind(self, event_type: str, sign: str) -> str:
        """A type of event with its side: 수주·공급 계약 (호재)."""
        return f"{self.name(EVENTS, event_type)} ({self.name(SIGNS, sign)})"


_PLURALS = {"day": "days", "article": "articles", "story": "stories", "case": "cases"}


def fitting_stories(sheet: FactSheet) -> list[StoryFacts]:
    """The events of a sheet that fit its move, best first."""
    by_news = {news_id: story for story in sheet.stories for news_id in (story.news_id, *story.also)}
    told = sheet.move.stories if sheet.move else ()
    return list(dict.fromkeys(by_news[story.news_id] for story in told if story.news_id in by_news))
