"""What a column is, by its name: the one table of aliases, for all files that azak reads.

A name is compared without blanks, line breaks, case and a number in front ("0 날짜"); the first of a field's names
that a file has is the one taken. Where a file has names of its own, a mapping says which (`--map open=시가2`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.errors import InvalidInputError

_NUMBERED: Final = re.compile(r"^\d{1,2} +(?=\D)")
_CUT: Final = 100

PRICES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": (
        "date", "일자", "날짜", "거래일", "거래일자", "기준일", "기준일자", "trade_date", "trd_dd", "bas_dd", "basdt",
        "dt", "stck_bsop_date", "주식영업일자", "영업일자", "time", "timestamp", "datetime",
    ),
    "code": (
        "종목코드", "단축코드", "isu_srt_cd", "srtncd", "code", "symbol", "ticker", "티커", "stock_code", "shcode",
        "stk_cd", "short_code", "종목번호", "mksc_shrn_iscd",
    ),
    "isin": ("isu_cd", "표준코드", "isincd", "isin", "isin_code"),
    "name": ("종목명", "isu_abbrv", "isu_nm", "itmsnm", "name", "한글종목약명", "회사명", "stock_name"),
    "market": ("시장구분", "mkt_nm", "mrktctg", "market", "시장", "marketid", "mkt_id"),
    "open": ("시가", "tdd_opnprc", "open", "stck_oprc", "주식시가2", "주식시가", "open_pric", "mkp"),
    "high": ("고가", "tdd_hgprc", "high", "stck_hgpr", "주식최고가", "high_pric", "hipr"),
    "low": ("저가", "tdd_lwprc", "low", "stck_lwpr", "주식최저가", "low_pric", "lopr"),
    "close": ("종가", "tdd_clsprc", "close", "stck_clpr", "주식종가", "cur_prc", "현재가", "clpr", "close_price"),
    "volume": ("거래량", "acc_trdvol", "volume", "acml_vol", "누적거래량", "trde_qty", "jdiff_vol", "trqu"),
    "amount": (
        "거래대금", "acc_trdval", "amount", "acml_tr_pbmn", "누적거래대금", "trde_prica", "trprc", "value", "거래금액",
    ),
    "cap": ("시가총액", "mktcap", "marcap", "mrkttotamt", "market_cap"),
    "shares": ("상장주식수", "list_shrs", "stocks", "lstgstcnt", "shares"),
}  # fmt: skip

LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "code": PRICES["code"],
    "isin": PRICES["isin"],
    "name": ("한글종목약명", "종목명", "isu_abbrv", "isu_nm", "itmsnm", "name", "회사명", "corp_name", "stock_name"),
    "market": PRICES["market"],
    "kind": ("주식종류", "kind_stkcert_tp_nm", "kind"),
    "group": ("증권구분", "secugrp_nm", "secugroup"),
    "listed_on": ("상장일", "list_dd", "listingdate", "listed_on"),
    "delisted_on": ("폐지일", "delistingdate"),
    "corp_code": ("corp_code",),
}

NEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "제목", "headline", "기사제목"),
    "published": ("pubdate", "date", "일자", "날짜", "published_at", "published", "작성일", "기사일자", "datetime"),
    "link": ("link", "링크", "url", "주소"),
    "original": ("originallink", "original", "원문", "원문링크"),
    "snippet": ("description", "desc", "요약", "snippet"),
    "publisher": ("언론사", "신문사", "press", "publisher", "outlet", "매체", "office"),
    "codes": ("codes", "종목코드", "stock_codes", "stock_code", "code", "symbol"),
    "news_id": ("뉴스식별자",),
    "excluded": ("분석제외여부",),
}

FIELDS: Final = {"prices": PRICES, "listed": LISTED, "news": NEWS}
# Without one of these a file is of another kind; code and date may be said on the command line.
NEEDED: Final = {
    "prices": ("open", "high", "low", "close", "volume"),
    "listed": ("name",),
    "news": ("title", "published"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Field -> place in a row, and the header it was found in."""

    places: Mapping[str, int]
    header: tuple[str, ...]

    @property
    def folded(self) -> frozenset[str]:
        return frozenset(map(fold, self.header))

    def named(self) -> dict[str, str]:
        """Field -> the file's own name of it."""
        return {name: self.header[place].strip()[:_CUT] for name, place in self.places.items()}

    def get(self, row: Sequence[str], name: str) -> str:
        """The cell of a field; "" where the file or the row has none."""
        place = self.places.get(name)
        return row[place] if place is not None and place < len(row) else ""


def fold(name: str) -> str:
    """A column's name as it is compared."""
    name = _NUMBERED.sub("", unicodedata.normalize("NFC", name[:_CUT]).strip())
    return "".join(name.split()).lower().lstrip("\ufeff")


def match(kind: str, header: Sequence[str], said: Mapping[str, str] | None = None) -> Columns:
    """The columns of `header` that azak knows, and those `said` by a mapping. Raises InvalidInputError."""
    folded = [fold(name) for name in header]
    places = {}
    for name, aliases in FIELDS[kind].items():
        found = next((alias for alias in aliases if alias in folded), None)
        if found is not None:
            places[name] = folded.index(found)
    for name, column in (said or {}).items():
        if name not in FIELDS[kind]:
            known = ", ".join(FIELDS[kind])
            raise InvalidInputError(f"--map {name}=... names no field of {kind}; there are {known}.")
        if fold(column) not in folded:
            raise InvalidInputError(
                f"--map {name}={column}: the file has no column '{column}'; it has {listed(header)}."
            )
        places[name] = folded.index(fold(column))
    return Columns(places, tuple(header))


def listed(header: Sequence[str]) -> str:
    return ", ".join(name.strip()[:_CUT] or "(no name)" for name in header[:40])
