"""The 20 stocks of the demo, which `azak up --demo` adds, and 40 more for tests: data only.

Real codes, names and aliases, with hard cases of linking: a name inside another (SK, 카카오, 에코프로), a
short name (기아), a code with a letter (0126Z0), a portal (NAVER), a broker that also signs reports
(키움증권). Prices, betas and volatilities are invented.
"""

from dataclasses import dataclass
from typing import Final

from backend.demo.world.more_stocks import ROWS
from backend.domain.market import Market


@dataclass(frozen=True, slots=True)
class DemoStock:
    """A stock and the parameters of its seeded prices; `sigma`: idiosyncratic daily volatility."""

    code: str
    name: str
    market: Market
    aliases: tuple[str, ...]
    first_price_krw: int
    beta: float
    sigma: float
    daily_volume: int
    foreign_pct: float
    products: tuple[str, ...]


_P, _Q = Market.KOSPI, Market.KOSDAQ
DEMO_STOCKS: Final = (
    DemoStock("005930", "삼성전자", _P, ("삼전",), 102_000, 1.0, 0.013, 15_000_000, 51.2, ("HBM4", "갤럭시 S27")),
    DemoStock(
        "000660", "SK하이닉스", _P, ("하이닉스", "하닉"), 560_000, 1.3, 0.019, 3_100_000, 55.8, ("HBM4E", "DDR6")
    ),
    DemoStock(
        "373220", "LG에너지솔루션", _P, ("LG엔솔",), 452_000, 1.1, 0.019, 310_000, 5.1, ("46시리즈", "ESS용 LFP")
    ),
    DemoStock(
        "207940", "삼성바이오로직스", _P, ("삼바",), 1_180_000, 0.6, 0.014, 62_000, 12.4, ("6공장", "ADC 생산라인")
    ),
    DemoStock(
        "005380", "현대차", _P, ("현대자동차", "현차"), 262_000, 0.9, 0.015, 820_000, 35.9, ("아이오닉 9", "수소트럭")
    ),
    DemoStock("000270", "기아", _P, ("기아차",), 117_500, 0.9, 0.015, 1_150_000, 39.6, ("EV5", "PV5 밴")),
    DemoStock("035420", "NAVER", _P, ("네이버",), 262_500, 0.9, 0.017, 780_000, 42.3, ("하이퍼클로바", "쇼핑 앱")),
    DemoStock("035720", "카카오", _P, (), 60_100, 1.0, 0.019, 2_050_000, 28.7, ("카나나", "선물하기 개편")),
    DemoStock("323410", "카카오뱅크", _P, ("카뱅",), 22_450, 0.8, 0.016, 760_000, 17.2, ("외화통장", "기업대출")),
    DemoStock(
        "005490", "POSCO홀딩스", _P, ("포스코홀딩스",), 318_000, 1.0, 0.018, 330_000, 28.9, ("리튬 2공장", "기가스틸")
    ),
    DemoStock("105560", "KB금융", _P, (), 121_800, 0.8, 0.014, 980_000, 76.4, ("밸류업 펀드", "퇴직연금")),
    DemoStock("015760", "한국전력", _P, ("한전",), 46_850, 0.7, 0.017, 2_900_000, 20.3, ("해상풍력", "초고압 송전망")),
    DemoStock("017670", "SK텔레콤", _P, ("SKT",), 53_400, 0.4, 0.012, 540_000, 38.8, ("에이닷", "AI 데이터센터")),
    DemoStock("034730", "SK", _P, ("SK㈜",), 248_500, 0.9, 0.018, 160_000, 25.1, ("투자 플랫폼", "반도체 소재")),
    DemoStock("039490", "키움증권", _P, (), 282_000, 1.2, 0.020, 120_000, 29.5, ("영웅문S", "발행어음")),
    DemoStock(
        "0126Z0", "삼성에피스홀딩스", _P, ("삼성에피스",), 512_000, 0.7, 0.021, 150_000, 9.6, ("SB27", "바이오시밀러")
    ),
    DemoStock("068270", "셀트리온", _P, (), 184_300, 0.7, 0.017, 610_000, 21.7, ("짐펜트라", "램시마SC")),
    DemoStock(
        "247540",
        "에코프로비엠",
        _Q,
        ("에코비엠",),
        158_200,
        1.3,
        0.023,
        880_000,
        12.2,
        ("하이니켈 양극재", "LFP 양극재"),
    ),
    DemoStock("086520", "에코프로", _Q, (), 92_700, 1.3, 0.024, 1_900_000, 18.4, ("인니 제련소", "전구체")),
    DemoStock(
        "277810", "레인보우로보틱스", _Q, ("레인보우",), 463_500, 1.2, 0.024, 170_000, 5.9, ("RB-Y1", "협동로봇")
    ),
)
ALL_STOCKS: Final = (
    *DEMO_STOCKS,
    *(
        DemoStock(code, name, _P if market == "P" else _Q, (), price, beta, sigma, volume, 20.0, products)
        for code, name, market, price, beta, sigma, volume, products in ROWS
    ),
)
BY_CODE: Final = {stock.code: stock for stock in DEMO_STOCKS}
SPLIT_CODE, SPLIT_RATIO = "005490", 5
HALTED_CODE: Final = "086520"
