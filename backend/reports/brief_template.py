"""Writes a brief of the whole watchlist: three lines, before a session and after its close, in Korean and English."""

from collections.abc import Iterable
from typing import Any, Final

from backend.domain.figures import change, percent
from backend.domain.reports import DISCLAIMER, BriefKind, ReportText
from backend.reports.brief_facts import BriefFacts, BriefStock
from backend.reports.event_phrases import phrase_en, phrase_ko
from backend.reports.report_markdown import citation, day, escape
from backend.reports.report_words import WORLD

WRITER: Final = "brief-2"
_KO: Final = {
    "title_morning": "{day} 개장 전 브리핑",
    "title_close": "{day} 마감 브리핑",
    "abroad": "밤사이 {moves}.",
    "no_abroad": "밤사이 해외 시장 데이터는 없어요.",
    "home": "{markets}. 관심 종목 {stocks}개 가운데 {risen}개가 오르고 {fallen}개가 내렸어요.",
    "no_home": "오늘 움직임은 아직 계산하지 않았어요 (관심 종목 {stocks}개).",
    "news": "새 소식: {events}{more}.",
    "no_news": "지난 마감 뒤 관심 종목의 새 소식은 없어요.",
    "more": " 외 {n}종목",
    "movers": "크게 움직인 종목: {movers}.",
    "no_movers": "평소보다 크게 움직인 종목은 없어요.",
    "no_cause": "알려진 원인 없음",
    "watch": "평소보다 크게 움직일 수 있는 종목: {stocks}{dates}.",
    "no_watch": "평소보다 크게 움직일 것으로 보이는 종목은 없어요{dates}.",
    "expected": "{name} ±{move} (평소 ±{usual})",
    "dates": " · 오늘 기준가 변경: {names}",
    "next": "다음 거래일 {day}: {watch}",
}
_EN: Final = {
    "title_morning": "Before the open on {day}",
    "title_close": "After the close on {day}",
    "abroad": "Overnight: {moves}.",
    "no_abroad": "There is no data from markets abroad overnight.",
    "home": "{markets}. Of {stocks} watched stocks {risen} rose and {fallen} fell.",
    "no_home": "Today's moves have not been computed yet ({stocks} watched stocks).",
    "news": "New: {events}{more}.",
    "no_news": "No news of watched stocks since the last close.",
    "more": " and {n} more stocks",
    "movers": "Moved more than usual: {movers}.",
    "no_movers": "No stock moved more than usual.",
    "no_cause": "no known cause",
    "watch": "May move more than usual: {stocks}{dates}.",
    "no_watch": "No stock is expected to move more than usual{dates}.",
    "expected": "{name} ±{move} (usually ±{usual})",
    "dates": "; base price changes today: {names}",
    "next": "Next session {day}: {watch}",
}
WORDS: Final = {"ko": _KO, "en": _EN}


class _Text:
    """One language's text of one brief."""

    def __init__(self, facts: BriefFacts, language: str) -> None:
        self.facts = facts
        self.language = language

    def say(self, key: str, **values: Any) -> str:
        return WORDS[self.language][key].format(**values)

    def lines(self) -> list[str]:
        if self.facts.kind is BriefKind.MORNING:
            return [self._abroad(), self._news(), self._watch()]
        told = self.facts.next_session
        watch = self._watch() if told is None else self.say("next", day=day(told), watch=self._watch())
        return [self._home(), self._movers(), watch]

    def _abroad(self) -> str:
        moves = [f"{escape(WORLD[w.symbol][self.language == 'en'])} {change(w.move)}" for w in self.facts.world]
        return self.say("abroad", moves=", ".join(moves)) if moves else self.say("no_abroad")

    def _home(self) -> str:
        facts = self.facts
        markets = ", ".join(f"{market} {change(share)}" for market, share in facts.markets.items())
        if not markets:
            return self.say("no_home", stocks=f"{facts.stocks:,}")
        counts = {name: f"{getattr(facts, name):,}" for name in ("stocks", "risen", "fallen")}
        return self.say("home", markets=markets, **counts)

    def _news(self) -> str:
        if not self.facts.news:
            return self.say("no_news")
        more = self.say("more", n=f"{self.facts.more:,}") if self.facts.more else ""
        return self.say("news", events=_listed(self._event(stock) for stock in self.facts.news), more=more)

    def _event(self, stock: BriefStock) -> str:
        return f"{escape(stock.stock_name)} {self._phrase(stock)}"

    def _phrase(self, stock: BriefStock) -> str:
        if stock.story is None:
            return self.say("no_cause")
        phrase = phrase_ko(stock.story) if self.language == "ko" else phrase_en(stock.story)
        return f"{phrase} {citation(stock.story.news_id)}"

    def _movers(self) -> str:
        if not self.facts.movers:
            return self.say("no_movers")
        moved = (
            f"{escape(stock.stock_name)} {change(stock.move or 0.0)} ({self._phrase(stock)})"
            for stock in self.facts.movers
        )
        return self.say("movers", movers=_listed(moved))

    def _watch(self) -> str:
        names = ", ".join(map(escape, self.facts.dates))
        dates = self.say("dates", names=names) if names and self.facts.kind is BriefKind.MORNING else ""
        if not self.facts.watch:
            return self.say("no_watch", dates=dates)
        return self.say("watch", stocks=_listed(self._expected(stock) for stock in self.facts.watch), dates=dates)

    def _expected(self, stock: BriefStock) -> str:
        expected = stock.expected
        move, usual = (0.0, 0.0) if expected is None else (expected.move, expected.usual)
        return self.say("expected", name=escape(stock.stock_name), move=percent(move), usual=percent(usual))


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _text(facts: BriefFacts, language: str) -> str:
    text = _Text(facts, language)
    title = text.say(f"title_{facts.kind.value}", day=day(facts.trade_date))
    lines = [f"- {line}" for line in text.lines()]
    return "\n".join([f"# {title}", "", *lines, "", f"_{DISCLAIMER[language]}_", ""])


def write(facts: BriefFacts) -> ReportText:
    """The brief in both languages."""
    cited = sorted({stock.story.news_id for stock in (*facts.news, *facts.movers) if stock.story is not None})
    return ReportText(_text(facts, "ko"), _text(facts, "en"), cited, WRITER)
