"""KIS's answers on hand-written bytes (docs/nasty-cases.md: 2, 3, 4, 15, 59, 61-64, 66, 69, 71, 73)."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from backend.domain.news import NewsKind, Precision
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources import kis, kis_actions, kis_master, kis_news, kis_prices
from tests.sources.answers import answer, json_answer, master_line, zipped

OK = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, {"rt_cd": "1", "msg_cd": "EGW00201"}, kis.BusyError),
        (200, {"rt_cd": "1", "msg_cd": "EGW00201"}, kis.BusyError),
        (500, {"rt_cd": "1", "msg_cd": "EGW00123"}, kis.TokenRejectedError),
        (403, {"error_code": "EGW00103", "error_description": "유효하지 않은 AppKey입니다."}, SourceRefusedError),
        (500, {"rt_cd": "1", "msg_cd": "EGW02004"}, SourceRefusedError),
        (500, {"rt_cd": "1", "msg_cd": "", "msg1": "시스템 점검"}, SourceTemporaryError),
        (200, {"rt_cd": "2", "msg_cd": "OPSQ0002", "msg1": "없는 서비스 코드"}, SourceChangedError),
        (200, {"output": []}, SourceChangedError),
    ],
)
def test_cases_2_3_a_success_is_rt_cd_0_whatever_the_status(
    status: int, body: dict[str, Any], expected: type[SourceError]
) -> None:
    with pytest.raises(expected):
        kis.read_success(json_answer(body, status=status))


def test_case_4_the_token_limit_comes_as_403_in_an_envelope_of_its_own() -> None:
    body = {"error_description": "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)", "error_code": "EGW00133"}
    with pytest.raises(SourceTemporaryError) as caught:
        kis.parse_token(json_answer(body, status=403))
    assert caught.value.retry_after_s == 61


def test_a_token_ends_when_kis_says_in_korean_time_and_within_a_day() -> None:
    body = {"access_token": "eyJ0-s3cret", "expires_in": 86400, "access_token_token_expired": "2026-10-04 09:00:00"}
    token = kis.parse_token(json_answer(body))
    assert token.value.get_secret_value() == "eyJ0-s3cret"
    assert token.expires_at == datetime(2026, 10, 4, 0, 0, tzinfo=UTC)
    assert "s3cret" not in repr(token)
    for expiry in ("2099-01-01 00:00:00", "soon", None):
        token = kis.parse_token(json_answer(body | {"access_token_token_expired": expiry}))
        assert token.expires_at == datetime(2026, 10, 4, 3, 0, tzinfo=UTC)


def quote(code: str, **fields: str) -> dict[str, str]:
    given = {"inter2_prpr": "260500", "inter2_sdpr": "261000", "inter2_prdy_clpr": "261000", "acml_vol": "11036511"}
    return {"inter_shrn_iscd": code, **given, **fields}


def test_case_73_a_batch_in_another_order_with_one_stock_missing() -> None:
    body = OK | {"output": [quote("000660", inter2_prpr="1000"), {}, quote("005930"), quote("999999")]}
    quotes = kis_prices.parse_quotes(json_answer(body), ["005930", "035420", "000660"])
    assert [(q.stock_code, q.last_price_krw) for q in quotes] == [("005930", 260_500), ("000660", 1_000)]


@pytest.mark.parametrize("broken", [{"inter2_prpr": "0"}, {"inter2_prpr": "-"}, {"acml_vol": "0"}, {"acml_vol": ""}])
def test_cases_61_62_71_a_stock_without_a_trade_has_no_quote(broken: dict[str, str]) -> None:
    assert kis_prices.parse_quotes(json_answer(OK | {"output": [quote("005930", **broken)]}), ["005930"]) == []


def test_case_66_a_new_listing_has_a_base_price_and_no_yesterday() -> None:
    row = quote("0126Z0", inter2_prdy_clpr="", inter2_sdpr="20000", inter2_prpr="80000")  # 400 % of the offer price
    found = kis_prices.parse_quotes(json_answer(OK | {"output": [row]}), ["0126Z0"])[0]
    assert (found.stock_code, found.last_price_krw, found.previous_close_krw) == ("0126Z0", 80_000, 20_000)


def daily(*values: str) -> dict[str, str]:
    names = ("stck_bsop_date", "stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol")
    return dict(zip(names, values, strict=True))


def test_cases_62_64_69_daily_rows_empty_halted_repeated_limit_locked_and_unsorted() -> None:
    rows = [
        daily("20260903", "339000", "339000", "339000", "339000", "1200"),
        {},
        daily("20260901", "256500", "262500", "254000", "260500", "11036511"),
        daily("20260901", "256500", "262500", "254000", "260500", "11036511"),
        daily("20260902", "0", "0", "0", "260500", "0"),
        daily("20260931", "1", "1", "1", "1", "1"),
    ]
    bars = kis_prices.parse_daily([json_answer(OK | {"output2": rows})], "005930")
    assert [bar.trade_date for bar in bars] == [date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3)]
    assert (bars[1].open_krw, bars[1].regular_close_krw) == (None, 260_500)
    locked = bars[2]
    assert locked.open_krw == locked.high_krw == locked.low_krw == locked.regular_close_krw == 339_000


def test_index_levels_come_in_pages() -> None:
    pages = [
        json_answer(OK | {"output2": [{"stck_bsop_date": day, "bstp_nmix_prpr": level}]})
        for day, level in (("20260902", "2660.10"), ("20260901", "2,655.37"))
    ]
    assert [bar.close for bar in kis_prices.parse_index(pages, "KOSPI")] == [2655.37, 2660.10]


def minute(hour: str, price: str, volume: str) -> dict[str, str]:
    prices = dict.fromkeys(("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_prpr"), price)
    return {"stck_bsop_date": "20261003", "stck_cntg_hour": hour, "cntg_vol": volume, **prices}


def test_cases_63_71_minutes_without_trades_and_minutes_still_to_come_are_no_bars() -> None:
    rows = [
        minute("153000", "1000", "50"),  # the future repeats the last price, here even with a volume
        minute("115900", "1000", "50"),
        minute("115800", "990", "0"),
        minute("115700", "980", "7"),
        {},
    ]
    bars = kis_prices.parse_minutes(json_answer(OK | {"output2": rows}), "005930")
    assert [(bar.ts.minute, bar.close_krw, bar.volume) for bar in bars] == [(57, 980, 7), (59, 1000, 50)]


def title(number: str, text: str, agency: str = "6", **codes: str) -> dict[str, str]:
    return {
        "cntt_usiq_srno": number, "news_ofer_entp_code": agency, "data_dt": "20261003", "data_tm": "093012",
        "hts_pbnt_titl_cntt": text, "dorg": "연합뉴스", **codes,
    }  # fmt: skip


def test_headlines_have_a_number_for_a_key_and_the_agencys_own_tags() -> None:
    rows = [
        title("2026100309301212", "삼성전자, HBM4 양산", iscd1="005930", iscd2="", iscd3="0126Z0", iscd4="12345"),
        title("2026100309301213", "SK하이닉스 공급계약", agency="F", iscd1="000660"),
        title("", "번호 없음"),
        title("2026100309301214", ""),
        {},
    ]
    parsed = kis_news.parse_titles(json_answer(OK | {"output": rows}))
    assert [a.url_key for a in parsed.articles[:2]] == ["kis:2026100309301212", "kis:2026100309301213"]
    assert parsed.articles[0].feed_codes == ("005930", "0126Z0")
    assert (parsed.articles[0].publisher, parsed.articles[0].precision) == ("연합뉴스", Precision.SECOND)
    assert parsed.articles[0].published_at == datetime(2026, 10, 3, 0, 30, 12, tzinfo=UTC)
    assert [a.kind for a in parsed.articles[:2]] == [NewsKind.ARTICLE, NewsKind.FILING]
    assert parsed.dropped == {"no_title": 1}


def master(content: bytes, file: kis_master.MasterFile = kis_master.KOSPI, **given: Any) -> kis_master.Master:
    return kis_master.parse_master(answer(zipped("x_code.mst", content), **given), file)


# What differs from a plain share: the line's code, name and fields, and what azak reads; None: no stock.
LINES: Final[dict[str, tuple[str, str, dict[str, str], dict[str, object] | None]]] = {
    "a share": ("005930", "삼성전자", {}, {
        "name": "삼성전자", "isin": "KR7005930003", "kind": "share", "base_price_krw": 72_000, "par_value_krw": 100,
        "shares": 5_919_637_000, "listed_on": date(1975, 6, 11), "status": "normal", "lock_class": "none",
        "par_change": "none", "capital_increase": "none"}),
    "letters of cp949 alone in a name": ("0126Z0", "똠방에피스", {}, {"name": "똠방에피스", "kind": "share"}),
    "a name of 40 bytes": ("005930", "가" * 20, {}, {"name": "가" * 20, "base_price_krw": 72_000}),
    "a name longer than its field": ("005930", "가" * 35, {}, {"name": "가" * 35, "base_price_krw": 72_000}),
    "halted": ("000660", "정지", {"flags": "YNN"}, {"is_halted": True, "status": "halted"}),
    "liquidation": ("000660", "정리", {"flags": "NYY"}, {"is_liquidation": True, "status": "halted"}),
    "managed": ("000660", "관리", {"flags": "NNY"}, {"is_managed": True, "status": "managed"}),
    "base price 0": ("000660", "스팩", {"base": "0" * 9, "flags": "NYN"}, {"base_price_krw": None}),
    "base price blank": ("000660", "신규", {"base": ""}, {"base_price_krw": None}),
    "first day without bonus shares": ("000660", "무증", {"lock": "01", "increase": "02"}, {
        "lock_class": "ex_rights", "capital_increase": "bonus"}),
    "without rights and dividend": ("000660", "권배", {"lock": "04", "increase": "03"}, {
        "lock_class": "ex_rights_dividend", "capital_increase": "paid_and_bonus"}),
    "interim dividend": ("000660", "중간", {"lock": "05"}, {"lock_class": "ex_interim"}),
    "split": ("000660", "분할", {"par_change": "01"}, {"par_change": "split"}),
    "reverse split": ("000660", "병합", {"par_change": "02"}, {"par_change": "reverse_split"}),
    "codes of other reasons": ("000660", "기타", {"lock": "99", "par_change": "99", "increase": "77"}, {
        "lock_class": "other", "par_change": "other", "capital_increase": "other"}),
    "blank codes": ("000660", "빈칸", {"lock": "", "par_change": "", "increase": ""}, {"lock_class": "none"}),
    "an old preferred share": ("000215", "우선주", {"preferred": "1"}, {"kind": "preferred"}),
    "a new one with a letter": ("00104K", "4우(전환)", {"preferred": "9"}, {"kind": "preferred"}),
    "one whose class is not told": ("005935", "삼성전자우", {"preferred": ""}, {"kind": "preferred"}),
    "no par value": ("900140", "외국주권", {"group": "FS", "par_value": "0" * 12}, {
        "kind": "share", "par_value_krw": None, "group_code": "FS"}),
    "a code with a letter in fifth place is no preferred one": ("0126Z0", "지주", {}, {"kind": "share"}),
    "an exchange-traded fund": ("069500", "KODEX 200", {"group": "EF"}, {"kind": "fund"}),
    "a new one": ("0000D0", "TIGER 커버드콜", {"group": "EF"}, {"kind": "fund"}),
    "a note": ("Q500055", "인버스 ETN", {"group": "EN"}, {"code": "500055", "kind": "fund"}),
    "a company of infrastructure": ("088980", "인프라", {"group": "IF"}, {"kind": "share"}),
    "an unknown group": ("123450", "새 상품", {"group": "XY"}, {"kind": "other"}),
    "no date of listing": ("000660", "미정", {"listed_on": "00000000"}, {"listed_on": None}),
    "an unlisted fund": ("F70100022", "수익증권", {"group": "BC"}, None),
    "a subscription right": ("J0036221D", "122WR", {"group": "SW"}, None),
}  # fmt: skip


@pytest.mark.parametrize("file", kis_master.FILES, ids=lambda file: file.market)
@pytest.mark.parametrize("case", LINES)
def test_a_master_line_is_read_field_by_field(case: str, file: kis_master.MasterFile) -> None:
    code, name, fields, expected = LINES[case]
    found = master(
        master_line(code, name, file.market, **fields) + master_line("111110", "다른 주식", file.market), file
    )
    listed = {listing.code: listing for listing in found.listings}
    assert listed.pop("111110").market is file.market
    if expected is None:
        assert (listed, found.skipped) == ({}, 1)
        return
    (listing,) = listed.values()
    assert {name: getattr(listing, name) for name in expected} == expected
    wide = file is not kis_master.KONEX
    assert (listing.industry, listing.conglomerate) == (("0027/0013/0000", "511") if wide else (None, None))


def test_a_code_that_comes_twice_is_the_first_and_the_sender_says_when_it_made_the_file() -> None:
    content = master_line("030270", "회사") + master_line("030270", "회사 신주", isin="KRA030270151")
    found = master(content, last_modified="Sat, 03 Oct 2026 07:31:00 GMT")
    assert [listing.name for listing in found.listings] == ["회사"]
    assert found.told_at == datetime(2026, 10, 3, 7, 31, tzinfo=UTC)
    assert master(content, last_modified="yesterday").told_at is None
    assert found.digest == master(content).digest != master(content + master_line("111110", "또")).digest


_GOOD = b"".join(master_line(f"{100 + number:03}000", "주식") for number in range(100))


@pytest.mark.parametrize(
    ("content", "expected", "sentence"),
    [
        (_GOOD[: len(_GOOD) // 2 + 7], SourceTemporaryError, "kis_master sent a KOSPI file that ends within a line;"),
        (_GOOD[:-1], SourceTemporaryError, "kis_master sent a KOSPI file that ends within a line;"),
        (_GOOD + b"005930", SourceTemporaryError, "kis_master sent a KOSPI file that ends within a line;"),
        (master_line("005930", "삼성", "KOSDAQ") * 3, SourceChangedError, "kis_master sent a KOSPI file of which 3 of"),
        (_GOOD.replace(b"NNN", b"N?N", 2), SourceChangedError, "kis_master sent a KOSPI file of which 2 of 100 lines"),
        (_GOOD.replace(b"000072000", b"7.2e4    "), SourceChangedError, "kis_master sent a KOSPI file of which 100"),
        (_GOOD.decode("cp949").encode(), SourceChangedError, "kis_master sent a KOSPI file in UTF-8"),
        (_GOOD.replace("주식".encode("cp949"), b"a\x00b\x07"), SourceChangedError, "kis_master sent a KOSPI file of"),
        (master_line("069500", "펀드", group="EF"), SourceChangedError, "kis_master sent a KOSPI file without a"),
    ],
    ids=["half", "no end", "piece", "other market", "flags", "number", "utf-8", "control letters", "funds alone"],
)  # fmt: skip
def test_a_master_file_that_is_not_whole_is_refused(content: bytes, expected: type[SourceError], sentence: str) -> None:
    with pytest.raises(expected) as refused:
        master(content)
    assert refused.value.detail.startswith(sentence)


def test_one_bad_line_in_a_hundred_is_left_out_and_half_a_letter_at_the_end_of_a_name_too() -> None:
    found = master(_GOOD.replace(b"NNN", b"N?N", 1))
    assert (len(found.listings), found.skipped) == (99, 1)
    whole = master_line("005930", "a" + "가" * 19 + "b")
    (listing,) = master(whole.replace(b"b" + b"ST", "나".encode("cp949")[:1] + b"ST")).listings
    assert listing.name == "a" + "가" * 19


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"PK\x03\x04 no archive", SourceTemporaryError),
        (b"", SourceTemporaryError),
        (zipped("other.txt", b""), SourceChangedError),
        (zipped("x.mst", b"a layout that has changed\n" * 20), SourceChangedError),
        (zipped("x.mst", b"0" * 100_000_000), SourceChangedError),
    ],
    ids=["broken", "empty", "another member", "another layout", "bomb"],
)
def test_cases_14_15_what_is_no_master_file_is_an_error(body: bytes, expected: type[SourceError]) -> None:
    with pytest.raises(expected):
        kis_master.parse_master(answer(body), kis_master.KOSPI)


# Rows of the depository's five lists, in the forms of KIS's examples, and what is read: first session, factor.
ACTIONS: Final[list[tuple[str, dict[str, str], tuple[date, float | None] | None]]] = [
    ("bonus", {"sht_cd": "123450", "fix_rate": "100.00", "right_dt": "20240521"}, (date(2024, 5, 21), 1 / 2)),
    ("bonus", {"sht_cd": "123450", "fix_rate": "1000.0", "right_dt": "20240325"}, (date(2024, 3, 25), 1 / 11)),
    ("bonus", {"sht_cd": "123450", "fix_rate": " 30.00", "right_dt": "20240325"}, (date(2024, 3, 25), 1 / 1.3)),
    ("bonus", {"sht_cd": "123450", "fix_rate": "0.00", "right_dt": "20240325"}, (date(2024, 3, 25), None)),
    ("bonus", {"sht_cd": "123450", "fix_rate": "100.00", "right_dt": ""}, None),
    ("paid", {"sht_cd": "123450", "fix_rate": " 20.00", "fix_price": "500", "right_dt": "20240221"},
     (date(2024, 2, 21), None)),
    ("par_change", {"sht_cd": "010120", "inter_bf_face_amt": "000005000", "inter_af_face_amt": "000001000",
                    "td_stop_dt": "2026/04/08 ~ 2026/04/12", "list_dt": "2026/04/13"}, (date(2026, 4, 13), 0.2)),
    ("par_change", {"sht_cd": "033050", "inter_bf_face_amt": "000000100", "inter_af_face_amt": "000001000",
                    "list_dt": "2026/10/30"}, (date(2026, 10, 30), 10.0)),
    ("par_change", {"sht_cd": "033050", "inter_bf_face_amt": "0", "inter_af_face_amt": "100",
                    "list_dt": "2026/10/30"}, (date(2026, 10, 30), None)),
    ("reduction", {"sht_cd": "005110", "reduce_cap_rate": " 0.20", "comp_way": "곱하기", "list_dt": "2023/10/27"},
     (date(2023, 10, 27), None)),
    ("reduction", {"sht_cd": "08824K", "reduce_cap_rate": " 4.00", "comp_way": "나누기", "list_dt": ""}, None),
    ("merger_or_split", {"sht_cd": "123450", "merge_rate": "1.00", "list_dt": "20260814"}, (date(2026, 8, 14), None)),
    ("merger_or_split", {"sht_cd": "", "merge_rate": "1.00", "list_dt": "20260814"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "row", "expected"), ACTIONS)
def test_an_action_of_the_depository_has_its_first_session_and_a_factor_where_that_is_exact(
    kind: str, row: dict[str, str], expected: tuple[date, float | None] | None
) -> None:
    (call,) = (call for call in kis_actions.CALLS if call.kind == kind)
    found = kis_actions.parse_actions(json_answer(OK | {"output1": [{}, row]}), call)
    told = [(action.ex_date, action.factor and pytest.approx(action.factor)) for action in found]
    assert (told, [action.kind for action in found]) == (([expected], [kind]) if expected else ([], []))
