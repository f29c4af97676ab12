"""What a sight of an article brings: a new article, another text or tag, another reading, its age. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from backend.domain.news import Article, Flag, Link, LinkMethod
from backend.domain.understanding.events import Event
from backend.services.news.news_intake import Publication, is_archive
from backend.services.news.versions import StoredVersion
from backend.text.linking import StockNames
from backend.text.reading import TITLE_FLAGS, Reading, Tags, age_flags, read

AGES: Final = frozenset({Flag.STALE, Flag.UNDATED})


@dataclass(frozen=True, slots=True)
class Sight:
    """A version or reading to add.

    `news_id`: None for a new article. `follows`: (version, reading) of what was stored when this was made. `story`: an
    id, or the url_key of the article that begins it, None before the articles are grouped; `left`: the story that the
    article was in. `known_at`: None for the moment of the sight.
    """

    article: Article
    links: tuple[Link, ...]
    event: Event
    materiality: int
    news_id: int | None = None
    version: int = 1
    reading: int = 1
    follows: Sequence[tuple[int, int]] = ()
    story: int | str | None = None
    left: int | None = None
    known_at: datetime | None = None
    hindsight: bool = False


def look(
    names: StockNames,
    articles: Iterable[Article],
    stored: Mapping[str, Sequence[StoredVersion]],
    seen_at: datetime,
    archive_before: datetime | None,
) -> list[Sight]:
    """What these articles bring beyond what is stored, by url_key; those without a story are to be grouped."""
    found = []
    for article in articles:
        if before := stored.get(article.url_key):
            if sight := _again(names, article, before):
                found.append(sight)
        else:
            archive = is_archive(article, archive_before)
            age = {Flag.ARCHIVE} if archive else age_flags(article.published_at, article.precision, seen_at)
            first = replace(article, flags=article.flags | age)
            found.append(_sight(first, read(names, first), hindsight=archive))
    return found


def _sight(article: Article, reading: Reading, *, hindsight: bool) -> Sight:
    article = replace(article, flags=reading.flags)
    return Sight(article, reading.links, reading.event, reading.materiality, hindsight=hindsight)


def _again(names: StockNames, article: Article, before: Sequence[StoredVersion]) -> Sight | None:
    """Another version of a stored article, or another reading of its newest one, or nothing."""
    newest = before[-1]
    if (seen := another_text(article, before)) is None:
        return read_again(names, before)
    carried = replace(newest.article, source=seen.source, title=seen.title, snippet=seen.snippet,
                      feed_codes=seen.feed_codes, told=seen.told or newest.article.told)  # fmt: skip
    flags = (article.flags | newest.article.flags) - TITLE_FLAGS
    if _dates(article, before):
        flags = (flags - AGES) | age_flags(article.published_at, article.precision, newest.first_seen_at)
    carried = replace(carried, flags=flags)
    sight = _sight(carried, read(names, carried, tags(before)), hindsight=False)
    kept = tuple(link for link in newest.links if not names.watches(link.stock_code))
    return replace(
        sight,
        links=_joined(sight.links, kept),
        news_id=newest.news_id,
        version=newest.version + 1,
        follows=state(before),
        story=None if is_edit(seen, before) else newest.story_id,
        left=newest.story_id,
    )


def another_text(article: Article, before: Sequence[StoredVersion]) -> Article | None:
    """The article as seen, if its source has not said this of it: the title, the snippet, a tag, or its age.

    A source that knows no snippet takes none away. Snippets of a search depend on what was searched for, so one that
    was seen before is no news.
    """
    newest = before[-1].article
    own = [version.article for version in before if version.article.source == article.source]
    said = own[-1] if own else newest
    seen = replace(article, snippet=article.snippet or (said.snippet if said.title == article.title else ""))
    known = {version.snippet for version in own or [newest] if version.title == article.title}
    is_known = article.title == said.title and seen.snippet in known
    tagged = {code for version in own for code in version.feed_codes}
    if is_known and tagged.issuperset(article.feed_codes) and not _dates(article, before):
        return None
    return seen


def _dates(article: Article, before: Sequence[StoredVersion]) -> bool:
    """Whether another source tells the age of an article that had none."""
    newest = before[-1].article
    return Flag.UNDATED in newest.flags and article.published_at is not None and article.source != newest.source


def is_edit(article: Article, before: Sequence[StoredVersion]) -> bool:
    """Whether its source changed the title: it may be another event then. Another source's words for it are not."""
    own = [version.article for version in before if version.article.source == article.source]
    return bool(own) and own[-1].title != article.title


def tags(versions: Iterable[StoredVersion]) -> list[Tags]:
    """The tags of all sights of an article."""
    return list(dict.fromkeys((v.article.source, v.article.feed_codes) for v in versions if v.article.feed_codes))


def state(versions: Iterable[StoredVersion]) -> list[tuple[int, int]]:
    return [(version.version, version.reading) for version in versions]


def read_again(names: StockNames, versions: Sequence[StoredVersion]) -> Sight | None:
    """The newest of `versions` (of one article, oldest first) with the names and the code of today, if that differs."""
    newest = versions[-1]
    reading = read(names, newest.article, tags(versions[:-1]))
    kept = tuple(link for link in newest.links if not names.watches(link.stock_code))
    links = _joined(reading.links, kept)
    before = (newest.links, newest.article.flags, newest.event, newest.materiality)
    if (links, reading.flags, reading.event, reading.materiality) == before:
        return None
    return replace(again(newest, versions, reading, newest.story_id), links=links)


def again(
    version: StoredVersion, versions: Sequence[StoredVersion], reading: Reading, story: int | str | None
) -> Sight:
    """Another reading of a stored version, in `story`."""
    return replace(
        _sight(version.article, reading, hindsight=True),
        news_id=version.news_id,
        version=version.version,
        reading=version.reading + 1,
        follows=state(versions),
        story=story,
        left=version.story_id,
        known_at=version.known_at,
    )


def _joined(links: Sequence[Link], kept: Sequence[Link]) -> tuple[Link, ...]:
    """Links with those of stocks that nobody reads for now."""
    return tuple(sorted([*links, *kept], key=lambda link: link.stock_code))


def settle(sight: Sight, story: int | str | None, seen_at: datetime) -> Sight:
    """`sight` in its story. An edit that is another event has an age of its own."""
    if sight.story is not None or story is None:
        return sight
    article = sight.article
    if sight.news_id is not None and story != sight.left:
        age = age_flags(article.published_at, article.precision, seen_at)
        article = replace(article, flags=(article.flags - AGES) | age)
    return replace(sight, story=story, article=article)


def is_undated(sight: Sight) -> bool:
    return sight.version == 1 and Flag.UNDATED in sight.article.flags


def date_from(sight: Sight, dated: Sequence[Publication], seen_at: datetime) -> Sight:
    """An undated new article with the age that another source tells of its headline or story."""
    article = sight.article
    if not is_undated(sight):
        return sight
    for told in dated:
        if told.source != article.source and (told.title == article.title or told.story_id == sight.story):
            age = age_flags(told.published_at, told.precision, seen_at)
            return replace(sight, article=replace(article, flags=(article.flags - AGES) | age))
    return sight


def date_stored(
    undated: Mapping[str, Sequence[StoredVersion]], found: Sequence[Sight], stored: Mapping[str, object]
) -> list[Sight]:
    """Versions of stored undated articles whose age one of `found` tells: known from this sight on."""
    versions = []
    for key, before in undated.items():
        newest = before[-1]
        if key in stored:  # it is among the articles of this very sight
            continue
        for sight in found:
            article = sight.article
            is_it = article.title == newest.article.title or sight.story == newest.story_id
            if article.published_at is not None and article.source != newest.article.source and is_it:
                age = age_flags(article.published_at, article.precision, newest.first_seen_at)
                flags = (newest.article.flags - AGES) | age
                versions.append(_dated(before, flags))
                break
    return versions


def _dated(before: Sequence[StoredVersion], flags: frozenset[Flag]) -> Sight:
    newest = before[-1]
    return Sight(
        replace(newest.article, flags=flags),
        newest.links,
        newest.event,
        newest.materiality,
        news_id=newest.news_id,
        version=newest.version + 1,
        follows=state(before),
        story=newest.story_id,
        left=newest.story_id,
    )


def firm_codes(links: Iterable[Link]) -> frozenset[str]:
    """The stocks that a text must share with another to be of the same story.

    A search's tag says too little about the story; the source's own one is as good as a name.
    """
    return frozenset(
        link.stock_code for link in links if link.method is not LinkMethod.FEED_TAG or link.confidence > 0.5
    )
