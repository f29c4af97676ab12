"""What a sentence of a language model may look like: its language, no markup, no advice, no name that was not told."""

import re
from collections.abc import Callable, Collection
from typing import Final

from backend.reports.llm.facts import Facts
from backend.reports.llm.instructions import gives_instructions
from backend.reports.llm.patterns import either, words
from backend.reports.llm.spelling import fold

# Names of listed companies in a text, as the caller's table knows them.
NamesIn = Callable[[str], Collection[str]]
LEAST_SHARE_OF_LANGUAGE: Final = 0.6
_MARKUP: Final = either(
    r"https?:|www\.|://|[<>`|\\{}]|\]\(|!\[|\*\*|^\s*#",
    r"\b[\w.-]+@[\w-]+\.\w",
    r"\b[\w-]+\.(?:com|net|org|io|kr|xyz|info)\b",
)
_TARGET: Final = either(r"목표\s*(?:주)?가", r"\b(?:price\s+targets?|target\s+prices?)\b")
_ADVICE: Final = either(
    r"보장|무조건|틀림없|확실(?:하|합|해|히|한|시)|반드시|추천|사야|팔아야|사세요|파세요|사라\b|팔아라|투자하(?:세요|십시오|라)",
    r"(?:매수|매도)\s*(?:하|의견|기회|타이밍|적기|신호)",
    words("guarantee[sd]? certain(?:ly|ty)? definitely surely recommend(?:s|ed|ation)?"),
    r"\b(?:risk[\s-]?free|no\s+doubt|must\s+(?:buy|sell)|should\s+(?:buy|sell|invest))\b",
    r"\b(?:strong\s+)?(?:buy|sell)\s+(?:now|rating|signal|recommendation|opportunity)\b",
    _TARGET.pattern,
)
_HANGUL: Final = re.compile(r"[가-힣]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z][A-Za-z&.'-]*[A-Za-z]|[A-Za-z]")
_PERSON: Final = either(
    r"([가-힣]{2,4})\s*(?:회장|부회장|사장|대표(?:이사)?|전무|상무|장관|의장|총리|대통령|연구원|애널리스트|교수|위원장|행장)"
)
# Beginnings of names alone, because a particle may follow ("가나다증권이").
_COMPANY: Final = either(
    r"[가-힣A-Za-z&]{2,}(?:전자|증권(?!가)|은행|제약|중공업|그룹|홀딩스|생명|화재|텔레콤)(?=$|[^가-힣]|[이은는을를의과와도에가로])"
)
_QUOTED: Final = re.compile(r"[\"「『《]([^\"」』》]{2,})[\"」』》]")
# Written with capitals by everybody.
_CAPITALS: Final = (
    "i ai ceo cfo krw kospi kosdaq krx kst etf ipo yoy qoq ebit ebitda eps per pbr roe azak n the korea"
    " korean seoul won january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug"
    " sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday"
)
_KNOWN_WORDS: Final = frozenset(_CAPITALS.split())
# Companies and people that no list of Korean stocks holds and that models like to name.
_FAMOUS: Final = either(
    "엔비디아|테슬라|애플|구글|알파벳|마이크로소프트|아마존|메타(?!버스)|인텔|퀄컴|마이크론|티에스엠씨|TSMC|AMD|ASML|오픈AI",
    r"소니|도요타|폭스콘|화웨이|샤오미|바이두|알리바바|텐센트|비야디|CATL|보잉|화이자|모더나|노보\s*노디스크|일라이\s*릴리",
    r"머스크|젠슨\s*황|파월|트럼프|바이든|골드만|모건\s*스탠리|JP\s*모건|블랙록|버크셔",
    words("nvidia tesla apple google alphabet microsoft amazon meta intel qualcomm micron openai sony toyota foxconn"),
    words("huawei xiaomi baidu alibaba tencent byd boeing pfizer moderna musk powell trump biden goldman blackrock"),
    words("berkshire samsung hyundai hynix naver kakao posco celltrion hanwha lotte doosan kia"),
    r"\bmorgan\s+stanley\b",
)


def has_markup(sentence: str) -> bool:
    return _MARKUP.search(fold(sentence)) is not None


def gives_advice(sentence: str, facts: Facts) -> bool:
    """Promises and advice; a price target only where a headline has one."""
    text = fold(sentence)
    has_target = any(_TARGET.search(title) for title in facts.titles)
    return _ADVICE.search(_TARGET.sub(" ", text) if has_target else text) is not None or gives_instructions(text)


def is_in_language(sentence: str, language: str, facts: Facts) -> bool:
    """Korean or English by its letters, without the names that the facts told; no other script at all."""
    text = fold(sentence)
    if _has_other_script(text, facts):
        return False
    own, other = (_HANGUL, _LATIN) if language == "ko" else (_LATIN, _HANGUL)
    rest = _without_told(text, facts, other)
    wanted, foreign = len(own.findall(rest)), len(other.findall(rest))
    is_mostly_own = wanted >= LEAST_SHARE_OF_LANGUAGE * (wanted + foreign)
    # Latin letters of units and abbreviations are at home in Korean; Hangul is not in English.
    return wanted > 0 and (foreign == 0 or (language == "ko" and is_mostly_own))


def _has_other_script(text: str, facts: Facts) -> bool:
    letters = (character for character in text if character.isalpha() and ord(character) > 0x24F)
    return any(not _HANGUL.match(letter) and letter != "σ" and letter not in facts.text for letter in letters)


def _without_told(text: str, facts: Facts, foreign: re.Pattern[str]) -> str:
    """The text without the words in the other script that the facts told."""
    written = text.split()
    return " ".join(
        word for word in written if not (foreign.search(word) and _is_told(word.strip("()'\",.:;[]"), facts))
    )


def _is_told(word: str, facts: Facts) -> bool:
    return bool(word) and word.lower() in facts.text


def names_unknown(sentence: str, language: str, facts: Facts, names_in: NamesIn) -> bool:
    """Whether a company, person or quotation is named that the facts do not name."""
    text = fold(sentence)
    told = facts.text
    candidates = [found[0] for found in _FAMOUS.finditer(text)] + list(names_in(text))
    candidates += [found[1] for found in _PERSON.finditer(text)] + [found[1] for found in _QUOTED.finditer(text)]
    candidates += [found[0] for found in _COMPANY.finditer(text)] + _latin_names(text, language)
    return any(candidate.lower().strip() not in told for candidate in candidates)


def _latin_names(text: str, language: str) -> list[str]:
    """Words in Latin letters that are names by their capitals; the first word of an English sentence may have one."""
    found = list(_LATIN_WORD.finditer(text))
    if language == "en" and found and not found[0][0].isupper():
        found = found[1:]
    return [
        word[0].removesuffix("'s") for word in found
        if any(letter.isupper() for letter in word[0]) and word[0].lower().removesuffix("'s") not in _KNOWN_WORDS
    ]  # fmt: skip
