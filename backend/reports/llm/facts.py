"""The fact sheet as a language model is told it: named facts with figures spelled as the reports spell them.

Each fact has an id that a sentence may cite: "n123" is a story, the others are figures. Of headlines only what can be
seen is passed on, cut to a length; one that gives instructions is withheld.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from backend.domain.figures import change, fixed, of_hundred, percent, signed
from backend.domain.forecasts import HIGH, LOW, MEDIAN
from backend.domain.understanding.event_types import EVENT_TYPES
from backend.reports.fact_sheet import FactSheet, ForecastFacts, MoveFacts, PriceFacts, RecordFacts, StoryFacts
from backend.reports.llm.instructions import gives_instructions
from backend.reports.llm.numbers import Number, read_names_with_digits, read_numbers
from backend.reports.llm.spelling import fold
from backend.reports.report_markdown import day, krw, moment

TITLE_LENGTH: Final = 120
NAME_LENGTH: Final = 40
CASES: Final = 3
WITHHELD: Final = "(withheld: this headline gives instructions)"
_SIGNS: Final = {"+": "positive", "-": "negative"}
_EVENTS: Final = {event.id: event.english for event in EVENT_TYPES}
_LOUD: Final = 1.0


@dataclass(frozen=True, slots=True)
class Fact:
    """What is told under one id. `sign`: of a story, "positive", "negative" or "unclear"; empty for figures."""

    id: str
    told: Mapping[str, str]
    sign: str = ""

    @property
    def text(self) -> str:
        return " ; ".join(self.told.values())


@dataclass(frozen=True)
class Facts:
    """Everything that is told of one stock, in the order in which it may be cut: the least needed last."""

    sheet: FactSheet
    facts: tuple[Fact, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def numbers(self) -> Mapping[str, tuple[Number, ...]]:
        """The numbers of each fact."""
        return {fact.id: read_numbers(fact.text) for fact in self.facts}

    @cached_property
    def common_numbers(self) -> tuple[Number, ...]:
        """Numbers that any sentence may name: the time of the sheet, its code and how far back its figures reach."""
        sheet = self.sheet
        spans = f"5거래일, {sheet.stories_since_days}일, {len(sheet.stories)}건, 100"
        return read_numbers(f"{moment(sheet.asof)}, {sheet.stock_code}, {spans}")

    @cached_property
    def text(self) -> str:
        """All of it as one text in small letters, to look names up in."""
        sheet = self.sheet
        told = [sheet.stock_name, sheet.stock_code, sheet.market, *(fact.text for fact in self.facts)]
        return fold(" ; ".join(told)).lower()

    @cached_property
    def titles(self) -> tuple[str, ...]:
        return tuple(fold(fact.told["title"]) for fact in self.facts if "title" in fact.told)

    @cached_property
    def signed_numbers(self) -> tuple[tuple[str, Number], ...]:
        """Numbers with a sign, each with the key under which it is told."""
        entries = (entry for fact in self.facts for entry in fact.told.items())
        return tuple((key, number) for key, text in entries for number in read_numbers(text) if number.sign)

    @cached_property
    def multiples_of_titles(self) -> tuple[Number, ...]:
        return tuple(number for title in self.titles for number in read_numbers(title) if number.unit == "times")

    @cached_property
    def names_with_digits(self) -> frozenset[str]:
        return frozenset(read_names_with_digits(self.text))


def plain(text: str, length: int) -> str:
    """What a reader sees of a text from outside, in one line."""
    return " ".join(fold(text).split())[:length]


def list_facts(sheet: FactSheet) -> Facts:
    """What a language model may be told of this sheet."""
    return Facts(sheet, tuple(_list(sheet)))


def _list(sheet: FactSheet) -> Iterator[Fact]:
    if sheet.price is not None:
        yield _price(sheet.price)
    if sheet.move is not None:
        yield _move(sheet.move)
    known = {story.news_id for story in sheet.stories}
    new = {story.news_id for story in sheet.new_stories}
    for story in sheet.stories:
        yield _story(story, is_new=story.news_id in new)
    for fitting in sheet.move.stories if sheet.move else ():
        if fitting.news_id not in known:
            yield Fact(f"n{fitting.news_id}", {"title": _title(fitting.title)}, "unclear")
    yield from (_forecast(sheet, forecast) for forecast in sheet.forecasts[:1])
    if sheet.previous is not None and sheet.previous.price_krw and sheet.previous.move is not None:
        previous = sheet.previous
        told = {"at": moment(previous.asof), "price": f"{krw(previous.price_krw or 0)}원"}
        yield Fact("previous", told | {"stock_since_then": change(previous.move or 0.0)})
    if sheet.forecasts:
        yield from (_record(one) for one in sheet.record if one.horizon == sheet.forecasts[0].horizon)
    days = {f"{date.kind}_{number}": day(date.on) for number, date in enumerate(sheet.dates)}
    listed = {"studies": _studies(sheet), "expected": _expected(sheet), "dates": days.items(), "cases": _cases(sheet)}
    yield from (Fact(name, told) for name, entries in listed.items() if (told := dict(entries)))


def _optional(**shares: float | None) -> dict[str, str]:
    return {name: change(share) for name, share in shares.items() if share is not None}


def _price(price: PriceFacts) -> Fact:
    at = moment(price.at) if price.at else day(price.bars_to) if price.bars_to else ""
    told = {"price": f"{krw(price.last_krw)}원", "at": at} | _optional(
        stock_today=price.day_return, market_today=price.market_day_return, stock_5_days=price.five_day_return,
        market_5_days=price.market_five_day_return,
    )  # fmt: skip
    if price.volume_z is not None:
        size = "more than usual" if price.volume_z >= _LOUD else "less than usual"
        told["volume"] = "as usual" if abs(price.volume_z) < _LOUD else size
        told["volume_sigma"] = f"{signed(price.volume_z, 1)}σ"
    return Fact("price", told)


_CAUSES: Final = {
    "usual": "its own part is within the usual",
    "story": "a story fits in time and direction",
    "no_story": "no story explains it",
    "unknown": "azak has no news of that time",
}


def _move(move: MoveFacts) -> Fact:
    told = {"stock_since_last_close": change(move.move)}
    told |= {f"{name}_part": change(share) for name, share in move.parts.items()}
    told["own_part_times_usual"] = f"{fixed(abs(move.own_sigmas), 1)}배"
    told["cause"] = _CAUSES.get(move.cause, "not known")
    if move.stories:
        told["fits"] = ", ".join(f"[n{story.news_id}]" for story in move.stories)
    return Fact("move", told)


def _title(title: str) -> str:
    return WITHHELD if gives_instructions(title) else plain(title, TITLE_LENGTH)


def _story(story: StoryFacts, *, is_new: bool) -> Fact:
    sign = _SIGNS.get(story.sign, "unclear")
    told = {
        "title": _title(story.title), "publisher": plain(story.publisher, NAME_LENGTH), "at": moment(story.known_at),
        "articles": f"{story.size}건", "event": _EVENTS.get(story.event_type, "other"), "sign": sign,
    }  # fmt: skip
    if story.amount_krw is not None:
        told["amount"] = f"{krw(story.amount_krw)}원"
    if story.counterparty:
        told["counterparty"] = plain(story.counterparty, NAME_LENGTH)
    if story.value_share is not None:
        told["share_of_market_value"] = percent(story.value_share)
    return Fact(f"n{story.news_id}", told | ({"new": "since the last report"} if is_new else {}), sign)


def _forecast(sheet: FactSheet, forecast: ForecastFacts) -> Fact:
    told = {"horizon": f"{forecast.horizon}거래일"}
    if forecast.base_rate is None:
        told["chance_to_beat_market"] = f"{fixed(100 * forecast.p_up, 0)} of 100"
    else:
        usual, now = of_hundred(forecast.base_rate, forecast.p_up)
        told |= {"usual_chance_to_beat_market": f"{usual} of 100", "chance_to_beat_market_now": f"{now} of 100"}
    told["verdict"] = {"call": "a proven call", "lean": "a lean, not proven"}.get(forecast.verdict, "no opinion")
    told["band"] = percent(sheet.band_level, 0)
    for name, at in (("band_low", LOW), ("band_middle", MEDIAN), ("band_high", HIGH)):
        told[name] = f"{krw(forecast.quantiles_krw[at])}원"
    return Fact(f"forecast_{forecast.horizon}", told | {"until": day(forecast.exit_trade_date)})


def _record(record: RecordFacts) -> Fact:
    told = {"forecasts": f"{record.n}건", "days": f"{record.n_days}일", "calls": f"{record.opinions}건"}
    if record.hit_rate is not None:
        told["calls_right"] = percent(record.hit_rate)
    if record.baseline is not None:
        told["baseline"] = percent(record.baseline)
    if record.inside is not None:
        told["inside_band"] = f"{record.inside}건"
    return Fact(f"record_{record.horizon}", told)


def _studies(sheet: FactSheet) -> Iterator[tuple[str, str]]:
    """What past events of this kind were followed by; the key says that it is of cases, as directions look it up."""
    for number, study in enumerate(sheet.studies[:CASES], start=1):
        sign = _SIGNS.get(study.sign, "neutral")
        after = f"{change(study.mean)} on average {study.horizon}거래일 later against the market"
        yield (
            f"case_study_{number}",
            f"{sign} {_EVENTS.get(study.type, 'other')}: {after}, {study.n}건 on {study.n_days}일",
        )


def _expected(sheet: FactSheet) -> Iterator[tuple[str, str]]:
    for expected in sheet.expected[:1]:
        usual = "" if expected.usual is None else f", usually {percent(expected.usual)}"
        move = percent(expected.move)
        yield "size_one_outcome_in_two_exceeds", f"{expected.horizon}거래일 {move}{usual}"


def _cases(sheet: FactSheet) -> Iterator[tuple[str, str]]:
    for number, case in enumerate(sheet.cases[:CASES], start=1):
        after: dict[str, Any] = _optional(next_day=case.return_1, five_days=case.return_5)
        told = ", ".join(f"{name} {share}" for name, share in after.items())
        yield f"case_{number}", f"{plain(case.stock_name, NAME_LENGTH)} {day(case.known_at)}: {told} against the market"
