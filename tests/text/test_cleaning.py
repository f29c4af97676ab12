"""Text and times from outside (docs/nasty-cases.md: 22-33 and 38-39)."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.clock import KST
from backend.domain.news import Precision
from backend.text.cleaning import clean, decode, fold
from backend.text.dates import parse_published
from backend.text.url_keys import url_key

SEEN = datetime(2026, 10, 3, 3, 0, tzinfo=UTC)  # 12:00 in Seoul


def kst(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=KST)  # type: ignore[arg-type,misc]


def test_case_22_euc_kr_header_with_cp949_letters() -> None:
    assert decode("똠방각하 펲시".encode("cp949"), "text/xml; charset=euc-kr") == "똠방각하 펲시"


def test_case_23_both_wrong_declarations() -> None:
    assert decode("삼성전자".encode(), "text/xml; charset=euc-kr") == "삼성전자"
    assert decode("삼성전자 실적".encode("cp949"), "text/xml; charset=utf-8") == "삼성전자 실적"


def test_a_last_letter_cut_in_half_does_not_spoil_the_rest() -> None:
    assert decode("삼성전자".encode()[:-1]) == "삼성전"


def test_case_24_entities_and_tags() -> None:
    assert clean("<b>E&amp;amp;S</b>&nbsp;&quot;HBM4&quot; &#39;양산&#39;", 500) == "E&S \"HBM4\" '양산'"
    assert clean("&lt;b&gt;삼성&lt;/b&gt; <표> 1 < 2", 500) == "삼성 <표> 1 < 2"


def test_case_25_invisible_letters_and_decomposed_hangul() -> None:
    assert clean("\x00삼\u200b성\ufeff\ud800 전자\u202e😀\n", 500) == "삼성 전자😀"
    assert fold("ＬＧ전자") == "lg전자"
    # "삼성" of single letters, as macOS writes names: equal to a reader, unequal to a search and a key.
    assert clean("\u1109\u1161\u11b7\u1109\u1165\u11bc", 500) == "\uc0bc\uc131"


def test_case_28_titles_longer_than_the_column() -> None:
    assert len(clean("가" * 3000, 500)) == 500


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("Sat, 03 Oct 2026 09:12:31 +0900", kst(2026, 10, 3, 9, 12, 31), Precision.SECOND),
        ("Sat, 03 Oct 2026 09:12:31 +09:00", kst(2026, 10, 3, 9, 12, 31), Precision.SECOND),
        ("Sat, 03 Oct 2026 09:12:31 KST", kst(2026, 10, 3, 9, 12, 31), Precision.SECOND),
        ("토, 03 Oct 2026 00:12:31 GMT", kst(2026, 10, 3, 9, 12, 31), Precision.SECOND),
        ("2026-10-03T00:12:31Z", kst(2026, 10, 3, 9, 12, 31), Precision.SECOND),
        ("2026-05-19 00:41:21", kst(2026, 5, 19, 0, 41, 21), Precision.SECOND),
        ("2026.05.19 09:40", kst(2026, 5, 19, 9, 40), Precision.MINUTE),
        ("2026.10.01. 오후 3:05", kst(2026, 10, 1, 15, 5), Precision.MINUTE),
        ("2026.10.01. 오전 12:05", kst(2026, 10, 1, 0, 5), Precision.MINUTE),
        ("2026.10.01.", kst(2026, 10, 1), Precision.DAY),
        ("202609141012", kst(2026, 9, 14, 10, 12), Precision.MINUTE),
        ("20260914", kst(2026, 9, 14), Precision.DAY),
        ("3분 전", SEEN - timedelta(minutes=3), Precision.MINUTE),
        ("2시간 전", SEEN - timedelta(hours=2), Precision.DAY),
        ("1주 전", SEEN - timedelta(days=7), Precision.DAY),
        ("어제", SEEN - timedelta(days=1), Precision.DAY),
        ("방금", SEEN, Precision.MINUTE),
    ],
)
def test_cases_29_to_31_every_format_we_know(text: str, expected: datetime, precision: Precision) -> None:
    found = parse_published(text, SEEN)
    assert (found.at, found.precision, found.future) == (expected, precision, False)


@pytest.mark.parametrize("text", ["", "A1면 TOP", "2026.13.41", "Sat, 03 Foo 2026 09:12:31 +0900", "25:61", "now"])
def test_case_32_anything_else_is_unknown_and_never_now(text: str) -> None:
    assert parse_published(text, SEEN).at is None
    assert parse_published(text, SEEN).precision is Precision.NONE


def test_case_33_the_future_is_clamped_and_flagged() -> None:
    far = parse_published("2026-10-03 15:00:00", SEEN)
    near = parse_published("2026-10-03 12:00:30", SEEN)
    assert (far.at, far.future) == (SEEN, True)
    assert (near.at, near.future) == (SEEN, False)


def test_case_38_tracking_and_mobile_hosts() -> None:
    plain = url_key("https://www.hankyung.com/article/2026092214371")
    assert plain == url_key("http://m.hankyung.com/article/2026092214371/?utm_source=x&rss=1#top")
    assert url_key("https://news.example.kr/view?idxno=2&id=1") != url_key("https://news.example.kr/view?idxno=3&id=1")


def test_case_39_four_forms_of_a_naver_article() -> None:
    forms = [
        "https://n.news.naver.com/mnews/article/015/0005212345?sid=101",
        "https://n.news.naver.com/article/015/0005212345",
        "https://news.naver.com/main/read.naver?mode=LSD&oid=015&aid=0005212345",
        "https://finance.naver.com/item/news_read.naver?article_id=0005212345&office_id=015",
    ]
    assert {url_key(form) for form in forms} == {"naver:015:0005212345"}


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "ftp://x.kr/a", "http://", "http://[::1", "https://mk.co.kr/"]
)
def test_what_is_no_article_address_has_no_key(url: str) -> None:
    assert url_key(url) is None


@pytest.mark.parametrize(
    "title", ["<KT 임원 인사>", "<Kia EV5>", "<DL 인사>", "<b 뉴스>", "<S 오일 실적>", "<표> 실적 추이", "<A사> 인수전"]
)
def test_f24_a_headline_in_angle_brackets_is_text(title: str) -> None:
    assert clean(title, 500) == title


@pytest.mark.parametrize(
    "tag", ["<b>", "<BR/>", "<br clear>", '<img src="가" alt="나">', "<P class=가>", "</strong>", "<h2 id='x'>"]
)
def test_tags_of_html_are_taken_out(tag: str) -> None:
    assert clean(f"{tag}KT 실적", 500) == "KT 실적"
