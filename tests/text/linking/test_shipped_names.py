"""The shipped files of names: their form, and that no line hides another company's."""

import csv
from importlib import resources

import pytest

from backend.domain.market import STOCK_CODE, ListedStock, WatchedStock
from backend.text.linking import StockNames, shipped
from backend.text.linking.shipped import Kind, load_aliases, load_kind
from backend.text.linking.spelling import fold_key, spell_letters, spellings
from tests.text.linking.titles import linked, read_names


def test_the_aliases_name_at_least_three_hundred_stocks_each_name_once() -> None:
    rows = load_aliases()
    assert len({code for code, _ in rows}) >= 300
    assert all(STOCK_CODE.match(code) for code, _ in rows)
    keys = [fold_key(alias) for _, alias in rows]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []
    assert all(len(key) >= shipped.SHORTEST for key in keys)
    assert list(rows) == sorted(rows)


def test_no_alias_is_the_name_of_another_stock() -> None:
    """Of the hundred stocks that the repository names; all listed ones are compared by bench.understanding."""
    owners = {fold_key(name): code for code, name in read_names().items()}
    assert [(code, alias) for code, alias in load_aliases() if owners.get(fold_key(alias), code) != code] == []


@pytest.mark.parametrize(
    ("alias", "code"),
    [("네이버", "035420"), ("SKT", "017670"), ("한전", "015760"), ("KAI", "047810"), ("에쓰오일", "010950"),
     ("기아차", "000270"), ("현대자동차", "005380"), ("포스코홀딩스", "005490"), ("하이닉스", "000660"),
     ("삼전", "005930"), ("LG엔솔", "373220"), ("한화에어로", "012450"), ("두산에너빌", "034020"), ("삼바", "207940"),
     ("대우조선해양", "042660"), ("GC녹십자", "006280"), ("케이티", "030200")],
)  # fmt: skip
def test_the_names_of_the_press_are_there(alias: str, code: str) -> None:
    assert (code, alias) in load_aliases()


def test_every_kind_has_names_in_their_folded_form() -> None:
    for kind in Kind:
        names = load_kind(kind)
        assert names
        assert all(name == fold_key(name) for name in names)
    assert not load_kind(Kind.WORD) & load_kind(Kind.HOLDING)


def test_a_line_that_is_no_alias_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_rows", lambda _: iter([("005930", "삼전"), ("5930", "전자")]))
    with pytest.raises(ValueError, match=r"Line 3 of aliases\.csv"):
        load_aliases.__wrapped__()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("LG전자", ("lg전자", "lg 전자")),
        ("삼성전기", ("삼성전기", "삼성 전기")),
        ("LS ELECTRIC", ("lselectric", "ls electric")),
        ("한국전력", ("한국전력",)),
        ("우리기술", ("우리기술",)),
        ("카페24", ("카페24",)),
        ("S-Oil", ("s-oil",)),
        ("(주)한화", ("한화",)),
        ("Samsung Electronics Co., Ltd.", ("samsungelectronics", "samsung electronics")),
    ],
)
def test_how_a_name_may_be_written(name: str, written: tuple[str, ...]) -> None:
    assert spellings(name) == written


@pytest.mark.parametrize(
    ("name", "legal"),
    [("SK가스", "에스케이가스"), ("KB금융", "케이비금융"), ("DL이앤씨", "디엘이앤씨"), ("삼성전자", ""), ("LG", ""),
     ("JYP Ent.", ""), ("S-Oil", "")],
)  # fmt: skip
def test_capitals_are_spelled_as_in_legal_names(name: str, legal: str) -> None:
    assert spell_letters(name) == legal


def test_other_names_of_a_listed_stock_count_when_it_is_watched() -> None:
    watched = [WatchedStock("999990", "가나다라", "KOSPI")]
    listed = [ListedStock("999990", "가나다라", ("Ganada Co., Ltd.", "주식회사 가나"))]
    names = StockNames(watched, listed)
    assert linked("Ganada wins an order", names) == linked("가나, 수주", names) == ["999990"]


def test_the_files_are_plain_lines_of_two() -> None:
    for file in (shipped.ALIASES, shipped.KINDS):
        text = (resources.files("backend.text.linking") / file).read_text(encoding="utf-8")
        assert {len(row) for row in csv.reader(text.splitlines())} == {2}
