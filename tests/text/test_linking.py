"""Linking, events and stories (docs/nasty-cases.md: 42, 43, 50-57, 59)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.market import WatchedStock
from backend.domain.news import Article, Flag, LinkMethod, NewsKind, Precision
from backend.text.linking import StockNames, title_flags
from backend.text.similarity import Candidate, StoryIndex

STOCKS = [
    WatchedStock("005930", "삼성전자", "KOSPI", ("삼전",)),
    WatchedStock("000660", "SK하이닉스", "KOSPI", ("하이닉스", "하닉")),
    WatchedStock("034730", "SK", "KOSPI"),
    WatchedStock("003550", "LG", "KOSPI"),
    WatchedStock("066570", "LG전자", "KOSPI"),
    WatchedStock("000270", "기아", "KOSPI"),
    WatchedStock("001680", "대상", "KOSPI"),
    WatchedStock("035420", "NAVER", "KOSPI", ("네이버",)),
    WatchedStock("039490", "키움증권", "KOSPI"),
    WatchedStock("228670", "레이", "KOSDAQ"),
    WatchedStock("0126Z0", "삼성에피스홀딩스", "KOSPI"),
    WatchedStock("005380", "현대차", "KOSPI", ("현차", "현대")),
]
NAMES = StockNames(STOCKS)


def article(title: str, *, snippet: str = "", publisher: str = "한국경제", codes: tuple[str, ...] = ()) -> Article:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return Article(
        "rss_hankyung", publisher, NewsKind.ARTICLE, "https://x.kr/1", "x.kr/1", title, snippet, at, Precision.SECOND,
        feed_codes=codes,
    )  # fmt: skip


def linked(title: str, **fields: object) -> dict[str, str]:
    return {link.stock_code: link.method for link in NAMES.link(article(title, **fields))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("삼성전자, 3분기 최대 실적", {"005930": "name"}),
        ("삼성전자가 SK하이닉스를 제치고", {"005930": "name", "000660": "name"}),
        ("삼전·하닉 동반 상승", {"005930": "alias", "000660": "alias"}),
        ("삼성전자우, 신고가", {"005930": "name"}),
        ("ＬＧ전자 신제품", {"066570": "name"}),
        ("LG 전자 신제품", {"066570": "name"}),
        ("디스플레이 업황 회복", {}),
        ("삼성전자서비스 채용", {}),
        ("삼성, 협력사에 5000억 지원", {}),
        ("현대, 아산 추모식", {}),
        ("SK, 청년 일자리 확대", {}),
        ("SK 지주사 할인 축소", {"034730": "name"}),
        ("LG U+ 요금제 개편", {}),
        ("규제대상 확대", {}),
        ("대상 3개 기업 선정", {}),
        ("대상 주가 급등", {"001680": "name"}),
        ("기아, 3분기 영업이익 3조", {"000270": "name"}),
        ("기아 난민 돕기", {}),
        ("신규 (005930) 공시", {"005930": "code"}),
        ("우선주 005935 배당", {"005930": "code"}),
        ("0126Z0 상장", {"0126Z0": "code"}),
        ("네이버 뉴스 개편, 구독 늘어", {}),
        ("네이버, 검색 점유율 상승", {"035420": "alias"}),
        ("'삼성전자 목표가 10만원'-키움증권", {"005930": "name"}),
        ('키움증권 "삼성전자 목표가 상향"', {"005930": "name"}),
        ("키움증권, 3분기 순이익 증가", {"039490": "name"}),
        ("TIGER 삼성전자 레버리지 상장", {}),
        ("삼성전자 ETF 순자산 1조", {}),
    ],
)
def test_cases_50_to_59_titles(title: str, expected: dict[str, str]) -> None:
    assert linked(title) == expected


def test_feed_tags_are_weak_until_the_text_confirms_them() -> None:
    assert linked("반도체 업황 회복", codes=("005930",)) == {"005930": "feed_tag"}
    assert linked("삼성전자 업황 회복", codes=("005930",)) == {"005930": "name"}
    weak, strong = (NAMES.link(article(t, codes=("005930",)))[0].confidence for t in ("업황", "삼성전자 업황"))
    assert weak < 0.5 < strong
    assert linked("업황 회복", codes=("999999",)) == {}


def test_cases_51_54_a_search_that_met_a_longer_name_or_an_author_gives_no_tag() -> None:
    assert linked("SK하이닉스, 3분기 영업이익 감소", codes=("000660", "034730")) == {"000660": "name"}
    assert linked("'삼성전자 목표가 10만원'-키움증권", codes=("005930", "039490")) == {"005930": "name"}


def test_cases_51_54_a_stock_with_other_names_gives_no_tag_either() -> None:
    """A search for 현대차 that met 현대차증권: 현차 is in no name, and that does not confirm the tag."""
    names = StockNames([*STOCKS, WatchedStock("001500", "현대차증권", "KOSPI")])
    met = article("현대차증권, 신임 대표 선임", codes=("005380", "001500"))
    assert [link.stock_code for link in names.link(met)] == ["001500"]
    alone = article("완성차 수출 회복", codes=("005380", "999999"))
    assert [(link.stock_code, link.method) for link in names.link(alone)] == [("005380", "feed_tag")]


def test_case_50_portal_name_in_the_snippet_is_no_link() -> None:
    assert linked("반도체 회복", snippet="기사 원문 - 네이버 뉴스") == {}
    assert linked("반도체 회복", snippet="삼성전자는 오늘") == {"005930": "snippet"}
    # A portal in words that no pattern of boilerplate knows.
    assert linked("반도체 회복", snippet="네이버에서 화제, 실적은 다음 달") == {}
    assert linked("반도체 회복", snippet="네이버에서 화제인 SK, 실적은 다음 달") == {}
    assert linked("반도체 회복", snippet="네이버에서 화제인 삼성전자") == {"005930": "snippet"}


@pytest.mark.parametrize("title", ["스튜디오 드래곤, 3분기 실적", "라디오 광고 매출 증가", "비디오, 영업이익 흑자"])
def test_case_51_the_end_of_a_longer_word_is_no_name_though_a_cue_stands_by(title: str) -> None:
    names = StockNames([WatchedStock("039840", "디오", "KOSDAQ")])
    assert names.link(article(title)) == []
    assert [link.stock_code for link in names.link(article(f"{title}…디오, 3분기 실적"))] == ["039840"]


def test_case_55_roundup_links_are_weak_and_flagged() -> None:
    item = article("삼성전자·SK하이닉스·LG전자·현대차·네이버·삼성에피스홀딩스 순매수")
    links = NAMES.link(item)
    assert len(links) == 6
    assert max(link.confidence for link in links) <= 0.2
    assert Flag.ROUNDUP in title_flags(item, links)


@pytest.mark.parametrize("title", ["[특징주] 삼성전자 강세", "삼성전자 3%대 상승", "삼성전자 급등"])
def test_titles_that_report_a_move_are_flagged(title: str) -> None:
    assert Flag.REPORTS_PRICE in title_flags(article(title), [])
    assert Flag.REPORTS_PRICE not in title_flags(article("삼성전자, 신제품 공개"), [])


def test_no_stocks_link_nothing() -> None:
    assert StockNames([]).link(article("삼성전자 (005930)")) == []


NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)


def stories(*items: tuple[str, str, int, str]) -> dict[str, int | str]:
    """Story by key of (key, title, hours after noon, codes)."""
    candidates = [Candidate(k, t, NOON + timedelta(hours=h), frozenset(c.split())) for k, t, h, c in items]
    return StoryIndex().assign(candidates)


@pytest.mark.parametrize(("source", "confidence"), [("kis_news", 0.95), ("dart", 0.95), ("naver_search", 0.3)])
def test_a_tag_of_the_agency_or_the_filing_counts_and_one_of_a_search_hardly(source: str, confidence: float) -> None:
    tagged = replace(article("주요 경영사항 신고", codes=("005930",)), source=source)
    assert [(link.stock_code, link.confidence) for link in NAMES.link(tagged)] == [("005930", confidence)]


def test_case_42_syndicated_copies_are_one_story_named_by_the_first() -> None:
    found = stories(
        ("b", "삼성전자, HBM4 12단 양산 시작(종합)", 2, "005930"),
        ("a", "[속보] 삼성전자 HBM4 12단 양산 시작", 0, "005930"),
        ("c", "삼성전자, HBM4 12단 양산 시작했다", 5, "005930"),
    )
    assert found == {"a": "a", "b": "a", "c": "a"}


@pytest.mark.parametrize(
    "cut", ["삼성전자, HBM4 12단 양산 시작…", "삼성전자, HBM4 12단 양산 시작 ...", "삼성전자, HBM4 12단 양산 …"]
)
def test_case_27_a_title_that_was_cut_belongs_to_the_whole_one(cut: str) -> None:
    found = stories(("a", "삼성전자, HBM4 12단 양산 시작한다", 0, "005930"), ("b", cut, 1, "005930"))
    assert found == {"a": "a", "b": "a"}


def test_case_43_a_chain_of_versions_is_one_story_known_from_its_first() -> None:
    chain = (
        "[속보] 삼성전자, 파업 유보",
        "[1보] 삼성전자 파업 유보",
        "삼성전자, 파업 유보(종합)",
        "삼성전자 파업 유보…노사 합의(종합2보)",
    )
    found = stories(*((str(i), title, i, "005930") for i, title in enumerate(chain)))
    assert set(found.values()) == {"0"}


@pytest.mark.parametrize(
    ("second", "hours", "codes"),
    [
        ("환율 급등에 국고채 금리 상승 3.733%", 1, ""),
        ("환율 급등에 국고채 금리 상승 3.791%", 49, ""),
        ("환율 급등에 국고채 금리 상승 3.791%", 1, "005930"),
        ("전혀 다른 이야기 3.791%", 1, ""),
    ],
)
def test_each_guard_keeps_stories_apart(second: str, hours: int, codes: str) -> None:
    found = stories(("a", "환율 급등에 국고채 금리 상승 3.791%", 0, ""), ("b", second, hours, codes))
    assert found == {"a": "a", "b": "b"}


def test_a_new_copy_joins_the_stored_story() -> None:
    index = StoryIndex()
    index.add_known(Candidate("old", "삼성전자, HBM4 양산 시작", NOON, frozenset({"005930"})), 7)
    new = Candidate("new", "삼성전자 HBM4 양산 시작", NOON + timedelta(hours=1), frozenset({"005930"}))
    assert index.assign([new]) == {"new": 7}


def test_link_methods_order_by_confidence() -> None:
    item = article("삼성전자 (005930)", codes=("005930",))
    assert [link.method for link in NAMES.link(item)] == [LinkMethod.CODE]
