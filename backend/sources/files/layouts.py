"""Who wrote a file of bars, by its columns, and what that says about its prices where the file itself does not.

The first layout whose columns the file has (all of `needs`, none of `lacks`) is the one. `basis` None: these columns
come with adjusted and raw prices. `volume_is_raw`: then amount / volume tells which. Sources: the tools that write
these files and official samples of the brokers.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from backend.domain.market import Basis


@dataclass(frozen=True, slots=True)
class Layout:
    name: str
    needs: frozenset[str]
    lacks: frozenset[str] = frozenset()
    basis: Basis | None = None
    volume_is_raw: bool = False
    signed_prices: bool = False  # + and - before a price say the direction of the day


def _layout(
    name: str,
    needs: str,
    basis: Basis | None = None,
    *,
    lacks: str = "",
    raw_volume: bool = False,
    signed: bool = False,
) -> Layout:
    return Layout(name, frozenset(needs.split()), frozenset(lacks.split()), basis, raw_volume, signed)


_RAW, _ADJUSTED = Basis.RAW, Basis.ADJUSTED
LAYOUTS: Final = (
    _layout("KRX all stocks of a day (CSV)", "종목코드 소속부 종가 상장주식수", _RAW),
    _layout("KRX all stocks of a day (JSON)", "isu_srt_cd tdd_clsprc mktcap", _RAW),
    # The page has a tick box "adjusted", the file does not say which; shares and volume are never adjusted.
    _layout("KRX one stock (CSV)", "일자 종가 시가총액 상장주식수", raw_volume=True),
    _layout("KRX one stock (JSON)", "trd_dd tdd_clsprc acc_trdval", raw_volume=True),
    _layout("KRX Open API", "bas_dd tdd_clsprc", _RAW),
    _layout("pykrx all stocks of a day", "티커 시가 종가 거래대금", _RAW),
    _layout("pykrx ETF", "날짜 nav 종가", _RAW),
    _layout("Kiwoom OpenAPI+ opt10081", "현재가 일자 시가", signed=True),
    _layout("pykrx raw", "날짜 종가 거래대금 등락률", _RAW),
    _layout("pykrx adjusted", "날짜 종가 등락률", _ADJUSTED, lacks="거래대금", raw_volume=True),
    _layout("Daishin CYBOS", "날짜 종가 거래량"),
    _layout("marcap", "code changecode marcap stocks date", _RAW),
    _layout("FinanceDataReader listing with prices", "code isu_cd changecode marcap", _RAW),
    _layout("FinanceDataReader with amounts", "date close change amount", raw_volume=True),
    _layout("FinanceDataReader", "date open close volume change", _ADJUSTED, lacks="amount", raw_volume=True),
    _layout("yfinance history", "date close dividends stocksplits", _ADJUSTED),
    _layout("Yahoo site", "date close adjclose volume", _ADJUSTED),
    _layout("yfinance download", "date ticker close high low open volume", _ADJUSTED, lacks="adjclose market"),
    _layout("zipline csvdir", "date close dividend split"),
    _layout("KIS bars", "stck_bsop_date stck_clpr"),
    _layout("KIS bars, renamed", "주식영업일자 주식종가"),
    _layout("Kiwoom REST ka10081", "cur_prc dt open_pric", signed=True),
    _layout("LS t8410", "date close jdiff_vol"),
    _layout("data.go.kr", "basdt clpr mkp", _RAW),
)
UNNAMED: Final = Layout("columns by name", frozenset())


def recognise(folded: AbstractSet[str]) -> Layout:
    """The layout of a header whose names are folded; UNNAMED for one that nobody here knows."""
    return next((one for one in LAYOUTS if one.needs <= folded and not one.lacks & folded), UNNAMED)
