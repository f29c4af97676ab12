"""Which way a sentence says that something went, against the way in which the facts say that it went.

A sentence is read in clauses. Past directions must have the sign of the figure in their clause, else of the figure that
the clause is about; a future direction of the price is refused, because azak forecasts none; a chance may be called
higher or lower than usual, and news good or bad, only as the facts have it.
"""

import re
from collections.abc import Sequence
from typing import Final

from backend.domain.forecasts import Verdict
from backend.reports.llm.facts import Fact, Facts
from backend.reports.llm.numbers import Number, read_numbers, supports
from backend.reports.llm.patterns import either, words
from backend.reports.llm.spelling import fold

_UP: Final = either(
    r"(?<![\w-])up(?![\w-])(?!\s+to\b)",
    "상승|(?<!떠)(?:올랐|올라|올린|오[르를른름])|급등|폭등|강세|반등|치솟|뛰었|뛰어|뛴|신고가|플러스",
    words("r[io]se risen rising gain(?:s|ed|ing)? climb(?:s|ed|ing)? jump(?:s|ed|ing)? surg(?:e[sd]?|ing)"),
    words("soar(?:s|ed|ing)? rall(?:y|ied|ies|ying) advanc(?:e[sd]?|ing) rebound(?:s|ed|ing)? upward upside bullish"),
)
_DOWN: Final = either(
    r"(?<![\w-])down(?![\w-])",
    "하락|내(?:렸|려(?!다)|린|림|릴|리는)|급락|폭락|약세|떨어|떨군|추락|미끄러|신저가|마이너스|밀렸|밀려|밀릴|빠졌|빠질",
    words(
        "f[ae]ll(?:s|en|ing)? drop(?:s|ped|ping)? declin(?:e[sd]?|ing) slid(?:es?|ing)? slip(?:s|ped|ping)? sank sunk"
    ),
    words("sink(?:s|ing)? plung(?:e[sd]?|ing) tumbl(?:e[sd]?|ing) downward downside bearish"),
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
    r"[,;]\s+|\(|가운데\s|(?<=하락해)\s|(?<=상승해)\s|(?<=올라)\s|(?<=내려)\s",
    r"\s(?:compared\s+(?:with|to)|versus|vs\.?|against|ahead\s+of|than)\s",
    r"\s(?:but|while|whereas|although|though|and|yet)\s",
)
_MARKET: Final = either("시장|코스피|코스닥|지수|증시", words("market index kospi kosdaq"))
_INDUSTRY: Final = either("업종|동종", words("industry sector peers?"))
_WEEK: Final = either(
    r"한\s*주|일주일|(?<![\d.])5\s*(?:거래)?일|주간",
    words("week weekly"),
    r"\b(?:five|5)[\s-]+(?:trading\s+)?days?\b",
)
_OWN: Final = either("종목만의|고유|자체", words("own"))
_REPORT: Final = either(r"(?:지난|이전|직전)\s*리포트", r"\b(?:last|previous)\s+(?:report|note)\b")
_CASE: Final = either("사례|과거에", words("cases? precedents?"))
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
# Who bought or sold is told by no fact, so only a headline may say it.
_FLOWS: Final = either(
    "순매수|순매도|매수세|매도세|사들였|팔아치", r"\bnet[\s-]+(?:buy|sell|bought|sold)\w*|\b(?:in|out)flows?\b"
)
_GOOD: Final = either("호재|긍정적|우호적", words("positive favou?rable tailwinds? encouraging"), r"\bgood\s+news\b")
_BAD: Final = either("악재|부정적|비우호적", words("negative unfavou?rable headwinds? adverse"), r"\bbad\s+news\b")
_WAY_OF_STOCK: Final = either("주가|주식", words("shares? stock price"))


def contradicts(sentence: str, facts: Facts, cited: Sequence[Fact]) -> bool:
    """Whether a direction in the sentence is not the one of the facts, or one that they do not tell."""
    text = fold(sentence)
    clauses = [clause for clause in _CLAUSE.split(text) if clause and clause.strip()]
    if _misjudges(text, facts, cited) or _tells_flows(text, facts):
        return True
    return any(_is_wrong(clause, text, facts) for clause in clauses)


def _misjudges(text: str, facts: Facts, cited: Sequence[Fact]) -> bool:
    """News called good or bad that is not marked so; a sentence without citations speaks of all stories."""
    signs = {fact.sign for fact in (cited or facts.facts) if fact.sign}
    judged = ((_GOOD, "positive"), (_BAD, "negative"))
    return any(word.search(text) and (sign not in signs or _NOT.search(text)) for word, sign in judged)


def _tells_flows(text: str, facts: Facts) -> bool:
    return any(not any(found[0] in title for title in facts.titles) for found in _FLOWS.finditer(text))


def _is_wrong(clause: str, sentence: str, facts: Facts) -> bool:
    if _is_wrong_of_volume(clause, facts) or _is_wrong_of_chance(clause, facts):
        return True
    ways = [sign for pattern, sign in ((_UP, 1), (_DOWN, -1)) if _occurs(pattern, clause, facts)]
    if not ways:
        return False
    if _IF.search(clause):
        return False
    if len(ways) > 1 or _NOT.search(clause) or _FUTURE.search(clause):
        return True
    return ways[0] not in _signs_told(clause, sentence, facts)


def _occurs(pattern: re.Pattern[str], clause: str, facts: Facts) -> bool:
    """Whether the clause says it itself: words of a headline about something else than the price are quoted."""
    return any(not _is_quoted(clause, found, facts) for found in pattern.finditer(clause))


def _is_quoted(clause: str, found: re.Match[str], facts: Facts) -> bool:
    before = clause[: found.start()].split()
    phrase = f"{before[-1]} {found[0]}" if before else found[0]
    if not before or _WAY_OF_STOCK.search(phrase) or facts.sheet.stock_name in phrase:
        return False
    return any(phrase in title for title in facts.titles)


def _signs_told(clause: str, sentence: str, facts: Facts) -> set[int]:
    """Signs that the facts have for what the clause is about, of the changes that it names if it names some."""
    told = _list_told(facts, _subject_of(clause, sentence, facts))
    named = [number for number in read_numbers(clause) if number.unit in ("percent", "points", "sigma")]
    found = [{number.sign for number in told if supports(number, said)} for said in named]
    return set.intersection(*found) if found else {number.sign for number in told}


def _list_told(facts: Facts, keys: Sequence[str]) -> list[Number]:
    """Signed numbers under the keys of the facts that begin so."""
    return [number for key, number in facts.signed_numbers if key.startswith(tuple(keys))]


def _subject_of(clause: str, sentence: str, facts: Facts) -> tuple[str, ...]:
    """Keys of the facts that tell of what the clause is about: a case, the industry, the market, else the stock."""
    of_week = _WEEK.search(clause) is not None
    if any(case.stock_name.lower() in clause.lower() for case in facts.sheet.cases) or _CASE.search(clause):
        return ("case_",)
    if _INDUSTRY.search(clause):
        return ("industry_part",)
    if _OWN.search(clause):
        return ("own_part",)
    if _REPORT.search(clause):
        return ("stock_since_then",)
    is_market = _MARKET.search(clause) and not _WAY_OF_STOCK.search(clause) and facts.sheet.stock_name not in clause
    week, today = ("market_5_days",), ("market_today", "market_part")
    if not is_market:
        week, today = ("stock_5_days",), ("stock_today", "stock_since_last_close")
    if of_week:
        return week
    return today if _WEEK.search(sentence) is None else week + today  # of a week where another clause says so


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
