"""Naver's unofficial price endpoints: siseJson (daily bars, not JSON) and polling (quotes).

Bars are adjusted as of now: rows from before the split are in shares of after it, their volumes are not. A halted
session has open, high and low 0.
"""

import json
import re
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.market import INDEX_START, Bar
from backend.demo.world.stocks import SPLIT_RATIO, DemoStock
from backend.demo.world.world import World
from backend.krx import price_limits_krw

_HEADER: Final = "\n\t[['날짜', '시가', '고가', '저가', '종가', '거래량', '외국인소진율'],\n"
_RATIOS: Final = {"1": "UPPER_LIMIT", "2": "RISING", "3": "UNCHANGED", "4": "LOWER_LIMIT", "5": "FALLING"}


def daily_bars(world: World, request: Request) -> Response:
    """GET /naver-chart/siseJson.naver; for an unknown symbol or timeframe the header row only."""
    given = request.query_params
    symbol = given.get("symbol", "")
    first, last = _date(given.get("startTime", "")), _date(given.get("endTime", ""))
    known = (symbol in world.stocks or symbol in INDEX_START) and given.get("timeframe", "day") == "day"
    rows: list[str] = []
    if known and first and last:
        moment = world.now()
        rows = [_row(world, symbol, number, moment) for number in world.sessions.named(first, last, moment)]
    body = _HEADER + "".join(f"{row},\n" for row in rows) + "]\n"
    return Response(body, headers={"content-type": "text/plain;charset=UTF-8"})


def _date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8,12}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _row(world: World, symbol: str, number: int, moment: datetime) -> str:
    bar = world.market.bar_at(symbol, number, world.sessions.fraction(number, moment))
    shares = SPLIT_RATIO if world.market.is_before_split(symbol, number) else 1
    prices = [price / shares for price in (bar.open, bar.high, bar.low, bar.close)]
    stock = world.stocks.get(symbol)
    shown = ", ".join(f"{price:.0f}" if stock else f"{price:.2f}" for price in prices)
    foreign = stock.foreign_pct if stock else 0.0
    return f'["{world.sessions.day(number).trade_date:%Y%m%d}", {shown}, {bar.volume}, {foreign}]'


def quotes(world: World, request: Request) -> Response:
    """GET /naver-polling/api/realtime/domestic/stock/{codes}; unknown codes are left out."""
    moment = world.now()
    codes = dict.fromkeys(request.path_params["codes"].split(","))
    body = {
        "pollingInterval": 60_000,
        "datas": [_quote(world, world.stocks[code], moment) for code in codes if code in world.stocks],
        "time": f"{moment.astimezone(KST):%Y%m%d%H%M%S}",
    }
    return Response(json.dumps(body, ensure_ascii=False), headers={"content-type": "application/json;charset=UTF-8"})


def _quote(world: World, stock: DemoStock, moment: datetime) -> dict[str, Any]:
    number = world.sessions.newest(moment)
    bar = world.market.bar_at(stock.code, number, world.sessions.fraction(number, moment))
    change = int(bar.close - bar.base)
    return {
        "itemCode": stock.code,
        "stockName": stock.name,
        "stockExchangeType": {"code": "KS" if stock.market == "KOSPI" else "KQ", "name": stock.market.value},
        **_prices(bar),
        "compareToPreviousClosePrice": f"{abs(change):,}",
        "compareToPreviousClosePriceRaw": str(change),
        "compareToPreviousPrice": _direction(bar, change),
        "fluctuationsRatio": f"{change / bar.base * 100:.2f}",
        "marketStatus": "OPEN" if world.sessions.fraction(number, moment) < 1 else "CLOSE",
        "localTradedAt": _traded_at(world, bar, number, moment).isoformat(timespec="seconds"),
        "tradeStopType": {"code": "2", "name": "HALTED"} if bar.halted else {"code": "1", "name": "TRADING"},
        "overMarketPriceInfo": None,
    }


def _prices(bar: Bar) -> dict[str, str]:
    values = {
        "closePrice": bar.close,
        "openPrice": bar.open,
        "highPrice": bar.high,
        "lowPrice": bar.low,
        "accumulatedTradingVolume": bar.volume,
    }
    return {name: f"{value:,.0f}" for name, value in values.items()} | {
        f"{name}Raw": f"{value:.0f}" for name, value in values.items()
    }


def _direction(bar: Bar, change: int) -> dict[str, str]:
    low, high = price_limits_krw(int(bar.base))
    code = "3" if change == 0 else "2" if change > 0 else "5"
    if bar.close == high and change > 0:
        code = "1"
    elif bar.close == low and change < 0:
        code = "4"
    return {"code": code, "name": _RATIOS[code]}


def _traded_at(world: World, bar: Bar, number: int, moment: datetime) -> datetime:
    """The last trade: now in a session, else its close; the close of the one before for a halted stock."""
    closed_at = world.sessions.day(number - 1 if bar.halted else number).closes_at
    return min(moment, closed_at).astimezone(KST)
