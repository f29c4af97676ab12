"""What language models said of stories: kept when it was said, read as of a moment like all evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.llm import LlmOpinion
from backend.db.upsert import upsert
from backend.domain.forecasts import HORIZONS, Opinion
from backend.services.forecasts.forecasting import NewsWindow, WindowStory

_KEY: Final = ("story_id", "stock_code", "news_id", "version", "language_model")
# Of the text that the story's head had then, said by then.
_SAID: Final = text("""
    SELECT w.n, o.story_id, o.language_model, o.p_up
    FROM unnest(CAST(:places AS int[]), CAST(:codes AS text[]), CAST(:stories AS bigint[]), CAST(:news AS bigint[]),
                CAST(:versions AS int[]), CAST(:asof AS timestamptz[]))
         AS w (n, stock_code, story_id, news_id, version, asof)
    JOIN llm_opinions o ON o.story_id = w.story_id AND o.stock_code = w.stock_code AND o.news_id = w.news_id
     AND o.version = w.version AND is_evidence(o.recorded_at, o.recorded_at, NULL, w.asof, :recorded_by)
    WHERE o.p_up IS NOT NULL
    ORDER BY w.n, o.story_id DESC, o.language_model
""")
# Published after the model began, so that it cannot have read what came of it; and too new to have been answered.
_UNASKED: Final = text("""
    SELECT w.stock_code, k.name AS stock_name, k.market, w.story_id, w.news_id, w.version, n.publisher, n.kind,
           n.published_at, v.title, v.snippet, v.event_type, v.sign
    FROM unnest(CAST(:codes AS text[]), CAST(:stories AS bigint[]), CAST(:news AS bigint[]), CAST(:versions AS int[]))
         AS w (stock_code, story_id, news_id, version)
    JOIN news n ON n.id = w.news_id
    JOIN stocks k ON k.code = w.stock_code
    JOIN models m ON m.name = :model
    CROSS JOIN LATERAL (
        SELECT t.title, t.snippet, t.event_type, t.sign FROM news_versions t
        WHERE t.news_id = w.news_id AND t.version = w.version AND t.retired_at IS NULL LIMIT 1
    ) v
    WHERE n.published_at > m.added_at AND n.known_at > :since
      AND NOT EXISTS (SELECT FROM llm_opinions o
                       WHERE o.story_id = w.story_id AND o.stock_code = w.stock_code AND o.news_id = w.news_id
                         AND o.version = w.version AND o.language_model = m.parameters ->> 'language_model')
    ORDER BY n.known_at DESC, w.story_id DESC, w.stock_code LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Unasked:
    """A text of a story's head that a language model has not answered yet for this stock, and what it is told of it."""

    stock_code: str
    stock_name: str
    market: str
    story_id: int
    news_id: int
    version: int
    publisher: str
    kind: str
    published_at: datetime
    title: str
    snippet: str
    event_type: str
    sign: str


async def list_said(
    session: AsyncSession, windows: Sequence[NewsWindow], found: Sequence[Sequence[WindowStory]], *,
    recorded_by: datetime,
) -> list[Mapping[int, Sequence[Opinion]]]:  # fmt: skip
    """By horizon what was said, by the end of each window, of the stories `found` in it."""
    keys = [(n, window, story) for n, window in enumerate(windows) for story in found[n]]
    said: list[dict[int, list[Opinion]]] = [{} for _ in windows]
    if not keys:
        return [*said]
    bound = {
        "places": [n for n, _, _ in keys], "codes": [window.stock_code for _, window, _ in keys],
        "stories": [story.story_id for _, _, story in keys], "news": [story.head_news_id for _, _, story in keys],
        "versions": [story.head_version for _, _, story in keys], "asof": [window.asof for _, window, _ in keys],
        "recorded_by": recorded_by,
    }  # fmt: skip
    for row in await session.execute(_SAID, bound):
        for horizon, p_up in zip(HORIZONS, row.p_up, strict=True):
            said[row.n].setdefault(horizon, []).append(Opinion(row.story_id, row.language_model, p_up))
    return [*said]


async def list_unasked(
    session: AsyncSession, model: str, stories: Sequence[tuple[str, WindowStory]], *, since: datetime, most: int
) -> list[Unasked]:
    """Of `stories` (stock, story) those that the model may forecast and has not, known after `since`, newest first."""
    bound = {
        "codes": [code for code, _ in stories], "stories": [story.story_id for _, story in stories],
        "news": [story.head_news_id for _, story in stories],
        "versions": [story.head_version for _, story in stories], "model": model, "since": since, "most": most,
    }  # fmt: skip
    return [Unasked(*tuple(row)) for row in await session.execute(_UNASKED, bound)]


async def record(session: AsyncSession, row: Mapping[str, Any]) -> int:
    """Keep an opinion; one that is kept already stays. Returns 1 for a new one."""
    return len(await upsert(session, LlmOpinion, [row], key=_KEY))
