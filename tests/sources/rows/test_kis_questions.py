"""What KIS is asked, word by word: a stand-in answers whatever the question, the real one does not."""

from datetime import UTC, date, datetime
from typing import Any, cast

from backend.sources import kis_prices
from backend.sources.kis import KisClient


class Asked:
    """Takes the questions of a KIS client down."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, str, dict[str, str]]] = []

    async def get(self, call: str, tr_id: str, params: dict[str, str]) -> Any:
        self.questions.append((call, tr_id, params))


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
