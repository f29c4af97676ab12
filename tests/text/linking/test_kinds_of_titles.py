"""Each kind of title that was misread: the input that showed it first, and siblings of our own."""

import pytest

from backend.domain.market import ListedStock, WatchedStock
from backend.domain.news import Link, LinkMethod, NewsKind
from backend.text.linking import StockNames, is_roundup
from tests.text.linking.titles import NAMES, article, linked

# (fault, title, codes of the links that count)
TABLE = [
    # F7: a common word is the company only as the subject of a company's business, tag or no tag
    ("F7", "서울시, 청년 대상 주거지원 확대", ""),
    ("F7", "대상, 3분기 영업이익 증가", "001680"),
    ("F7", "한화 유상증자", "000880"),
    ("F7", "기아, EV5 사전계약 개시", "000270"),
    ("F7", "기아 타이거즈, 마무리 투수 부상", ""),
    ("F7", "KT 위즈, 홈 개막전 매진", ""),
    ("F7", "LG 트윈스 우승 기념 세일", ""),
    ("F7", "한화 이글스 팬들 대전 집결", ""),
    ("F7", "삼성·SK·LG 채용 시즌 열린다", ""),
    ("F7", "농어촌 주민 대상 무료 검진", ""),
    ("F7", "레이, 치과용 장비 수출 계약", "228670"),
    ("F7", "레이 한 대 값으로 사는 전기차", ""),
    ("F7", "코스닥 상장사 레이 유상증자 결정", "228670"),
    ("F7", "지원 대상, 하반기 공급 계약 맺은 기업으로", ""),
    ("F7", "기아, 연장 끝 역전승…선발승은 다음에", ""),
    ("F7", "기아 타이거즈 한정판 유니폼 출시", ""),
    ("F7", "기아, 프로야구 후원 마케팅 확대", "000270"),
    # F8: an author is no subject
    ("F8", '현대차證 "반도체 업황 바닥"', ""),
    ("F8", 'NH투자증권 "하반기 코스피 4200"', ""),
    ("F8", "[키움증권] 반도체 바닥론", ""),
    ("F8", "키움證 “삼성전자, 목표가 12만원”", "005930"),
    ("F8", '"LG화학 저평가"-삼성증권', "051910"),
    ("F8", '"배터리 바닥 지났다" 삼성증권', ""),
    ("F8", "대신증권, SK하이닉스 목표가 상향", "000660"),
    ("F8", '대신증권·삼성증권 "금리 더 내린다"', ""),
    ("F8", '삼성증권 "LG화학, 고배당 매력"', "051910"),
    ("F8", "KB금융硏, 부자 보고서 발간", ""),
    ("F8", '삼성증권 "전산 장애 보상하겠다"', "016360"),
    ("F8", "삼성증권 사장 “자산관리 강화”", "016360"),
    ("F8", "삼성카드 집계, 설 연휴 결제 늘어", ""),
    ("F8", "미래에셋증권에 따르면 개인 순매수 최대", ""),
    # F9: the longer company, watched or not; a group is none
    ("F9", "KT 스카이라이프, 3분기 영업이익 감소", "053210"),
    ("F9", "카카오 뱅크, 3분기 순이익 증가", "323410"),
    ("F9", "현대차 그룹 사장단 인사", ""),
    ("F9", "한미약품그룹 오너 일가 화해", ""),
    ("F9", "농심그룹 인사", ""),
    ("F9", "KT클라우드, 데이터센터 개소", ""),
    ("F9", "에코프로 비엠, 유럽 공장 준공", "247540"),
    ("F9", "블루닛, 3분기 실적 발표", ""),
    ("F9", "현대차 정몽구 재단, 장학생 선발", ""),
    ("F9", "포스코 미술관 재개관", ""),
    # F11: earlier names
    ("F11", "한화오션, 2조원 LNG선 수주", "042660"),
    ("F11", "대우조선해양 하청 노조 농성", "042660"),
    ("F11", "현대중공업 수주잔고 사상 최대", "329180"),
    ("F11", "두산중공업 시절 수주한 원전 준공", "034020"),
    # F24: what stands in < > is text
    ("F24", "<KT 임원 인사>", "030200"),
    ("F24", "<표> NAVER 분기 실적 추이", "035420"),
    # F29: forms of writing and particles
    ("F29", "1Q 삼성전자 영업이익 10조", "005930"),
    ("F29", "1Q 삼성전자 단일종목 ETF 상장", ""),
    ("F29", "㈜LG, 3분기 영업익 증가", "003550"),
    ("F29", "LG㈜ 배당 기준일 변경", "003550"),
    ("F29", "삼성 SDI, 3분기 적자", "006400"),
    ("F29", "삼성전자와의 협상 결렬", "005930"),
    ("F29", "삼성전자에선 말 아껴", "005930"),
    ("F29", "삼성전자엔 기회", "005930"),
    ("F29", "삼성전자라며 사칭 문자", "005930"),
    ("F29", "답은 삼성전자였다", "005930"),
    ("F29", "네이버표 커머스 통했다", "035420"),
    ("F29", "삼성전자서비스 교섭 타결", ""),
    ("F29", "LG U+ 인터넷 장애", "032640"),
    # F31: legal names
    ("F31", "(유가증권)케이티 - 주요사항보고서(자기주식취득결정)", "030200"),
    ("F31", "(유가증권)대상 - 분기보고서", "001680"),
    ("F31", "(유가증권)한화 - 현금ㆍ현물배당결정", "000880"),
    ("F31", "(유가증권)에스케이하이닉스 - 신규시설투자등", "000660"),
    ("F31", "(유가증권)엘지화학 - 영업(잠정)실적(공정공시)", "051910"),
    # lists of groups, and a word in a list of companies
    ("list", "삼성·SK, 3분기 실적 희비", ""),
    ("list", "루닛·레이 동반 급등", "228670 328130"),
    ("number", "매출 005930원 돌파", ""),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "title", "codes"), TABLE)
def test_a_title_is_about_these_stocks(fault: str, title: str, codes: str) -> None:
    assert linked(title) == codes.split(), fault


@pytest.mark.parametrize("source", ["naver_search", "naver_search_legacy", "rss_x"])
def test_f7_a_search_only_says_that_one_searched(source: str) -> None:
    found = NAMES.link(article("서울시, 청년 대상 주거지원 확대", source=source, feed_codes=("001680",)))
    assert found == [Link("001680", LinkMethod.FEED_TAG, 0.3)]


@pytest.mark.parametrize("source", ["kis_news", "dart"])
def test_f7_the_code_of_an_agency_or_of_dart_is_evidence(source: str) -> None:
    (found,) = NAMES.link(article("대상 확대", source=source, feed_codes=("001680",)))
    assert (found.stock_code, found.method, found.confidence) == ("001680", LinkMethod.NAME, 0.95)


@pytest.mark.parametrize("title", ["대상 - 분기보고서", "[기재정정] 한화 - 유상증자결정", "레이 - 감사보고서제출"])
def test_f31_a_filing_is_of_the_company_before_its_form(title: str) -> None:
    assert len(linked(title, kind=NewsKind.FILING)) == 1
    assert linked(title) == []


def test_f9_names_of_unwatched_companies_keep_the_shorter_ones_away() -> None:
    watched = [WatchedStock("030200", "KT", "KOSPI"), WatchedStock("005930", "삼성전자", "KOSPI")]
    alone = StockNames(watched)
    among = StockNames(
        watched, [ListedStock("999990", "KT 새사업", ("케이티새사업",)), ListedStock("069500", "KT 지수")]
    )
    for title in ("KT 새사업, 상장 첫날 급등", "KT 지수 하락"):
        assert linked(title, alone) == ["030200"]
        assert linked(title, among) == []
    assert linked("KT, 삼성전자와 제휴", among) == ["005930", "030200"]


def test_f11_the_exchanges_new_name_of_a_watched_stock_links_it() -> None:
    names = StockNames([WatchedStock("999990", "옛이름산업", "KOSPI")], [ListedStock("999990", "새이름산업")])
    assert linked("새이름산업, 공장 증설", names) == linked("옛이름산업, 공장 증설", names) == ["999990"]


def test_two_companies_with_one_name_are_told_apart_by_the_sources_own_code_alone() -> None:
    names = StockNames([WatchedStock("999980", "같은이름", "KOSPI"), WatchedStock("999990", "같은이름", "KOSDAQ")])
    assert linked("같은이름, 유상증자 결정", names) == []
    assert linked("같은이름, 유상증자 결정", names, source="dart", feed_codes=("999990",)) == ["999990"]
    assert linked("같은이름(999980), 유상증자 결정", names) == ["999980"]


def test_an_owners_alias_gives_way_to_a_listed_name_and_beats_a_shipped_one() -> None:
    stocks = [WatchedStock("999990", "가나다라", "KOSPI", ("한전", "한전기술"))]
    names = StockNames(stocks, [ListedStock("052690", "한전기술")])
    assert linked("한전, 요금 동결", names) == ["999990"]
    assert linked("한전기술, 원전 설계 수주", names) == []


@pytest.mark.parametrize(
    "title",
    [
        "KODEX 반도체 담은 삼성전자 비중 확대",
        "삼성전자·NAVER 담은 ETF",
        "[마감시황] 삼성전자 반등",
        "외국인 순매수 상위 삼성전자",
    ],
)
def test_stocks_of_funds_and_roundups_are_low(title: str) -> None:
    assert linked(title) == []
    assert all(link.confidence <= 0.2 for link in NAMES.link(article(title)))


@pytest.mark.parametrize("title", ["1Q 삼성전자 성장주 ETF 상장", "KODEX 삼성전자 담았다", "삼성전자 레버리지 2배"])
def test_the_words_of_a_funds_name_are_no_stock(title: str) -> None:
    assert NAMES.link(article(title)) == []


def test_a_fund_is_news_of_the_broker_that_issues_it() -> None:
    assert linked("삼성증권, 원유 ETN 2종 상장") == ["016360"]
    assert linked("원유 ETN 급등에 삼성증권 발행사 공지") == []


def test_the_state_of_a_trade_is_no_roundup() -> None:
    assert not is_roundup("조선 시황 개선에 HD현대重 수주", 1)
    assert is_roundup("[장중시황] 코스피 반등", 0)


@pytest.mark.parametrize(
    "title",
    ["", "🚀" * 400, "12345 67890", "Oil falls as OPEC meets", "三星電子 第三季度", '""""((((',
     "ㆍ" * 500, "(주)" * 160, "삼성" * 250, "삼성전자" * 120, "KT " * 160,
     "a-b " * 120, "etf " * 120 + "삼성전자", "\ufdfa" * 500],
)  # fmt: skip
def test_nothing_crashes_on_any_title(title: str) -> None:
    for link in NAMES.link(article(title, snippet=title, publisher=title[:100])):
        assert 0 < link.confidence < 1
