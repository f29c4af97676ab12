"""What KIS is asked, word by word: a stand-in answers whatever the question, the real one does not."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from backend.domain.outside.world import WorldSymbol
from backend.sources import kis_actions, kis_flows, kis_news, kis_prices
from backend.sources.kis import QUOTATIONS, KisClient
from backend.sources.world import kis_world


class Asked:
    """Takes the questions of a KIS client down."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, str, dict[str, str]]] = []
        self.rooms: list[str] = []

    async def get(self, call: str, tr_id: str, params: dict[str, str], *, room: str = QUOTATIONS) -> Any:
        self.questions.append((call, tr_id, params))
        self.rooms.append(room)


async def test_quotes_are_asked_of_the_exchange_alone_and_numbered() -> None:
    asked = Asked()
    await kis_prices.fetch_quotes(cast(KisClient, asked), ["005930", "0126Z0"])
    assert asked.questions == [
        ("intstock-multprice", "FHKST11300006", {
            "FID_COND_MRKT_DIV_CODE_1": "J", "FID_INPUT_ISCD_1": "005930",
            "FID_COND_MRKT_DIV_CODE_2": "J", "FID_INPUT_ISCD_2": "0126Z0",
        }),
    ]  # fmt: skip


async def test_minutes_are_asked_in_seoul_time_of_today_only() -> None:
    asked = Asked()
    await kis_prices.fetch_minutes(cast(KisClient, asked), "005930", datetime(2026, 10, 2, 6, 30, tzinfo=UTC))
    assert asked.questions == [
        ("inquire-time-itemchartprice", "FHKST03010200", {
            "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_INPUT_HOUR_1": "153000",
            "FID_PW_DATA_INCU_YN": "N", "FID_ETC_CLS_CODE": "",
        }),
    ]  # fmt: skip


async def test_a_longer_span_of_days_is_asked_in_parts_without_gap_or_overlap() -> None:
    asked = Asked()
    await kis_prices.fetch_index(cast(KisClient, asked), "KOSDAQ", date(2026, 1, 1), date(2026, 5, 10))
    assert [call for call, _, _ in asked.questions] == ["inquire-daily-indexchartprice"] * 2
    first, last = (params for _, _, params in asked.questions)
    assert first == {
        "FID_COND_MRKT_DIV_CODE": "U", "FID_INPUT_ISCD": "1001", "FID_INPUT_DATE_1": "20260101",
        "FID_INPUT_DATE_2": "20260306", "FID_PERIOD_DIV_CODE": "D",
    }  # fmt: skip
    assert (last["FID_INPUT_DATE_1"], last["FID_INPUT_DATE_2"]) == ("20260307", "20260510")


async def test_days_of_a_stock_are_asked_as_traded() -> None:
    asked = Asked()
    await kis_prices.fetch_daily(cast(KisClient, asked), "005930", date(2026, 10, 1), date(2026, 10, 2))
    assert asked.questions == [
        ("inquire-daily-itemchartprice", "FHKST03010100", {
            "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_ORG_ADJ_PRC": "1",
            "FID_INPUT_DATE_1": "20261001", "FID_INPUT_DATE_2": "20261002", "FID_PERIOD_DIV_CODE": "D",
        }),
    ]  # fmt: skip


async def test_flows_are_asked_of_the_exchange_alone() -> None:
    asked = Asked()
    await kis_flows.fetch_flows(cast(KisClient, asked), "005930")
    assert asked.questions == [
        ("inquire-investor", "FHKST01010900", {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930"})
    ]
    assert asked.rooms == ["uapi/domestic-stock/v1/quotations/"]


async def test_headlines_are_asked_of_all_stocks_from_a_moment_back() -> None:
    asked = Asked()
    await kis_news.fetch_titles(cast(KisClient, asked))
    await kis_news.fetch_titles(cast(KisClient, asked), datetime(2026, 10, 2, 16, 5, 9, tzinfo=UTC))
    names = (
        "FID_NEWS_OFER_ENTP_CODE", "FID_COND_MRKT_CLS_CODE", "FID_INPUT_ISCD", "FID_TITL_CNTT", "FID_INPUT_DATE_1",
        "FID_INPUT_HOUR_1", "FID_RANK_SORT_CLS_CODE", "FID_INPUT_SRNO",
    )  # fmt: skip
    now = dict.fromkeys(names, "")
    back = now | {"FID_INPUT_DATE_1": "0020261003", "FID_INPUT_HOUR_1": "0000010509"}
    assert asked.questions == [("news-title", "FHKST01011800", now), ("news-title", "FHKST01011800", back)]


@pytest.mark.parametrize(
    ("kind", "path", "tr_id", "more"),
    [
        ("bonus", "bonus-issue", "HHKDB669101C0", {}),
        ("paid", "paidin-capin", "HHKDB669100C0", {"GB1": "2"}),
        ("par_change", "rev-split", "HHKDB669105C0", {"MARKET_GB": "0"}),
        ("reduction", "cap-dcrs", "HHKDB669106C0", {}),
        ("merger_or_split", "merger-split", "HHKDB669104C0", {}),
    ],
)
async def test_the_lists_of_the_depository_are_asked_of_a_span(
    kind: str, path: str, tr_id: str, more: dict[str, str]
) -> None:
    asked = Asked()
    (call,) = (call for call in kis_actions.CALLS if call.kind == kind)
    first, last = date(2026, 10, 1), date(2026, 10, 2)
    await kis_actions.fetch_actions(cast(KisClient, asked), call, first, last)
    await kis_actions.fetch_actions(cast(KisClient, asked), call, first, last, stock_code="005930")
    span = {"CTS": "", "F_DT": "20261001", "T_DT": "20261002"}
    assert asked.questions == [(path, tr_id, span | {"SHT_CD": code} | more) for code in ("", "005930")]
    assert set(asked.rooms) == {"uapi/domestic-stock/v1/ksdinfo/"}


@pytest.mark.parametrize(
    ("symbol", "market", "code"),
    [
        (WorldSymbol.SP500, "N", "SPX"),
        (WorldSymbol.NASDAQ, "N", "COMP"),
        (WorldSymbol.SOX, "N", "SOX"),
        (WorldSymbol.USDKRW, "X", "FX@KRW"),
    ],
)
async def test_days_of_the_world_are_asked_abroad(symbol: WorldSymbol, market: str, code: str) -> None:
    asked = Asked()
    await kis_world.fetch_days(cast(KisClient, asked), symbol, date(2026, 10, 1), date(2026, 10, 2))
    assert asked.questions == [
        ("inquire-daily-chartprice", "FHKST03030100", {
            "FID_COND_MRKT_DIV_CODE": market, "FID_INPUT_ISCD": code, "FID_INPUT_DATE_1": "20261001",
            "FID_INPUT_DATE_2": "20261002", "FID_PERIOD_DIV_CODE": "D",
        }),
    ]  # fmt: skip
    assert asked.rooms == ["uapi/overseas-price/v1/quotations/"]
