"""Daily prices of all watched stocks side by side: rows are stocks, columns are trade dates.

Every series is split-adjusted. A day without a bar repeats the last close (return 0); before the first
bar everything is NaN. Nothing here looks ahead: column t depends on columns up to t only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.stock_days import BAR_COLUMNS
from backend.stats.returns import daily_returns

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """All arrays but `kosdaq` are (stocks, dates); `traded` says where a bar exists. Only `closes` go on without one.

    `returns` bridges days without a bar, `raw_returns` is NaN beside them (what labels are made of);
    `market` is the daily return of the stock's market.
    """

    dates: list[str]
    codes: list[str]
    kosdaq: NDArray[np.bool_]
    opens: FloatArray
    highs: FloatArray
    lows: FloatArray
    closes: FloatArray
    volumes: FloatArray
    returns: FloatArray
    raw_returns: FloatArray
    market: FloatArray
    traded: NDArray[np.bool_]

    def position(self, trade_date: str) -> int:
        """Column of `trade_date`. Raises ValueError if there is none."""
        return self.dates.index(trade_date)

    def until(self, column: int) -> "Panel":
        """The same without any date after `column`; nothing is copied."""
        columns = {name: getattr(self, name)[:, : column + 1] for name in _BY_DATE}
        return replace(self, dates=self.dates[: column + 1], **columns)


_BY_DATE = ("opens", "highs", "lows", "closes", "volumes", "returns", "raw_returns", "market", "traded")


def matrix(rows: Sequence[Sequence[float | None]], width: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def carry_forward(values: FloatArray) -> FloatArray:
    """Each NaN replaced by the last number before it in its row."""
    columns = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    return np.take_along_axis(values, np.maximum.accumulate(columns, axis=1), axis=1)


def _returns(closes: FloatArray) -> FloatArray:
    return np.array([daily_returns(row) for row in closes]).reshape(closes.shape)


def _market_returns(index: Mapping[str, Sequence[float | None]], markets: Sequence[str], own: FloatArray) -> FloatArray:
    """Of each stock's market; where its index has no close, the mean of all stocks that traded."""
    known = np.isfinite(own)
    mean = np.where(known, own, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    missing: list[float | None] = [None] * own.shape[1]
    closes = matrix([index.get(market, missing) for market in markets], own.shape[1])
    returns = _returns(closes)
    return np.where(np.isnan(returns), mean, returns)


def build_panel(payload: Mapping[str, Any]) -> Panel:
    """The panel from its columns: dates, codes, markets; a list a stock of each of BAR_COLUMNS; index: a list a code.

    Where the payload has `market_returns` (by market, a number a date) these are taken: of a part of the stocks, the
    mean would not be that of all.
    """
    width = len(payload["dates"])
    closes = matrix(payload["close"], width)
    filled = carry_forward(closes)
    raw_returns = _returns(closes)
    given = payload.get("market_returns")
    if given is None:
        market = _market_returns(payload["index"], payload["markets"], raw_returns)
    else:
        market = matrix([given[name] for name in payload["markets"]], width)
    return Panel(
        dates=list(payload["dates"]),
        codes=list(payload["codes"]),
        kosdaq=np.array([market == "KOSDAQ" for market in payload["markets"]], dtype=bool),
        opens=matrix(payload["open"], width),
        highs=matrix(payload["high"], width),
        lows=matrix(payload["low"], width),
        closes=filled,
        volumes=matrix(payload["volume"], width),
        returns=_returns(filled),
        raw_returns=raw_returns,
        market=market,
        traded=np.isfinite(closes),
    )


def truncate_payload(payload: Mapping[str, Any], through: str) -> dict[str, Any]:
    """The same columns without any date after `through`."""
    width = sum(day <= through for day in payload["dates"])
    cut = {name: [row[:width] for row in payload[name]] for name in BAR_COLUMNS}
    index = {code: row[:width] for code, row in payload["index"].items()}
    return {**payload, **cut, "dates": payload["dates"][:width], "index": index}
