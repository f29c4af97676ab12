"""A fact sheet of a day with news, and an answer that says nothing but what it holds."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from backend.reports.fact_sheet import (
    CaseFacts,
    FactSheet,
    FittingStory,
    ForecastFacts,
    MoveFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)

NOW = datetime(2026, 11, 20, 6, 40, tzinfo=UTC)
CONTRACT = "삼성전자, 4조 2,000억원 규모 HBM4 공급 계약 체결"
LAWSUIT = "삼성전자, 특허 소송에서 패소"


def _story(news_id: int, title: str, event_type: str, sign: str, hours: int) -> StoryFacts:
    return StoryFacts(900 + news_id, news_id, title, "한국경제", NOW - timedelta(hours=hours), 4, event_type, sign, 2)


def make_sheet(**changes: Any) -> FactSheet:
    sheet = FactSheet(
        stock_code="005930", stock_name="삼성전자", market="KOSPI", asof=NOW, trigger="story",
        price=PriceFacts(
            last_krw=71_300, at=NOW, source="kis", day_return=0.0142, five_day_return=-0.0231,
            market_day_return=0.0051, market_five_day_return=-0.0079, sigma_day=0.0161, volume=13_456_789,
            volume_z=1.34, bars_from=date(2025, 11, 20), bars_to=date(2026, 11, 19),
        ),
        stories=(_story(123, CONTRACT, "contract", "+", 1), _story(124, LAWSUIT, "lawsuit", "-", 2)),
        stories_since_days=7,
        forecasts=(
            ForecastFacts(
                horizon=1, p_up=0.523, verdict="lean", lean=0.066, direction="hold", confidence=0.04, base_rate=0.457,
                proof=None, gate_state=None, weights={}, base_price_krw=71_300,
                quantiles_krw=(68_100, 69_200, 70_400, 71_500, 72_600, 73_900, 75_300), band_width=0.066,
                exit_trade_date=date(2026, 11, 23), asof=NOW,
            ),
        ),
        cases=(CaseFacts(77, "공급 계약", "000660", "SK하이닉스", NOW - timedelta(days=40), 0.93, 0.0123, None),),
        record=(RecordFacts(1, "backtest", "all", 1_234, 58, 96, 0.509, 0.485, 0.533, 0.502, 985),),
        gaps=(), model="gated", model_version="v1", news_sources=("hankyung",),
        previous=PreviousReport(5, NOW - timedelta(hours=5), 70_300, 0.0142, {"1": 0.482}, {"1": "hold"}),
        move=MoveFacts(
            0.0142, {"market": 0.0061, "industry": -0.0012, "own": 0.0093}, 1.26, "story",
            (FittingStory(123, CONTRACT),),
        ),
    )  # fmt: skip
    return replace(sheet, **changes)


_ANSWER: dict[str, Any] = {
    "ko": {
        "headline": "삼성전자, HBM4 공급 계약 소식에 1.4% 상승",
        "why": "4조 2,000억원 규모 공급 계약이 때와 방향이 맞습니다. 시장은 0.5% 상승.",
        "changes": ["지난 리포트 이후 주가는 70,300원에서 71,300원으로 1.4% 올랐습니다."],
        "drivers": [{"text": "4조 2,000억원 규모의 HBM4 공급 계약을 체결했습니다.", "cites": ["n123"]}],
        "risks": [{"text": "특허 소송에서 패소했다는 소식이 있습니다.", "cites": ["n124"]}],
        "watch": ["가격이 69,200원 아래로 내려가면 예측 범위를 벗어납니다."],
    },
    "en": {
        "headline": "삼성전자 up 1.4% on an HBM4 supply contract",
        "why": "A supply contract of KRW 4.2 trillion fits in time and direction. The market rose 0.5% that day.",
        "changes": ["Since the last report the price went from KRW 70,300 to KRW 71,300."],
        "drivers": [{"text": "It signed an HBM4 supply contract of 4.2 trillion won.", "cites": ["n123"]}],
        "risks": [{"text": "It lost a lawsuit about a patent.", "cites": ["n124"]}],
        "watch": ["A price below 69,200 won is outside the band."],
    },
}


def make_answer() -> dict[str, Any]:
    """A new copy of an answer in which every sentence is true of `make_sheet()`."""
    return deepcopy(_ANSWER)
