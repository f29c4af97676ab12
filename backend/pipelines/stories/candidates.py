"""Articles as candidates of a story: those that are stored, and those of a sight."""

from collections.abc import Mapping
from datetime import datetime

from backend.domain.news import Article, NewsKind
from backend.services.news.stories import StoryMember
from backend.text.events import read_event
from backend.text.linking.shipped import names_of
from backend.text.stories.candidate import Candidate

Names = Mapping[str, frozenset[str]]  # of stocks, by code


def of_stored(member: StoryMember) -> Candidate:
    """A stored text, under a key of its article and version: another reading of it takes its place."""
    return Candidate(
        key=f"{member.news_id}/{member.version}",
        title=member.title,
        at=member.at,
        codes=frozenset(member.stock_codes),
        names=frozenset(member.names) | names_of(member.stock_codes),
        receipt=_receipt(member.kind, member.url_key),
        event=read_event(member.title, member.kind, len(member.stock_codes) or None),
    )


def of_article(key: str, article: Article, at: datetime, codes: frozenset[str], names: Names) -> Candidate:
    """An article as it was read, under `key`. `codes`: the stocks that it is firmly linked to."""
    return Candidate(
        key=key,
        title=article.title,
        at=at,
        codes=codes,
        names=frozenset(name for code in codes for name in names.get(code, ())) | names_of(codes),
        receipt=_receipt(article.kind, article.url_key),
        event=read_event(article.title, article.kind, len(codes) or None),
    )


def _receipt(kind: NewsKind, url_key: str) -> str:
    """A filing's address holds its number."""
    return url_key if kind is NewsKind.FILING else ""
