"""Writes a report from a fact sheet alone, in Korean and English. Always available: no model, no network.

The conclusion and its record come first, then what changed since the last report, because that is what readers ask for
first; then news, similar cases, scenarios, risks, what would change the opinion, and the data.
"""

from collections.abc import Callable, Iterator
from typing import Final

from backend.domain.figures import change, compare, fixed, percent, signed
from backend.domain.forecasts import HIGH, LOW, MEDIAN, Verdict
from backend.domain.reports import ReportText
from backend.domain.understanding.event_types import weighs_on
from backend.reports.fact_sheet import FactSheet, ForecastFacts, MoveFacts, PriceFacts, StoryFacts
from backend.reports.report_markdown import citation, day, escape, krw, moment, table
from backend.reports.report_page import Page
from backend.reports.report_words import EVENTS, GAPS

WRITER: Final = "template-4"
# A band wider than this share of the price says little about the price.
WIDE_BAND: Final = 0.15
# Sigmas from which a volume is more than usual, and rare.
LARGE: Final = 1.0
RARE: Final = 2.0
_Lines = Iterator[str]


def _change(share: float | None) -> str:
    return "-" if share is None else change(share)


def _head(page: Page) -> _Lines:
    sheet = page.sheet
    yield "# " + page.say("title", name=escape(sheet.stock_name), code=sheet.stock_code, market=sheet.market)
    forecast = page.main_forecast()
    if forecast is None:
        yield page.say("no_forecast", record=page.say("no_record"))
    else:
        record = page.record_sentence(forecast.horizon)
        days = page.counted("day", forecast.horizon)
        yield page.say("conclusion", days=days, chance=page.chance(forecast), word=page.word(forecast), record=record)
    yield page.say("asof", asof=moment(sheet.asof))


def _changes(page: Page) -> _Lines:
    sheet, previous = page.sheet, page.sheet.previous
    if previous is None:
        yield page.say("first")
    else:
        yield page.say("since", asof=moment(previous.asof))
        if sheet.price and previous.price_krw is not None and previous.move is not None:
            before, after = krw(previous.price_krw), krw(sheet.price.last_krw)
            yield page.say("price_move", before=before, after=after, move=change(previous.move))
        yield from _probability_changes(page)
        if sheet.new_stories:
            yield page.say("new_stories", citations=", ".join(citation(s.news_id) for s in sheet.new_stories))
        else:
            yield page.say("no_new_stories")
    if sheet.price:
        yield from _price(page, sheet.price)


def _probability_changes(page: Page) -> _Lines:
    previous = page.sheet.previous
    for forecast in page.sheet.forecasts:
        horizon = str(forecast.horizon)
        if previous is None or horizon not in previous.p_up:
            continue
        old = previous.directions[horizon]
        days = page.counted("day", forecast.horizon)
        before, after = percent(previous.p_up[horizon]), percent(forecast.p_up)
        if before != after:
            yield page.say("p_move", days=days, before=before, after=after)
        if old != forecast.direction:
            yield page.say("call_move", days=days, old=page.direction(old), new=page.direction(forecast.direction))


def _price(page: Page, price: PriceFacts) -> _Lines:
    yield page.say(
        "price", last=krw(price.last_krw), at=_price_time(price),
        day=_change(price.day_return), market_day=_change(price.market_day_return),
        five=_change(price.five_day_return), market_five=_change(price.market_five_day_return),
    )  # fmt: skip
    if page.sheet.move is not None:
        yield from _move(page, page.sheet.move)
    if price.volume_z is not None:
        yield page.say("volume", volume=page.say(_size(price.volume_z)), volume_sigma=signed(price.volume_z, 1))


def _move(page: Page, move: MoveFacts) -> _Lines:
    """The parts of the move, and what explains the own one."""
    parts = [page.say(f"part_{name}", share=change(share)) for name, share in move.parts.items()]
    yield page.say("moved", move=change(move.move), parts=", ".join(parts))
    stories = ", ".join(f"{citation(story.news_id)} {escape(story.title)}" for story in move.stories)
    yield page.say(f"cause_{move.cause}", times=fixed(abs(move.own_sigmas), 1), stories=stories)


def _size(sigmas: float) -> str:
    """Key of the word for a volume so many sigmas from its usual one."""
    if sigmas <= -LARGE:
        return "volume_small"
    return "volume_usual" if sigmas < LARGE else "volume_large" if sigmas < RARE else "volume_rare"


def _price_time(price: PriceFacts) -> str:
    if price.at is not None:
        return moment(price.at)
    return day(price.bars_to) if price.bars_to is not None else "-"


def _story(page: Page, story: StoryFacts) -> str:
    return page.say(
        "story", citation=citation(story.news_id), title=escape(story.title), publisher=escape(story.publisher),
        at=moment(story.known_at), articles=page.counted("article", story.size),
        event=page.name(EVENTS, story.event_type),
    )  # fmt: skip


def _news(page: Page) -> _Lines:
    if not page.sheet.stories:
        yield page.say("no_news", days=page.sheet.stories_since_days)
    for story in page.sheet.stories:
        yield _story(page, story)


def _cases(page: Page) -> _Lines:
    if not page.sheet.cases:
        yield page.say("no_cases")
        return
    rows = [
        [
            f"{citation(case.news_id)} {escape(case.title, limit=60)}", escape(case.stock_name), day(case.known_at),
            fixed(case.similarity, 2), _change(case.return_1), _change(case.return_5),
        ]
        for case in page.sheet.cases
    ]  # fmt: skip
    yield from table(page.say("case_head").split("|"), rows)


def _scenarios(page: Page) -> _Lines:
    sheet = page.sheet
    if not sheet.forecasts:
        yield page.say("data_gaps", gaps=page.name(GAPS, "forecast"))
        return
    heading = page.say(
        "scenario_head",
        low=percent(sheet.levels[LOW], 0),
        high=percent(1 - sheet.levels[HIGH], 0),
    )
    rows = [
        [
            page.counted("day", forecast.horizon), percent(forecast.p_up),
            *(krw(forecast.quantiles_krw[level]) for level in (LOW, MEDIAN, HIGH)), day(forecast.exit_trade_date),
        ]
        for forecast in sheet.forecasts
    ]  # fmt: skip
    yield from table(heading.split("|"), rows)
    yield ""
    yield page.say("band", level=percent(sheet.band_level, 0), base=krw(sheet.forecasts[0].base_price_krw))


def _risks(page: Page) -> _Lines:
    found = [*_event_risks(page), *_model_risks(page)]
    yield from found or [page.say("risk_none")]


def _event_risks(page: Page) -> _Lines:
    found: dict[str, list[str]] = {}
    for story in page.sheet.stories:
        if weighs_on(story.event_type, story.sign):
            found.setdefault(story.event_type, []).append(citation(story.news_id))
    for event, citations in found.items():
        yield page.say("risk_event", event=page.name(EVENTS, event), citations=", ".join(citations))


def _model_risks(page: Page) -> _Lines:
    longest = max(page.sheet.forecasts, key=lambda forecast: forecast.horizon, default=None)
    if longest is not None and longest.band_width > WIDE_BAND:
        yield page.say("risk_band", days=page.counted("day", longest.horizon), width=percent(longest.band_width))
    forecast = page.main_forecast()
    record = page.record_of(forecast.horizon) if forecast else None
    if record is not None and record.hit_rate is not None and record.baseline is not None:
        compared = compare(record.hit_rate, record.baseline)
        if compared != "better":
            baseline = percent(record.baseline)
            yield page.say(f"risk_record_{compared}", hit=percent(record.hit_rate), baseline=baseline)
    if forecast is not None and forecast.gate_state and forecast.gate_state.startswith("learning"):
        yield page.say("risk_learning", state=page.state(forecast.gate_state))


def _triggers(page: Page) -> _Lines:
    forecast = page.main_forecast()
    if forecast is not None:
        if forecast.verdict != Verdict.NONE:
            yield _proof(page, forecast)
        yield page.say("trigger_price", low=krw(forecast.quantiles_krw[LOW]), high=krw(forecast.quantiles_krw[HIGH]))
    yield page.say("trigger_news")


def _proof(page: Page, forecast: ForecastFacts) -> str:
    """What forecasts like this one earned so far, and that a call needs a lower bound above zero."""
    proof = forecast.proof
    if proof is None:
        return page.say("trigger_unknown")
    low = page.say("low_early") if proof["low"] is None else page.say("low", low=change(proof["low"], 2))
    n, days = page.counted("forecast", proof["n"]), page.counted("day", proof["n_days"])
    return page.say("trigger_proof", net=change(proof["net"], 2), low=low, n=n, days=days)


def _data(page: Page) -> _Lines:
    sheet, forecast = page.sheet, page.main_forecast()
    if sheet.price and sheet.price.bars_from and sheet.price.bars_to:
        yield page.say(
            "data_prices",
            first=day(sheet.price.bars_from),
            last=day(sheet.price.bars_to),
            source=escape(sheet.price.source),
        )
    yield page.say("data_news", sources=", ".join(map(escape, sheet.news_sources)) or page.say("none"))
    if forecast is not None:
        version = escape(sheet.model_version)
        yield page.say("data_model", model=escape(sheet.model), version=version, asof=moment(forecast.asof))
    if sheet.gaps:
        yield page.say("data_gaps", gaps=", ".join(page.name(GAPS, gap) for gap in sheet.gaps))


_SECTIONS: Final[tuple[tuple[str, Callable[[Page], _Lines]], ...]] = (
    ("changes", _changes),
    ("news", _news),
    ("cases", _cases),
    ("scenarios", _scenarios),
    ("risks", _risks),
    ("triggers", _triggers),
    ("data", _data),
)


def _as_list(lines: list[str]) -> list[str]:
    return [line if not line or line.startswith("|") else f"- {line}" for line in lines]


def _text(sheet: FactSheet, language: str) -> str:
    page = Page(sheet, language)
    lines = ["\n\n".join(_head(page))]
    for title, section in _SECTIONS:
        lines += ["", f"## {page.say(title)}", "", *_as_list(list(section(page)))]
    return "\n".join([*lines, "", f"_{page.say('disclaimer')}_", ""])


def _cited(sheet: FactSheet) -> list[int]:
    cited = {story.news_id for story in sheet.stories} | {case.news_id for case in sheet.cases}
    return sorted(cited | {story.news_id for story in (sheet.move.stories if sheet.move else ())})


def write(sheet: FactSheet) -> ReportText:
    """The report in both languages. Every number in it is a number of the sheet."""
    return ReportText(_text(sheet, "ko"), _text(sheet, "en"), _cited(sheet), WRITER)
