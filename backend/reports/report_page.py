"""Sentences of one report in one language: its words filled with the facts of its sheet."""

import re
from collections.abc import Mapping
from typing import Any

from backend.domain.figures import fixed, of_hundred, percent
from backend.domain.forecasts import word_key
from backend.reports.fact_sheet import FactSheet, ForecastFacts, RecordFacts
from backend.reports.report_markdown import escape
from backend.reports.report_words import DIRECTIONS, UNITS, VERDICTS, WORDS

_STATE = re.compile(r"^learning: ([\d,]+) of ([\d,]+) (.+)$")


class Page:
    """One language's text of one sheet."""

    def __init__(self, sheet: FactSheet, language: str) -> None:
        self.sheet = sheet
        self.language = language

    def say(self, key: str, **values: Any) -> str:
        return WORDS[self.language][key].format(**values)

    def name(self, names: Mapping[str, tuple[str, str]], key: str) -> str:
        return names[key][self.language == "en"] if key in names else escape(key)

    def state(self, state: str) -> str:
        """The gate's "learning: 23 of 60 sessions" in this language."""
        if state == "learning: too few stocks":
            return self.say("too_few_stocks")
        found = _STATE.match(state)
        if found is None or self.language == "en":
            return escape(state)
        done, wanted, unit = found.groups()
        return f"{wanted}{UNITS.get(unit, escape(unit))} 중 {done}"

    def main_forecast(self) -> ForecastFacts | None:
        """The shortest horizon speaks for the stock: it is scored first and most often."""
        return min(self.sheet.forecasts, key=lambda forecast: forecast.horizon, default=None)

    def record_of(self, horizon: int) -> RecordFacts | None:
        return next((record for record in self.sheet.record if record.horizon == horizon), None)

    def counted(self, what: str, n: int) -> str:
        """A count with its noun: "1 trading day", "3 trading days"."""
        return self.say(what if n == 1 else f"{what}s", n=f"{n:,}")

    def direction(self, direction: str) -> str:
        return self.name(DIRECTIONS, direction)

    def word(self, forecast: ForecastFacts) -> str:
        """The verdict in a sentence's part: call, lean or none, with its side."""
        return self.name(VERDICTS, word_key(forecast.verdict, forecast.lean))

    def chance(self, forecast: ForecastFacts) -> str:
        """The chance beside the usual one, as so many of 100."""
        if forecast.base_rate is None:
            return self.say("chance_alone", now=fixed(100 * forecast.p_up, 0))
        usual, now = of_hundred(forecast.base_rate, forecast.p_up)
        return self.say("chance", usual=usual, now=now)

    def record_sentence(self, horizon: int) -> str:
        """How often opinions were right, or that none was ever given, and how often the band held."""
        record = self.record_of(horizon)
        if record is None:
            return self.say("no_record")
        mode = self.say(record.mode)
        if record.hit_rate is None:
            said = self.say("no_opinion", opinions=record.opinions, n=f"{record.n:,}", mode=mode)
        else:
            said = self.say(
                "record", hit=percent(record.hit_rate), interval=self._interval(record), mode=mode,
                baseline="-" if record.baseline is None else percent(record.baseline),
                opinions=self.counted("opinion", record.opinions), forecasts=self.counted("forecast", record.n),
                days=self.counted("day", record.n_days),
            )  # fmt: skip
        if record.inside is None:
            return said
        level = percent(self.sheet.band_level, 0)
        return f"{said} {self.say('inside', level=level, inside=f'{record.inside:,}', n=f'{record.n:,}')}"

    def _interval(self, record: RecordFacts) -> str:
        if record.low is None or record.high is None:
            return self.say("no_interval")
        level = percent(self.sheet.interval_level, 0)
        return self.say("interval", low=percent(record.low), high=percent(record.high), level=level)
