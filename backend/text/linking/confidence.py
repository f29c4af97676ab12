"""How sure each kind of link is. From .5 on a link counts."""

from typing import Final

from backend.domain.news import LinkMethod

CONFIDENCE: Final = {
    LinkMethod.CODE: 0.98,
    LinkMethod.NAME: 0.9,
    LinkMethod.ALIAS: 0.85,
    LinkMethod.SNIPPET: 0.6,
    LinkMethod.FEED_TAG: 0.3,
}
# Of a title that lists many stocks, or that speaks of a fund which holds them.
LOW_CONFIDENCE: Final = 0.2
# Sources whose tags name the stock of the article; a search's tag only says which query found it.
OWN_TAGS: Final = frozenset({"kis_news", "dart"})
OWN_TAG_CONFIDENCE: Final = 0.95
