"""Which way a sentence says that something went, against the way in which the facts say that it went.

A sentence is read in clauses. Past directions must have the sign of the figure in their clause, else of the figure that
the clause is about; a future direction of the price is refused, because azak forecasts none; a chance may be called
higher or lower than usual, and news good or bad, only as the facts have it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from backend.domain.forecasts import Verdict
from backend.reports.llm.facts import Fact, Facts
from backend.reports.llm.numbers import Number, read_numbers, supports
from backend.reports.llm.patterns import either, words
from backend.reports.llm.spelling import fold

_UP: Final = either(
    "상승|올랐|올라|오르|오름|급등|폭등|강세|반등|치솟|뛰었|뛰어|뛴|신고가|플러스",
    words("r[io]se risen rising gain(?:s|ed|ing)? climb(?:s|ed|ing)? jump(?:s|ed|ing)? surg(?:e[sd]?|ing)"),
    words(
        "soar(?:s|ed|ing)? rall(?:y|ied|ies|ying) advanc(?:e[sd]?|ing) rebound(?:s|ed|ing)? upward up upside bullish"
    ),
)
_DOWN: Final = either(
    "하락|내렸|내려(?!다)|내린|내림|급락|폭락|약세|떨어|추락|미끄러|신저가|마이너스|밀렸|밀려|빠졌",
    words(
        "f[ae]ll(?:s|en|ing)? drop(?:s|ped|ping)? declin(?:e[sd]?|ing) slid(?:es?|ing)? slip(?:s|ped|ping)? sank sunk"
    ),
    words("sink(?:s|ing)? plung(?:e[sd]?|ing) tumbl(?:e[sd]?|ing) downward down downside bearish"),
    r"\blos(?:es?|t|ing)\b(?=\s+(?:\d|ground|value|some|more|about))",
)
_FUTURE: Final = either(
    r"전망|예상|기대|것으로\s*보|[할일갈될를을]\s*것|[할일갈될를을]\s*수\s*있|가능성|[하이오르리지]겠|할\s*듯|임박",
    words("will would shall should may might could can expect(?:s|ed)? likely forecast(?:s|ed)? poised outlook"),
    r"\b(?:set|going)\s+to\b",
)
_IF: Final = either(r"[가-힣]면(?=[\s,.]|$)|경우|때는|여부", words("if when whether unless below above"))
_NOT: Final = either(r"지\s*(?:않|못)|아니|없이", words("not no never neither nor without hardly barely"), r"n't\b")
_CLAUSE: Final = either(
    r"(?<=[가-힣])(?:지만|는데|으나|으며|[았었였]고|하고|되고|반면(?:에)?)(?=[\s,])",
    r"[,;]\s+",
    r"\s(?:but|while|whereas|although|though|and|yet)\s",
)
_MARKET: Final = either("시장|코스피|코스닥|지수|증시", words("market index kospi kosdaq"))
_INDUSTRY: Final = either("업종|동종", words("industry sector peers?"))
_WEEK: Final = either(r"한\s*주|일주일|5\s*(?:거래)?일|주간", words("week five 5"))
_CHANCE: Final = either("확률|가능성|100번", words("chances? probabilit(?:y|ies) odds"), r"\bof\s+100\b")
_HIGH: Final = either("높|웃돌", words("higher above better increased? raised"), r"\bmore\s+likely\b")
_LOW: Final = either("낮|밑돌", words("lower below worse decreased? reduced"), r"\bless\s+likely\b")
# "Beating the market" as a claim, not as the name of what a chance is of.
_NO_NAME: Final = r"(?!\s*(?:할\s*)?(?:확률|가능성|여부))"
_BEATS: Final = either(f"상회{_NO_NAME}", words("outperform(?:s|ed|ing)?"), r"\bbeat(?:s|ing)?\s+the\s+market\b")
_LAGS: Final = either(
    f"하회{_NO_NAME}", words("underperform(?:s|ed|ing)?"), r"\blag(?:s|ged|ging)?\s+(?:behind\s+)?the\s+market\b"
)
_NAMED: Final = either(
    r"(?:chances?|probability|odds)\s+(?:of\s+|to\s+|that\s+it\s+)(?:beat\w*\s+the\s+market|outperform\w*)"
)
_VOLUME: Final = either("거래량|거래가", words("volume turnover"))
_MUCH: Final = either("많|늘|증가|급증|활발", words("heav(?:y|ier) high(?:er)? more increased? above large(?:r)?"))
_LITTLE: Final = either(
    "적(?:었|다|은|게|어)|줄|감소|급감|한산",
    words("light(?:er)? low(?:er)? less decreased? below thin(?:ner)? small(?:er)?"),
)
_GOOD: Final = either("호재|긍정적|우호적", words("positive favou?rable tailwinds? encouraging"), r"\bgood\s+news\b")
_BAD: Final = either("악재|부정적|비우호적", words("negative unfavou?rable headwinds? adverse"), r"\bbad\s+news\b")
_WAY_OF_STOCK: Final = either("주가|주식", words("shares? stock price"))


def contradicts(sentence: str, facts: Facts, cited: Sequence[Fact], *, may_be_conditional: bool = True) -> bool:
    """Whether a direction in the sentence is not the one of the facts, or one that they do not tell."""
    text = fold(sentence)
    clauses = [clause for clause in _CLAUSE.split(text) if clause and clause.strip()]
    if _misjudges(text, facts, cited):
        return True
    return any(_is_wrong(clause, facts, may_be_conditional=may_be_conditional) for clause in clauses)


def _misjudges(text: str, facts: Facts, cited: Sequence[Fact]) -> bool:
    """News called good or bad that is not marked so; a sentence without citations speaks of all stories."""
    signs = {fact.sign for fact in (cited or facts.facts) if fact.sign}
    judged = ((_GOOD, "positive"), (_BAD, "negative"))
    return any(word.search(text) and (sign not in signs or _NOT.search(text)) for word, sign in judged)


def _is_wrong(clause: str, facts: Facts, *, may_be_conditional: bool) -> bool:
    if _is_wrong_of_volume(clause, facts) or _is_wrong_of_chance(clause, facts):
        return True
    ways = [sign for pattern, sign in ((_UP, 1), (_DOWN, -1)) if _occurs(pattern, clause, facts)]
    if not ways:
        return False
    if may_be_conditional and _IF.search(clause):
        return False
    if len(ways) > 1 or _NOT.search(clause) or _FUTURE.search(clause):
        return True
    told = _signs_of_figures(clause, facts) or _signs_of_subject(clause, facts)
    return ways[0] not in told


def _occurs(pattern: re.Pattern[str], clause: str, facts: Facts) -> bool:
    """Whether the clause says it itself: words of a headline about something else than the price are quoted."""
    return any(not _is_quoted(clause, found, facts) for found in pattern.finditer(clause))


def _is_quoted(clause: str, found: re.Match[str], facts: Facts) -> bool:
    before = clause[: found.start()].split()
    phrase = f"{before[-1]} {found[0]}" if before else found[0]
    if not before or _WAY_OF_STOCK.search(phrase) or facts.sheet.stock_name in phrase:
        return False
    return any(phrase in title for title in facts.titles)


def _signs_of_figures(clause: str, facts: Facts) -> set[int]:
    """Signs that the facts have for the changes named in the clause."""
    named = [number for number in read_numbers(clause) if number.unit in ("percent", "points", "sigma")]
    found: list[set[int]] = []
    for said in named:
        signs = {told.sign or 0 for told in _all_numbers(facts) if supports(told, said)} - {0}
        if signs:
            found.append(signs)
    return set.intersection(*found) if found else set()


def _all_numbers(facts: Facts) -> Iterator[Number]:
    for numbers in facts.numbers.values():
        yield from numbers


def _signs_of_subject(clause: str, facts: Facts) -> set[int]:
    """Signs of what the clause is about: the market, the industry, else the stock, today or over a week."""
    price, move = facts.sheet.price, facts.sheet.move
    of_week = _WEEK.search(clause) is not None
    shares: list[float | None] = []
    if _INDUSTRY.search(clause):
        shares = [move.parts.get("industry") if move else None]
    elif price is None:
        shares = [move.move] if move else []
    elif _MARKET.search(clause) and not _WAY_OF_STOCK.search(clause) and facts.sheet.stock_name not in clause:
        shares = [price.market_five_day_return if of_week else price.market_day_return]
    elif of_week:
        shares = [price.five_day_return]
    else:
        shares = [price.day_return, move.move if move else None]
    return {1 if share > 0 else -1 for share in shares if share}


def _is_wrong_of_volume(clause: str, facts: Facts) -> bool:
    if not _VOLUME.search(clause):
        return False
    volume = facts.sheet.price.volume_z if facts.sheet.price else None
    said = [sign for pattern, sign in ((_MUCH, 1), (_LITTLE, -1)) if pattern.search(clause)]
    return bool(said) and (volume is None or len(said) > 1 or volume * said[0] <= 0 or bool(_NOT.search(clause)))


def _is_wrong_of_chance(clause: str, facts: Facts) -> bool:
    forecast = facts.sheet.forecasts[0] if facts.sheet.forecasts else None
    lean = forecast.lean if forecast else 0.0
    plain = _NAMED.sub(" ", clause)
    claims = [sign for pattern, sign in ((_BEATS, 1), (_LAGS, -1)) if pattern.search(plain)]
    if claims and not _IF.search(clause):
        has_opinion = forecast is not None and forecast.verdict != Verdict.NONE
        if not has_opinion or len(claims) > 1 or lean * claims[0] <= 0 or _NOT.search(clause):
            return True
    if not _CHANCE.search(clause):
        return False
    said = [sign for pattern, sign in ((_HIGH, 1), (_LOW, -1)) if pattern.search(clause)]
    return bool(said) and (len(said) > 1 or lean * said[0] <= 0 or bool(_NOT.search(clause)))
