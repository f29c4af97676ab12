"""Whether a name that stands in a text means the company there, and not a word, a team, a group or a foundation."""

import re
from collections.abc import Sequence
from typing import Final

from backend.domain.market import GROUPS
from backend.domain.news import Article, NewsKind
from backend.text.linking import contexts
from backend.text.linking.shipped import Kind, load_kind
from backend.text.linking.spelling import fold_key
from backend.text.linking.table import Mention

SHORT: Final = 2  # letters: in running text a name this short is mostly a word
_HOLDINGS: Final = load_kind(Kind.HOLDING)
_LIKE_GROUPS: Final = load_kind(Kind.LIKE_GROUP)
_WORDS: Final = load_kind(Kind.WORD)
_SPONSORS: Final = load_kind(Kind.SPONSOR)
_UNSURE: Final = GROUPS | _HOLDINGS | _WORDS
_HOMONYMS: Final = {fold_key(name): re.compile(pattern) for name, pattern in contexts.HOMONYMS.items()}
_FILER_BEFORE = re.compile(
    r"\s?(?:\[[^\[\]]{1,12}\]\s?)?(\((?:유가증권|코스닥|코넥스|기타)[^()]{0,8}\))?\s?(?:\(주\)\s?|주식회사\s)?"
)
_FILER_AFTER = re.compile(r"\s?(?:\(주\)|주식회사)?\s-\s")
_LIST = re.compile(r"\s?[·/&]\s?")
_LIST_BEFORE = re.compile(r"[·/&]\s?$")


def is_meant(mention: Mention, text: str, article: Article, others: Sequence[Mention]) -> bool:
    """Whether a name in a folded title means the company. `others`: all names in it, this one too."""
    key = mention.name.key
    if _is_filer(mention, text, article.kind):
        return True
    if key in GROUPS or _is_another_body(mention, text):
        return False
    if key in _HOLDINGS:
        return _is_holding(mention, text)
    if key in _WORDS:
        return _is_stock(mention, text) or _is_subject(mention, text) or _is_beside_company(mention, others, text)
    return not ((key in _LIKE_GROUPS and _is_among_groups(mention, text)) or _is_only_publisher(mention, text, article))


def is_meant_in_text(mention: Mention, text: str, article: Article) -> bool:
    """The same in a snippet, where words of the language are more frequent than companies."""
    key = mention.name.key
    if key in GROUPS or _is_another_body(mention, text):
        return False
    if key in _WORDS or key in _HOLDINGS:
        return _is_stock(mention, text)
    if len(key) <= SHORT and contexts.COMPANY.search(text) is None:
        return False
    return not _is_only_publisher(mention, text, article)


def _is_only_publisher(mention: Mention, text: str, article: Article) -> bool:
    """Whether it is the paper's own name, in a text that speaks of no business."""
    is_paper = bool(article.publisher) and mention.name.key == fold_key(article.publisher)
    return is_paper and contexts.COMPANY.search(text) is None


def _is_filer(mention: Mention, text: str, kind: NewsKind) -> bool:
    """Whether it is the company before the form of a filing: '(유가증권)케이티 - 주요사항보고서(...)'."""
    if _FILER_AFTER.match(text, mention.end) is None:
        return False
    before = _FILER_BEFORE.fullmatch(text, 0, mention.start)
    return before is not None and (kind is NewsKind.FILING or before.group(1) is not None)


def _is_another_body(mention: Mention, text: str) -> bool:
    """Whether it is the same word in another sense, a team, or a foundation that carries the name."""
    key = mention.name.key
    homonym = _HOMONYMS.get(key)
    if homonym is not None and homonym.search(text):
        return True
    if contexts.TEAM.match(text, mention.end) or contexts.INSTITUTION.match(text, mention.end):
        return True
    if key not in _SPONSORS:
        return False
    if contexts.TEAM_BEFORE.search(text, 0, mention.start):
        return True
    return contexts.SPORT.search(text) is not None and contexts.SPONSORING.search(text) is None


def _is_stock(mention: Mention, text: str) -> bool:
    """Whether its price, code or legal form stands right beside the name."""
    return (
        contexts.STOCK_AFTER.match(text, mention.end) is not None
        or contexts.STOCK_BEFORE.search(text, 0, mention.start) is not None
    )


def _is_subject(mention: Mention, text: str) -> bool:
    """Whether the title begins with the name and a comma, and speaks of a company's business."""
    return (
        contexts.TOPIC.match(text, mention.end) is not None
        and contexts.HEAD.search(text, 0, mention.start) is not None
        and contexts.COMPANY.search(text, mention.end) is not None
    )


def _is_beside_company(mention: Mention, others: Sequence[Mention], text: str) -> bool:
    """Whether a list joins the name to one that no word is: '피에스케이·테스'."""
    for other in others:
        first, second = (mention, other) if mention.start < other.start else (other, mention)
        if other.name.key not in _UNSURE and _LIST.fullmatch(text, first.end, max(first.end, second.start)):
            return True
    return False


def _is_among_groups(mention: Mention, text: str) -> bool:
    """Whether a list joins the name to that of a group: '롯데·신세계'."""
    return (
        contexts.GROUP_BEFORE.search(text, 0, mention.start) is not None
        or contexts.GROUP_AFTER.match(text, mention.end) is not None
    )


def _is_holding(mention: Mention, text: str) -> bool:
    """Whether a title speaks of the holding and not of the group that shares its name (docs/linking.md)."""
    if _is_stock(mention, text):
        return True
    if _LIST.match(text, mention.end) or _LIST_BEFORE.search(text, 0, mention.start):
        return False
    return (
        contexts.HOLDING_AFTER.match(text, mention.end) is not None
        and contexts.HOLDING.search(text, mention.end) is not None
    )
