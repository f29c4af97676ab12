"""The parts of a report that stand in tables: prices, what to expect, the record, flows, dates and data."""

from collections.abc import Iterator
from typing import Final

from backend.domain.figures import change, fixed, percent
from backend.domain.forecasts import HIGH, LOW
from backend.domain.members import MemberStanding
from backend.reports.fact_sheet import ForecastFacts, PriceFacts, RecordFacts
from backend.reports.report_events import volume_word
from backend.reports.report_markdown import day, escape, krw, short_moment, table
from backend.reports.report_page import Page
from backend.reports.report_words import GAPS
from backend.reports.sheet_parts import DateFacts, OwnRecord

_Lines = Iterator[str]
_NONE: Final = "-"


def strip(page: Page) -> _Lines:
    """The price beside its market's."""
    price = page.sheet.price
    if price is None:
        return
    returns = (price.day_return, price.market_day_return, price.five_day_return, price.market_five_day_return)
    row = [krw(price.last_krw), *(map(_change, returns)), volume_word(page), _price_time(price)]
    yield from table(page.heading("strip_head"), [row])


def _change(share: float | None, digits: int = 1) -> str:
    return _NONE if share is None else change(share, digits)


def _price_time(price: PriceFacts) -> str:
    if price.at is not None:
        return f"{day(price.at)} {short_moment(price.at)[6:]}"
    return _NONE if price.bars_to is None else day(price.bars_to)


def outlook(page: Page) -> _Lines:
    """How far it may move, and how likely it beats the market, by horizon."""
    if not page.sheet.forecasts:
        return
    heading = page.heading("outlook_head", level=percent(page.sheet.band_level, 0))
    yield from table(heading, [_outlook_row(page, forecast) for forecast in page.sheet.forecasts])


def _outlook_row(page: Page, forecast: ForecastFacts) -> list[str]:
    expected = next((move for move in page.sheet.expected if move.horizon == forecast.horizon), None)
    move = _NONE if expected is None else f"±{percent(expected.move)}"
    usual = _NONE if expected is None else f"±{percent(expected.usual)}"
    band = " – ".join(krw(forecast.quantiles_krw[level]) for level in (LOW, HIGH))
    days, exit_day = page.counted("day", forecast.horizon), day(forecast.exit_trade_date)
    return [days, move, usual, band, page.chance(forecast), page.word(forecast), exit_day]


def changes(page: Page) -> _Lines:
    """What is new since the last report, then beside now; nothing in the first one."""
    sheet, previous = page.sheet, page.sheet.previous
    if previous is None:
        return
    rows = []
    if sheet.price is not None and previous.price_krw is not None and previous.move is not None:
        move = change(previous.move)
        rows.append([page.say("price_row"), krw(previous.price_krw), f"{krw(sheet.price.last_krw)} ({move})"])
    rows += _changed_forecasts(page)
    new = ", ".join(page.cited(story) for story in sheet.new_stories)
    rows.append([page.say("news_row"), _NONE, new or _NONE])
    yield from table(page.heading("change_head", at=short_moment(previous.asof)), rows)


def _changed_forecasts(page: Page) -> Iterator[list[str]]:
    previous = page.sheet.previous
    for forecast in page.sheet.forecasts:
        horizon = str(forecast.horizon)
        if previous is None or horizon not in previous.p_up:
            continue
        days, old = page.counted("day", forecast.horizon), previous.directions[horizon]
        before, after = fixed(100 * previous.p_up[horizon], 0), fixed(100 * forecast.p_up, 0)
        if before != after:
            yield [page.say("chance_row", days=days), before, after]
        if old != forecast.direction:
            yield [page.say("call_row", days=days), page.direction(old), page.direction(forecast.direction)]


def record(page: Page) -> _Lines:
    """How forecasts like these did so far, by horizon; calls have a hit rate, the others had a range to keep."""
    level = percent(page.sheet.band_level, 0)
    if page.sheet.record:
        rows = [_record_row(page, found) for found in page.sheet.record]
        yield from table(page.heading("record_head", level=level), rows)
    if page.sheet.own_record:
        if page.sheet.record:
            yield ""
        own = [_own_row(page, found) for found in page.sheet.own_record]
        yield from table(page.heading("own_head", level=level), own)


def _record_row(page: Page, found: RecordFacts) -> list[str]:
    inside = _NONE if found.inside is None else f"{found.inside:,}/{found.n:,}"
    done = page.say(found.mode, n=f"{found.n:,}", days=page.counted("day", found.n_days))
    baseline = _NONE if found.baseline is None or found.hit_rate is None else percent(found.baseline)
    days, calls = page.counted("day", found.horizon), f"{found.opinions:,}"
    return [days, done, inside, calls, _hits(found), baseline, _earned(page, found.horizon)]


def _own_row(page: Page, found: OwnRecord) -> list[str]:
    done = page.say(found.mode, n=f"{found.n:,}", days=page.counted("day", found.n))
    moved = _NONE
    if found.sized:
        moved = page.say("own_moved", moved=_of(found.beyond, found.sized), said=fixed(found.said_beyond, 1))
    calls, leans = _of(found.calls_right, found.calls), _of(found.leans_right, found.leans)
    return [page.counted("day", found.horizon), done, _of(found.inside, found.n), calls, leans, moved]


def _of(part: int, n: int) -> str:
    return f"{part:,}/{n:,}" if n else _NONE


def _hits(found: RecordFacts) -> str:
    if found.hit_rate is None:
        return _NONE
    if found.low is None or found.high is None:
        return percent(found.hit_rate)
    hit, low, high = (percent(share) for share in (found.hit_rate, found.low, found.high))
    return f"{hit} ({low} – {high})"


def _earned(page: Page, horizon: int) -> str:
    """What forecasts like the present one earned so far after costs, with the bound that must be above 0 for a call."""
    forecast = page.sheet.forecast(horizon)
    if forecast is None or forecast.proof is None:
        return _NONE
    return f"{_change(forecast.proof['net'], 2)} ({_change(forecast.proof['low'], 2)})"


def flows(page: Page) -> _Lines:
    found = page.sheet.flows
    if not found:
        return
    heading = page.heading("flow_head", day=day(found[0].trade_date), n=found[0].sessions)
    rows = [
        [page.say(flow.kind), _shares(flow.newest), _shares(flow.total), page.counted("day", flow.run)]
        for flow in found
    ]
    yield from table(heading, rows)


def _shares(n: int) -> str:
    sign = "" if not n else "+" if n > 0 else "−"
    return f"{sign}{abs(n):,}"


def dates(page: Page) -> _Lines:
    """Days that are known to come; that no other is known is a fact, too."""
    sheet = page.sheet
    rows = [] if sheet.next_session is None else [[day(sheet.next_session), page.say("next_session")]]
    rows += [[day(found.on), _date(page, found)] for found in sheet.dates]
    if not sheet.dates:
        rows.append([_NONE, page.say("no_date")])
    yield from table(page.heading("date_head"), rows)


def _date(page: Page, found: DateFacts) -> str:
    if found.factor is None:
        return page.say(f"{found.kind}_unknown")
    return page.say(found.kind, factor=fixed(found.factor, 2))


def data(page: Page) -> _Lines:
    """What the report rests on, and what is missing."""
    sheet, forecast = page.sheet, page.main_forecast()
    rows = []
    if sheet.price and sheet.price.bars_from and sheet.price.bars_to:
        rows.append([page.say("data_prices"), f"{day(sheet.price.bars_from)} – {day(sheet.price.bars_to)}"])
    if sheet.news_sources:
        rows.append([page.say("data_news"), ", ".join(map(escape, sheet.news_sources))])
    if forecast is not None:
        rows.append([page.say("data_model"), _model(page, forecast)])
    if sheet.gaps:
        rows.append([page.say("data_gaps"), ", ".join(page.name(GAPS, gap) for gap in sheet.gaps)])
    if rows:
        yield from table(page.heading("data_head"), rows)


def _model(page: Page, forecast: ForecastFacts) -> str:
    sheet = page.sheet
    words = [f"{escape(sheet.model)} {escape(sheet.model_version)}", short_moment(forecast.asof)]
    if forecast.gate_state and forecast.gate_state["state"] != MemberStanding.TRAINED:
        words.append(page.say("learning", state=page.state(forecast.gate_state)))
    return " · ".join(words)
