"""What is read of a title: figures whatever way they are written, names masked, brackets read before they go."""

import pytest

from backend.text.cleaning import fold
from backend.text.stories import figures
from backend.text.stories.opposites import are_opposite, read_sides
from backend.text.stories.wording import mask, read_wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3천건", {"건": (3000,)}),
        ("3000건 넘어", {"건": (3000,)}),
        ("1조2천억", {"원": (1.2e12,)}),
        ("1조 2,000억원", {"원": (1.2e12,)}),
        ("1.2조", {"원": (1.2e12,)}),
        ("2천300만명", {"명": (2.3e7,)}),
        ("주당 2만4천원", {"원": (24_000,)}),
        ("5억불 채권", {"달러": (5e8,)}),
        ("3q 영업익 15%", {"분기": (3,), "%": (15,)}),
        ("상반기 순익", {"반기": (1,)}),
        ("9월 8일 일정", {"date": (908,)}),
        ("hbm4 top10", {}),
        ("30조 5개월", {"원": (3e13,), "개월": (5,)}),
        ("", {}),
        ("수조원", {}),
        ("9" * 500, {}),
    ],
)
def test_figures_are_read_by_what_they_count(text: str, expected: dict[str, tuple[float, ...]]) -> None:
    assert dict(figures.read_figures(text)) == expected


@pytest.mark.parametrize(
    ("one", "other", "conflicting"),
    [
        ("8%", "8.2%", False),
        ("9%", "8.7%", False),
        ("8%", "9.2%", True),
        ("8.2%", "8.4%", True),
        ("2.3조", "2조3,480억", False),
        ("495억", "500억", False),
        ("100억", "134억", True),
        ("403억 51.7%", "403억", False),
        ("2분기", "3분기", True),
        ("3월 3일", "3월 4일", True),
        ("3척", "3건", False),
        ("500원", "510원", True),
    ],
)
def test_figures_of_one_unit_must_agree_as_far_as_they_are_rounded(one: str, other: str, conflicting: bool) -> None:
    read = figures.read_figures(one), figures.read_figures(other)
    assert figures.conflict(*read) is figures.conflict(*reversed(read)) is conflicting


def test_moves_of_a_price_differ_by_the_minute_but_not_their_exact_values() -> None:
    nine, eight, seven = (figures.read_figures(f"{n}% 급등") for n in (9, 8, 6))
    assert not figures.conflict(nine, eight, are_moves=True)
    assert figures.conflict(nine, eight)
    assert figures.conflict(nine, seven, are_moves=True)
    exact = figures.read_figures("2.713%"), figures.read_figures("2.791%")
    assert figures.conflict(*exact, are_moves=True)


@pytest.mark.parametrize(
    ("title", "name", "masked"),
    [
        ("가람전자, 새 공장", "가람전자", "회사, 새 공장"),
        ("누리테크, 자회사 합병", "누리테크놀로지", "회사, 자회사 합병"),
        ("누리 테크놀로지 합병", "누리테크놀로지", "회사 합병"),
        ("NAVER 실적", "naver", "회사 실적"),
        ("가람전기, 새 공장", "가람전자", "가람전기, 새 공장"),
        ("새가람전자 공장", "가람전자", "새가람전자 공장"),
        ("한빛바이오는 웃었다", "한빛바이오로직스", "회사는 웃었다"),
        ("한빛바이오팜 상장", "한빛바이오로직스", "한빛바이오팜 상장"),
        ("가람전자", "()", "가람전자"),
    ],
)
def test_names_and_their_short_forms_are_masked(title: str, name: str, masked: str) -> None:
    assert mask(title, [name], "회사") == masked


def test_hanja_spellings_and_verbs_are_made_one() -> None:
    one = read_wording("가람전자, 美 부지 취득", ["가람전자"])
    assert one.grams == read_wording("가람전자 미국 부지 사들", ["가람전자"]).grams


def test_a_bracketed_date_is_read_before_the_brackets_go() -> None:
    assert dict(read_wording("[오늘의 증시 9월 8일]").figures) == {"date": (908,)}
    assert dict(read_wording("내일의 일정(9월 8일)").figures) == {"date": (908,)}


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("[종목랩] 오전장 인기 종목", "종목랩"),
        ("로봇주 활짝[ETF 탐구]", "etf탐구"),
        ("[속보] 코스피 하락", ""),
        ("[단독] 가람전자 매각", ""),
        ("[1보] 기준금리 동결", ""),
        ("[9월 8일]", ""),
    ],
)
def test_a_column_is_a_bracket_that_is_no_tag_of_news(title: str, column: str) -> None:
    assert read_wording(title).column == column


def test_a_filing_keeps_the_words_of_its_form() -> None:
    title = "가람전자 - 주요사항보고서(전환사채권발행결정)"
    assert read_wording(title, ["가람전자"], is_filing=True).form == ("전환사채", "발행")
    assert read_wording(title, ["가람전자"]).form == ()


@pytest.mark.parametrize(
    ("one", "other", "opposite"),
    [
        ("예상 웃돌아", "예상 밑돌아", True),
        ("예상 상회", "예상 밑돌아", True),
        ("자사주 100억 매입", "자사주 100억 처분", True),
        ("공급계약 체결", "공급계약 해지", True),
        ("공장 증설", "공장 증설 철회", True),
        ("신약 승인", "신약 승인 불발", True),
        ("거래정지", "거래정지 해제", True),
        ("순매수", "순매도", True),
        ("흑자 전환", "적자서 흑자 전환", False),
        ("급등", "강세", False),
        ("상장 철회", "상장 접는다", False),
    ],
)
def test_opposite_words_are_on_two_sides(one: str, other: str, opposite: bool) -> None:
    sides = read_sides(fold(one)), read_sides(fold(other))
    assert are_opposite(*sides) is are_opposite(*reversed(sides)) is opposite


@pytest.mark.parametrize(
    "title", ["", " ", "12345", "英文 only", "[", "((((", "조" * 500, "]" * 500, "[가]" * 200, "\ufdfa" * 60]
)
def test_any_title_is_read(title: str) -> None:
    for is_filing in (False, True):
        read_wording(title, ["가람전자", "", "("], is_filing=is_filing)
