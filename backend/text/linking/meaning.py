"""Whether a name that stands in a text means the company there, and not a word, a team, a group or a foundation."""

import re
from typing import Final

from backend.domain.news import Article, NewsKind
from backend.text.linking.spelling import fold_key
from backend.text.linking.table import Mention
from backend.text.linking.words import (
    COMMON_WORDS,
    COMPANY,
    GROUPS,
    HEAD,
    HOLDING,
    HOLDING_AFTER,
    HOLDINGS,
    HOMONYMS,
    INSTITUTION,
    SPONSORING,
    SPONSORS,
    SPORT,
    STOCK_AFTER,
    STOCK_BEFORE,
    TEAM,
    TEAM_BEFORE,
    TOPIC,
)

SHORT: Final = 2  # letters: in running text a name this short is mostly a word
_FILER_BEFORE = re.compile(r"\s*(?:\[[^\[\]]{1,12}\]\s*)?(\((?:유가증권|코스닥|코넥스|기타)[^()]{0,8}\))?\s*(?:\(주\)\s*|주식회사\s*)?")
_FILER_AFTER = re.compile(r"\s?(?:\(주\)|주식회사)?\s-\s")
_LIST = re.compile(r"\s?[·/&]\s?")
_LIST_BEFORE = re.compile(r"[·/&]\s?$")


def is_meant(mention: Mention, text: str, article: Article) -> bool:
    """Whether a name in a folded title means the company."""
    key = mention.name.key
    if key in GROUPS:
        return False
    if _is_filer(mention, text, article.kind):
        return True
    if _is_another_body(mention, text):
        return False
    if key in HOLDINGS:
        return _is_holding(mention, text)
    if key in COMMON_WORDS:
        return _is_stock(mention, text) or _is_subject(mention, text)
    if article.publisher and key == fold_key(article.publisher):
        return COMPANY.search(text) is not None
    return True


def is_meant_in_text(mention: Mention, text: str, article: Article) -> bool:
    """The same in a snippet, where words of the language are more frequent than companies."""
    key = mention.name.key
    if key in GROUPS or _is_another_body(mention, text):
        return False
    if key in COMMON_WORDS or key in HOLDINGS:
        return _is_stock(mention, text)
    if len(key) <= SHORT or (article.publisher and key == fold_key(article.publisher)):
        return COMPANY.search(text) is not None
    return True


def _is_filer(mention: Mention, text: str, kind: NewsKind) -> bool:
    """Whether it is the company before the form of a filing: '(유가증권)케이티 - 주요사항보고서(...)'."""
    before = _FILER_BEFORE.fullmatch(text, 0, mention.start)
    if before is None or _FILER_AFTER.match(text, mention.end) is None:
        return False
    return kind is NewsKind.FILING or before.group(1) is not None


def _is_another_body(mention: Mention, text: str) -> bool:
    """Whether it is the same word in another sense, a team, or a foundation that carries the name."""
    homonym = HOMONYMS.get(mention.name.key)
    if homonym is not None and homonym.search(text):
        return True
    if TEAM.match(text, mention.end) or INSTITUTION.match(text, mention.end):
        return True
    if mention.name.key not in SPONSORS:
        return False
    if TEAM_BEFORE.search(text, 0, mention.start):
        return True
    return SPORT.search(text) is not None and SPONSORING.search(text) is None


def _is_stock(mention: Mention, text: str) -> bool:
    """Whether its price, code or legal form stands right beside the name."""
    return STOCK_AFTER.match(text, mention.end) is not None or STOCK_BEFORE.search(text[: mention.start]) is not None


def _is_subject(mention: Mention, text: str) -> bool:
    """Whether the title begins with the name and a comma, and speaks of a company's business."""
    return (
        TOPIC.match(text, mention.end) is not None
        and HEAD.search(text[: mention.start]) is not None
        and COMPANY.search(text, mention.end) is not None
    )


def _is_holding(mention: Mention, text: str) -> bool:
    """Whether a title speaks of the holding and not of the group that shares its name (docs/linking.md)."""
    if _is_stock(mention, text):
        return True
    if _LIST.match(text, mention.end) or _LIST_BEFORE.search(text[: mention.start]):
        return False
    return HOLDING_AFTER.match(text, mention.end) is not None and HOLDING.search(text, mention.end) is not None
