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
from backend.domain.forecasts import Mode

PANEL_SESSIONS: Final = 750
STORIES_A_STOCK: Final = 3
GATE_SESSIONS: Final = 260
_UNIQUE: Final = ("model_version_id", "stock_code", "asof", "horizon", "mode")

_PANEL = text("""
    WITH days AS (
        SELECT DISTINCT trade_date FROM daily_bars
        WHERE is_final AND trade_date <= :through ORDER BY trade_date DESC LIMIT :sessions
    )
    SELECT s.code, s.market,
           array_agg(b.open_krw * b.adjust_factor ORDER BY d.trade_date) AS open,
           array_agg(b.regular_close_krw * b.adjust_factor ORDER BY d.trade_date) AS close,
           array_agg(b.volume / b.adjust_factor ORDER BY d.trade_date) AS volume,
           array_agg(b.regular_close_krw ORDER BY d.trade_date) AS raw_close
    FROM stocks s CROSS JOIN days d
    LEFT JOIN daily_bars b ON b.stock_code = s.code AND b.trade_date = d.trade_date AND b.is_final
    GROUP BY s.code ORDER BY s.code
""")
_PANEL_DAYS = text("""
    SELECT DISTINCT trade_date FROM daily_bars
    WHERE is_final AND trade_date <= :through ORDER BY trade_date DESC LIMIT :sessions
""")
_INDEX = text("SELECT index_code, trade_date, close FROM index_bars WHERE trade_date BETWEEN :first AND :through")


async def load_panel(session: AsyncSession, *, through: date, sessions: int = PANEL_SESSIONS) -> dict[str, Any]:
    """Columns of all stocks over the last sessions up to `through`: the payload of backend.models.fitting.panel.

    Prices and volumes are split-adjusted, None where a stock has no bar; `raw_close` is the traded price.
    """
    limits = {"through": through, "sessions": sessions}
    days = sorted((await session.scalars(_PANEL_DAYS, limits)).all())
    stocks = (await session.execute(_PANEL, limits)).all() if days else []
    index: dict[str, list[float | None]] = {}
    positions = {day: n for n, day in enumerate(days)}
    for row in await session.execute(_INDEX, {"first": days[0] if days else through, "through": through}):
        if row.trade_date in positions:
            index.setdefault(row.index_code, [None] * len(days))[positions[row.trade_date]] = row.close
    return {
        "dates": [str(day) for day in days],
        "codes": [row.code for row in stocks],
        "markets": [row.market for row in stocks],
        **{name: [getattr(row, name) for row in stocks] for name in ("open", "close", "volume", "raw_close")},
        "index": index,
    }


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
    """A story in a window, with the first news item that links it to the stock."""

    story_id: int
    news_id: int


_STORIES = text("""
    SELECT w.n, found.story_id, found.news_id
    FROM unnest(CAST(:codes AS text[]), CAST(:since AS timestamptz[]), CAST(:asof AS timestamptz[]))
         WITH ORDINALITY AS w (stock_code, since, asof, n)
    CROSS JOIN LATERAL (
        SELECT s.id AS story_id, min(l.news_id) AS news_id, min(l.news_known_at) AS known_at
        FROM counting_links l
        JOIN stories s ON s.id = l.story_id
        WHERE l.stock_code = w.stock_code AND l.link_known_at > w.since AND l.link_known_at <= w.asof
          AND l.news_known_at <= w.asof AND s.first_known_at > w.since
        GROUP BY s.id
        ORDER BY min(l.news_known_at) DESC, s.id DESC
        LIMIT :most
    ) found
    ORDER BY w.n, found.known_at DESC, found.story_id DESC
""")


async def list_window_stories(session: AsyncSession, windows: Sequence[NewsWindow]) -> list[list[WindowStory]]:
    """The newest stories of each window that count for its stock (view counting_links), newest first."""
    arguments = {
        "codes": [window.stock_code for window in windows],
        "since": [window.since for window in windows],
        "asof": [window.asof for window in windows],
        "most": STORIES_A_STOCK,
    }
    stories: list[list[WindowStory]] = [[] for _ in windows]
    for row in await session.execute(_STORIES, arguments):
        stories[row.n - 1].append(WindowStory(row.story_id, row.news_id))
    return stories


async def count_labelled_stories(session: AsyncSession, *, through: date) -> dict[str, int]:
    """Horizon (text) -> stories whose effect was final at the close of `through`."""
    rows = await session.execute(
        text("""
            SELECT horizon, count(DISTINCT story_id) AS stories FROM impacts
            WHERE state = 'final' AND exit_trade_date <= :through GROUP BY horizon
        """),
        {"through": through},
    )
    return {str(row.horizon): row.stories for row in rows}


async def background_similarity(session: AsyncSession, *, embedder: str, known_before: datetime) -> float | None:
    """90th percentile of the similarity of unrelated stories: all pairs of the 200 newest known by then."""
    found: float | None = await session.scalar(
        text("""
            WITH sample AS (
                SELECT e.vector, s.id FROM stories s JOIN embeddings e ON e.news_id = s.head_news_id
                WHERE e.embedder = :embedder AND s.first_known_at <= :known_before
                ORDER BY s.first_known_at DESC, s.id DESC LIMIT 200
            )
            SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY 1 - (a.vector <=> b.vector))
            FROM sample a JOIN sample b ON a.id < b.id
        """),
        {"embedder": embedder, "known_before": known_before},
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
