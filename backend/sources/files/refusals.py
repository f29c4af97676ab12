"""Why a row of a file is not stored: one kind a reason, with the sentence that says what can be done about it."""

from dataclasses import dataclass
from typing import Final

REASONS: Final = {
    # of the record
    "few_columns": "the line has fewer columns than the header; is it cut, or is the delimiter inside a value?",
    "many_columns": "the line has more columns than the header; is the delimiter inside a value?",
    "open_quote": "a quote is never closed, or a value is longer than 131,072 letters; repair it or cut the value",
    "cut_row": "the file ends inside this line; load it down again (or end the line, if it is whole)",
    "no_object": "the line is no JSON object",
    # of a value
    "no_code": "the row has no code; say it with --code, or name the file after it (005930.csv)",
    "bad_code": "this is no code of a Korean stock (six of 0-9A-Z; digits alone may lack zeros in front)",
    "bad_isin": "the check digit of the ISIN is wrong, so it is misspelt",
    "no_share": "not a share of the Korea Exchange",
    "unknown_isin": "only a list of stocks tells the code of this ISIN; run 'azak import listed' first",
    "bad_date": "not a day in a form that azak reads (2024-01-02, 20240102, an Excel serial; the year comes first)",
    "no_day": "the row has no day; say it with --date YYYY-MM-DD",
    "day_first": "days of this file lie in the future when read as year.month.day, so the day seems to come first",
    "not_yet": "a day without a time counts from the next opening, which is still to come; import it then",
    "future_date": "the date lies in the future",
    "bad_number": "not a number",
    "bad_price": "the prices cannot be: below zero, beyond 2,000,000,000 won, or the low above the high",
    "negative_volume": "the volume is negative, as when a 32-bit column overflows; export it again",
    "no_price": "the row has no price: missing, not a halt",
    "missing_value": "a price or the volume is missing",
    # of the day and the series
    "closed_day": "the exchange was closed on this day",
    "unfinished": "the session has not closed, or the row has a close alone: not the last word",
    "disagrees": "two rows for this day disagree; remove the wrong one",
    "before_rebase": "the series was adjusted anew, but the file does not reach over all stored days; import it whole",
    "other_basis": "stored prices of this stock are of another basis (raw or adjusted); import one kind only",
    "other_source": "a live source told another value for this day, and a file does not replace it",
    "unknown_stock": "neither the file nor a list says this stock's market; run 'azak import listed' first",
    # of news and listings
    "no_title": "the row has no title",
    "not_news": "a photograph, an obituary or an advertisement",
    "broken_letters": "letters of the title were lost before; export it again",
    "excluded": "the provider marks the article as a copy or as left out of its analysis",
    "no_address": "neither an address nor a day and a title to know the article by",
    "no_name": "the row has no name",
    "not_listed": "the company has no listed share",
    "unknown_market": "not a market of the Korea Exchange (KOSPI, KOSDAQ, KONEX)",
    "delisted": "the stock is not listed any more",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not stored. `value`: the cell that was meant, cut."""

    line: int
    kind: str
    code: str = ""
    day: str = ""
    value: str = ""

    @property
    def reason(self) -> str:
        return REASONS[self.kind]
