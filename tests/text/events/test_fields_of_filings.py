"""What the fields of a filing say goes before the words of its form, except that what was undone stays undone."""

import pytest

from backend.domain.news import NewsKind
from backend.domain.understanding.events import Sign, Stage, Told, with_fields
from backend.text.events import read_event

NAME = "한빛소재 - 주요사항보고서"


def test_fields_fill_what_a_form_cannot_say() -> None:
    event = with_fields(read_event(f"{NAME}(영업양도결정)", NewsKind.FILING), Told(80_000_000_000, "가온", 0.15))
    assert (event.type, event.sign, event.stage) == ("stake_sale", Sign.NEUTRAL, Stage.DECIDED)
    assert (event.amount_krw, event.counterparty, event.share) == (80_000_000_000, "가온", 0.15)


def test_fields_that_say_nothing_leave_the_words() -> None:
    event = read_event(f"{NAME}(유상증자결정)", NewsKind.FILING)
    assert with_fields(event, Told()) == event


@pytest.mark.parametrize(("report", "sign"), [("회사분할결정", Sign.NEGATIVE), ("회사분할결정 철회", Sign.REVERSED)])
def test_the_way_of_a_division_decides_its_sign_unless_it_was_called_off(report: str, sign: Sign) -> None:
    event = read_event(f"{NAME}({report})", NewsKind.FILING)
    assert event.sign in (Sign.NEUTRAL, Sign.REVERSED)
    assert with_fields(event, Told(sign=Sign.NEGATIVE)).sign is sign
