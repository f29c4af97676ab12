"""Reads the inputs of predictions and stores predictions. Every query takes the moment after which nothing is used.

The daily panel ends at a closed session; news is used from its `known_at` on. Predictions are append-only: storing the
same ones again writes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.predictions import Prediction
from backend.db.upsert import upsert
from backend.domain.forecasts import Mode, StoryText
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import BAR_COLUMNS
from backend.domain.understanding.event_studies import StoryEvent, is_studied, size_of

# The price member learns from 750 sessions, and its features of the first look back 250.
PANEL_SESSIONS: Final = 1000
STORIES_A_STOCK: Final = 3
GATE_SESSIONS: Final = 260
_UNIQUE: Final = ("model_version_id", "stock_code", "asof", "horizon", "mode")

_PANEL = text("""
    SELECT s.code, s.market,
           array_agg(b.open ORDER BY d.trade_date) AS open,
           array_agg(b.high ORDER BY d.trade_date) AS high,
           array_agg(b.low ORDER BY d.trade_date) AS low,
           array_agg(b.close ORDER BY d.trade_date) AS close,
           array_agg(b.volume ORDER BY d.trade_date) AS volume,
           array_agg(b.raw_close ORDER BY d.trade_date) AS raw_close
    FROM stocks s CROSS JOIN unnest(CAST(:days AS date[])) AS d (trade_date)
    LEFT JOIN usable_bars(:known_by, :recorded_by, :first, :last) b
           ON b.stock_code = s.code AND b.trade_date = d.trade_date
    WHERE CAST(:codes AS text[]) IS NULL OR s.code = ANY (CAST(:codes AS text[]))
    GROUP BY s.code ORDER BY s.code
""")
_PANEL_DAYS = text("""
    SELECT DISTINCT trade_date FROM daily_bars_as_of(:known_by, :recorded_by)
    WHERE is_final AND trade_date <= :through ORDER BY trade_date DESC LIMIT :sessions
""")
_INDEX = text("""
    SELECT index_code, trade_date, close FROM index_bars_as_of(:known_by, :recorded_by)
    WHERE trade_date BETWEEN :first AND :last
""")


async def load_panel(
    session: AsyncSession,
    *,
    knowledge: Knowledge,
    through: date,
    sessions: int = PANEL_SESSIONS,
    codes: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Columns of all stocks, or of `codes`, over the last sessions up to `through`: see backend.models.fitting.panel.

    Prices and volumes are adjusted, and None where a stock has no bar or one that may not be used (the function
    usable_bars of the database); `raw_close` is the traded price.
    """
    limits = knowledge.bound() | {"through": through, "sessions": sessions}
    days = sorted((await session.scalars(_PANEL_DAYS, limits)).all())
    bounds = knowledge.bound() | {"first": days[0] if days else through, "last": days[-1] if days else through}
    stocks = (await session.execute(_PANEL, bounds | {"days": days, "codes": codes})).all() if days else []
    index: dict[str, list[float | None]] = {}
    positions = {day: n for n, day in enumerate(days)}
    for row in await session.execute(_INDEX, bounds):
        if row.trade_date in positions:
            index.setdefault(row.index_code, [None] * len(days))[positions[row.trade_date]] = row.close
    return {
        "dates": [str(day) for day in days],
        "codes": [row.code for row in stocks],
        "markets": [row.market for row in stocks],
        **{name: [getattr(row, name) for row in stocks] for name in (*BAR_COLUMNS, "raw_close")},
        "index": index,
    }


async def list_bar_sessions(session: AsyncSession, knowledge: Knowledge, *, through: date) -> list[date]:
    """Sessions with a final bar of any stock up to `through`, oldest first."""
    bound = knowledge.bound() | {"through": through, "sessions": None}
    return sorted(await session.scalars(_PANEL_DAYS, bound))


async def list_active_codes(session: AsyncSession, wanted: Collection[str] | None = None) -> list[str]:
    """Codes of active stocks, all or those of `wanted`."""
    codes = await session.scalars(text("SELECT code FROM stocks WHERE is_forecast ORDER BY code"))
    return [code for code in codes if wanted is None or code in wanted]


async def has_prices(session: AsyncSession) -> bool:
    """Whether any daily bar is stored."""
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM daily_bars)")))


async def has_live_predictions(session: AsyncSession) -> bool:
    """Whether the live record has begun."""
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM predictions WHERE mode = 'live')")))


async def is_any_live_due(session: AsyncSession, *, through: date) -> bool:
    """Whether the return of any live prediction had ended at the close of `through`."""
    due = text("SELECT EXISTS (SELECT FROM predictions WHERE mode = 'live' AND exit_trade_date <= :through)")
    return bool(await session.scalar(due, {"through": through}))


async def list_codes_without_replay(session: AsyncSession) -> list[str]:
    """Codes of active stocks of which no past session was ever replayed."""
    codes = await session.scalars(
        text("""
            SELECT code FROM stocks s WHERE is_forecast AND NOT EXISTS (
                SELECT FROM predictions p WHERE p.stock_code = s.code AND p.mode = 'backtest'
            ) ORDER BY code
        """)
    )
    return list(codes)


async def newest_session(session: AsyncSession, *, through: date) -> date | None:
    """The newest session up to `through` with final bars."""
    found: date | None = await session.scalar(
        text("SELECT max(trade_date) FROM daily_bars WHERE is_final AND trade_date <= :through"), {"through": through}
    )
    return found


async def list_live_prices(session: AsyncSession, *, since: datetime, asof: datetime) -> dict[str, int]:
    """Last quoted price of each stock that was quoted after `since` and not after `asof`."""
    rows = await session.execute(
        text("SELECT stock_code, last_price_krw FROM quotes WHERE ts >= :since AND ts <= :asof"),
        {"since": since, "asof": asof},
    )
    return {row.stock_code: row.last_price_krw for row in rows}


@dataclass(frozen=True, slots=True)
class NewsWindow:
    """News for a prediction of `stock_code` at `asof`: stories that became known after `since`."""

    stock_code: str
    since: datetime
    asof: datetime


@dataclass(frozen=True, slots=True)
class WindowStory:
    """A story in a window, with the first news item that links it to the stock, and the head of it with its text.

    `event`: what the head tells of a company, as it was read then; None where nothing that is studied. `text`: its
    words.
    """

    story_id: int
    news_id: int
    head_news_id: int
    head_version: int
    event: StoryEvent | None = None
    text: StoryText | None = None


# A story is new where no text of it was known before the window; its head is the first of the articles in it then.
_STORIES = text("""
    SELECT w.n, found.story_id, found.news_id, head.news_id AS head_news_id, head.version AS head_version,
           head.event_type, head.scope, head.sign, head.share, head.surprise, head.title,
           translate(encode(substring(halfvec_send(e.vector) FROM 5), 'base64'), E'\n', '') AS vector
    FROM unnest(CAST(:codes AS text[]), CAST(:since AS timestamptz[]), CAST(:asof AS timestamptz[]))
         WITH ORDINALITY AS w (stock_code, since, asof, n)
    CROSS JOIN LATERAL (
        SELECT l.story_id, min(l.news_id) AS news_id, min(l.known_at) AS known_at
        FROM counting_links_as_of(w.asof, :recorded_by) l
        WHERE l.stock_code = w.stock_code AND l.known_at > w.since AND l.story_id IS NOT NULL
          AND NOT EXISTS (
            SELECT FROM news_versions old WHERE old.story_id = l.story_id
             AND is_evidence(old.known_at, old.recorded_at, old.retired_at, w.since, :recorded_by))
        GROUP BY l.story_id
        ORDER BY min(l.known_at) DESC, l.story_id DESC
        LIMIT :most
    ) found
    CROSS JOIN LATERAL (
        SELECT v.news_id, v.version, v.event_type, v.scope, v.sign, v.share, v.surprise, v.title
        FROM news_as_of(w.asof, :recorded_by) v
        CROSS JOIN LATERAL (
            SELECT min(known_at) AS known_at FROM news_versions first
             WHERE first.news_id = v.news_id AND first.story_id = v.story_id
               AND is_evidence(first.known_at, first.recorded_at, first.retired_at, w.asof, :recorded_by)
        ) joined
        WHERE v.story_id = found.story_id ORDER BY joined.known_at, v.news_id LIMIT 1
    ) head
    LEFT JOIN embeddings e ON e.news_id = head.news_id AND e.version = head.version AND e.embedder = :embedder
     AND is_evidence(e.known_at, e.recorded_at, NULL, w.asof, :recorded_by)
    ORDER BY w.n, found.known_at DESC, found.story_id DESC
""")


async def list_window_stories(
    session: AsyncSession, windows: Sequence[NewsWindow], *, recorded_by: datetime, embedder: str = ""
) -> list[list[WindowStory]]:
    """The newest stories of each window that count for its stock, newest first, from what was stored by then.

    Their texts have the vectors of `embedder`.
    """
    arguments = {
        "codes": [window.stock_code for window in windows],
        "since": [window.since for window in windows],
        "asof": [window.asof for window in windows],
        "recorded_by": recorded_by,
        "most": STORIES_A_STOCK,
        "embedder": embedder,
    }
    stories: list[list[WindowStory]] = [[] for _ in windows]
    for row in await session.execute(_STORIES, arguments):
        words = StoryText(row.story_id, row.title, row.vector)
        story = WindowStory(row.story_id, row.news_id, row.head_news_id, row.head_version, _event(row), words)
        stories[row.n - 1].append(story)
    return stories


def _event(row: Row[Any]) -> StoryEvent | None:
    if not is_studied(row.event_type, row.scope):
        return None
    return StoryEvent(row.story_id, row.event_type, row.sign, size_of(row.share, row.surprise).value)


async def background_similarity(session: AsyncSession, knowledge: Knowledge, *, embedder: str) -> float | None:
    """90th percentile of the similarity of unrelated stories: all pairs of the 200 newest texts of heads by then."""
    found: float | None = await session.scalar(
        text("""
            WITH sample AS (
                SELECT vector, news_id FROM embeddings
                WHERE embedder = :embedder AND is_evidence(known_at, recorded_at, NULL, :known_by, :recorded_by)
                ORDER BY known_at DESC, news_id DESC, version DESC LIMIT 200
            )
            SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY 1 - (a.vector <=> b.vector))
            FROM sample a JOIN sample b ON a.news_id < b.news_id
        """),
        {"embedder": embedder, **knowledge.bound()},
    )
    return found


_PREQUENTIAL = text("""
    WITH predicted AS (
        SELECT DISTINCT ON (m.name, p.stock_code, p.trade_date, p.horizon)
               m.name, p.stock_code, p.trade_date, p.horizon, p.p_up
        FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id
        JOIN models m ON m.id = v.model_id
        WHERE p.mode = ANY (:modes) AND p.exit_trade_date <= :through AND p.trade_date >= :since
        ORDER BY m.name, p.stock_code, p.trade_date, p.horizon, (p.mode = 'live') DESC, p.asof DESC, p.id DESC
    )
    SELECT stock_code, trade_date::text AS trade_date, horizon, json_object_agg(name, p_up) AS p_up
    FROM predicted GROUP BY stock_code, trade_date, horizon ORDER BY stock_code, trade_date, horizon
""")


async def list_prequential(
    session: AsyncSession, *, since: date, through: date, modes: Sequence[Mode]
) -> dict[str, Any]:
    """What every model forecast of outcomes ended by `through`: the payload of backend.models.fitting.prequential.

    Columns stock_code, trade_date (ISO), horizon, and p_up by name of the model, None where it said nothing. Where both
    modes are asked for, live predictions go first and the replay, which was made walk-forward, fills the sessions
    without them.
    """
    bound = {"since": since, "through": through, "modes": [mode.value for mode in modes]}
    rows = (await session.execute(_PREQUENTIAL, bound)).all()
    columns = {name: [getattr(row, name) for row in rows] for name in ("stock_code", "trade_date", "horizon")}
    names = sorted({name for row in rows for name in row.p_up})
    return columns | {"p_up": {name: [row.p_up.get(name) for row in rows] for name in names}}


async def list_live_hashes(
    session: AsyncSession, *, trade_date: date, version_ids: Sequence[int]
) -> Sequence[Row[Any]]:
    """model_version_id, stock_code, horizon, features_hash and verdict of the newest live ones of that base session."""
    query = text("""
        SELECT DISTINCT ON (model_version_id, stock_code, horizon)
               model_version_id, stock_code, horizon, features_hash, verdict
        FROM predictions
        WHERE mode = 'live' AND trade_date = :trade_date AND model_version_id = ANY (:version_ids)
        ORDER BY model_version_id, stock_code, horizon, asof DESC, id DESC
    """)
    return (await session.execute(query, {"trade_date": trade_date, "version_ids": list(version_ids)})).all()


async def record_predictions(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Append predictions. Returns how many were new."""
    return len(await upsert(session, Prediction, rows, key=_UNIQUE, returning=["id"]))
