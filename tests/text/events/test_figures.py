"""Amounts, shares, surprises, the other side, the weight of an event, and moves that a title reports."""

import pytest

from backend.domain.news import NewsKind
from backend.domain.understanding.events import Event
from backend.domain.understanding.materiality import materiality
from backend.text.events import read_event, ready, reported_move, reports_price
from backend.text.events.amounts import read_amount

EOK = 100_000_000


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1조2천억", 12_000 * EOK), ("1조8천456억", 18_456 * EOK), ("3천500억원", 3_500 * EOK),
        ("1천2백억원", 1_200 * EOK), ("1조 2345억 5000만원", 12_345.5 * EOK),
        ("1조2,340억원", 12_340 * EOK), ("4,420억원", 4_420 * EOK),
        ("81.6억", 8_160_000_000),
        ("3천억", 3_000 * EOK), ("2백억원", 200 * EOK), ("5000만원", EOK / 2), ("5천만 원", EOK / 2),
        ("1억5천만원", 1.5 * EOK),
        ("2조원대", 20_000 * EOK), ("500억 규모 CB", 500 * EOK), ("10조", 100_000 * EOK), ("1.2조", 12_000 * EOK),
        ("수조원", None), ("수천억 원", None), ("3억달러", None), ("2억유로", None), ("5억弗", None),
        ("100억엔", None),
        ("6,500만달러", None), ("30만주", None), ("3억주", None), ("3만대 리콜", None), ("5000만", None),
        ("2억명", None),
        ("2~3조원", None), ("주당 1만원", None), ("목표가 12만원", None), ("공모가 3만5천원", None), ("10%", None),
        ("3억달러(4,200억원)", 4_200 * EOK), ("30만주 200억원", 200 * EOK), ("99999999조원", None),
        ("200억원 명품관", 200 * EOK), ("3억원 개인 자금", 3 * EOK), ("200억 명품관", 200 * EOK),
        ("1000억원 유로본드", 1_000 * EOK),  # its 원 is told before another money
        ("1억대 소송", EOK),
    ],
)  # fmt: skip
def test_amounts_in_won(text: str, amount: float | None) -> None:
    assert read_amount(ready(text)) == amount


def test_of_results_the_profit_is_the_amount() -> None:
    assert read_amount("매출 5200억·영업익 410억", of_profit=True) == 410 * EOK
    assert read_amount("매출 5200억·영업익 410억") == 5_200 * EOK
    assert read_amount("12% 줄어든 88억 영업이익", of_profit=True) == 88 * EOK


@pytest.mark.parametrize(
    ("title", "field", "value"),
    [
        ("한빛전자, 500억 공급계약…매출 대비 25%", "share", 0.25),
        ("누리화학, 자기자본 대비 12.5% 단기차입", "share", 0.125),
        ("한빛전자 영업이익, 컨센서스 12% 상회", "surprise", 0.12),
        ("한빛전자 영업이익, 예상치 8.5% 밑돌아", "surprise", -0.085),
        ("한빛전자 3분기 영업이익 21% 늘어", "surprise", 0.21),
        ("한빛전자 3분기 영업이익 21% 감소", "surprise", -0.21),
        ("한빛전자 3분기 영업이익 21%", "surprise", None),
        ("한빛전자, 삼성전자와 500억 공급계약 체결", "counterparty", "삼성전자"),
        ("한빛전자, 美 GE에 터빈 부품 공급한다", "counterparty", "美 ge"),
        ("한빛전자, 북미 완성차업체와 공급계약 체결", "counterparty", "북미 완성차업체"),
        ("한빛전자, 500억 공급계약 체결", "counterparty", ""),
        ("한빛전자, 3분기에 영업이익 21% 늘어", "counterparty", ""),
    ],
)
def test_what_else_a_title_tells(title: str, field: str, value: object) -> None:
    assert getattr(read_event(title, NewsKind.ARTICLE), field) == value


@pytest.mark.parametrize(
    ("event", "market_value_krw", "weight"),
    [
        (Event(type="contract"), None, 2),
        (Event(type="contract", share=0.005), None, 1),
        (Event(type="contract", share=0.03), None, 2),
        (Event(type="contract", share=0.1), None, 3),
        (Event(type="rights_issue"), None, 3),
        (Event(type="rights_issue", amount_krw=10 * EOK), 1_000 * EOK, 1),
        (Event(type="rights_issue", amount_krw=10 * EOK), None, 3),
        (Event(type="buy_back", amount_krw=100 * EOK), 1_000 * EOK, 3),
        (Event(type="results", surprise=-0.2), None, 3),
        (Event(type="results", surprise=0.05), None, 2),
        (Event(type="results", surprise=0.01), None, 1),
        (Event(type="price_move", amount_krw=100 * EOK), 100 * EOK, 0),
        (Event(), None, 0),
    ],
)
def test_an_event_weighs_what_it_is_large(event: Event, market_value_krw: float | None, weight: int) -> None:
    assert materiality(event, market_value_krw) == weight


@pytest.mark.parametrize(
    ("title", "move"),
    [
        ("한빛전자 장초반 4% 오름세", 0.04), ("누리화학 7% 폭등", 0.07), ("가온건설, 3% 넘게 올라", 0.03),
        ("별바이오 5%대 급락 마감", -0.05), ("도담제약 -3.2%", -0.032), ("[핫종목] 별로봇 +12.4%", 0.124),
        ("미르소재, 신작 기대에 6%↑", 0.06), ("하늘항공 2% 남짓 밀려", -0.02), ("가람조선 10.39% 상승", 0.1039),
        ("한빛전자 보합 1% 마감", 0.0),
        ("한빛전자 영업이익 12% 상승", None), ("누리화학 매출 20% ↑", None), ("지분 5% 하락", None),
        ("금리 3% 상승", None),
        ("기준 없는 9%", None),
    ],
)  # fmt: skip
def test_the_move_that_a_title_tells(title: str, move: float | None) -> None:
    assert reported_move(ready(title)) == move


@pytest.mark.parametrize(
    "title",
    [
        "한빛전자 반등", "누리화학 7만원 붕괴", "별로봇 사상 최고가", "가온건설 약보합 마감", "도담제약 VI 발동",
        "미르소재 상한가",
        "한빛전자 52주 신고가", "신고가 쓴 한빛전자", "하늘항공 8만원선 회복", "한빛전자 12만전자 눈앞",
        "가람조선 주가 껑충",
        "누리화학 사흘째 하락", "별바이오 동반 강세", "한빛전자 시총 3위", "누리화학 급락",
        "가온건설, 시간외 거래서 들썩",
        "[특징주] 별로봇, 로봇 테마에 방긋", "한빛전자 5거래일 연속 상승", "도담제약, 장중 최저가",
        "30만원 돌파한 누리화학",
    ],
)  # fmt: skip
def test_titles_that_report_a_price(title: str) -> None:
    assert reports_price(ready(title))


@pytest.mark.parametrize(
    "title",
    [
        "공익신고가 접수된 한빛전자", "환율 하락 마감", "국제유가 상승 출발", "한빛전자, 신제품 공개",
        "누리화학 매출 1조원 돌파", "국제 유가 급등에 항공사 비상", "원가 급등 부담",
        "한빛전자 영업이익 30% 증가", "집값 5% 상승", "내부신고가 늘었다", "이용자 100만명 돌파",
        "가온건설 분양가 7% 상승",
    ],
)  # fmt: skip
def test_titles_that_report_none(title: str) -> None:
    assert not reports_price(ready(title))
