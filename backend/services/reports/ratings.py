"""Ratings of reports by people: 1..5, each change a new row; kept apart from the scores by prices.

Reports to rate are blinded: without writer, model and version, and in a random order per rater, so that neither a name
nor the newest text is favoured.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import RowMapping, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow, Keyset, Page, fetch_newest
from backend.db.tables.reports import Rating
from backend.errors import NotFoundError

# The next report to rate is drawn from this many of the newest.
DRAWN_FROM: Final = 200
_COLUMNS = (Rating.id, Rating.report_id, Rating.rater, Rating.score, Rating.comment, Rating.created_at)

_NEXT = text(
    """
    SELECT r.id AS report_id, r.stock_code, s.name, r.asof, r.text_ko, r.text_en
    FROM (SELECT * FROM reports ORDER BY asof DESC, id DESC LIMIT :drawn_from) r
    JOIN stocks s ON s.code = r.stock_code
    WHERE NOT EXISTS (SELECT FROM ratings g WHERE g.report_id = r.id AND g.rater = :rater)
    ORDER BY sha256(convert_to(:rater || ':' || r.id, 'UTF8')) LIMIT 1
    """
)
_REVEALED = text(
    """
    SELECT r.id AS report_id, r.writer, m.name AS model, v.version
    FROM reports r JOIN model_versions v ON v.id = r.model_version_id JOIN models m ON m.id = v.model_id
    WHERE r.id = :report_id
    """
)
# Only the newest rating of each rater for each report counts. Good is 4 or 5; its share has Wilson's 95% interval.
_SUMMARY = text(
    """
    WITH last AS (
        SELECT DISTINCT ON (report_id, rater) report_id, rater, score FROM ratings ORDER BY report_id, rater, id DESC
    ), counted AS (
        SELECT m.name AS model, r.writer, count(*) AS n, count(DISTINCT l.rater) AS raters,
               avg(l.score)::float8 AS mean, avg((l.score >= 4)::int)::float8 AS good
        FROM last l JOIN reports r ON r.id = l.report_id
        JOIN model_versions v ON v.id = r.model_version_id JOIN models m ON m.id = v.model_id
        GROUP BY m.name, r.writer
    ), judged AS (
        SELECT m.name AS model, r.writer, count(*) AS scored, avg(c.target_score) AS target,
               avg(c.timing_score) AS timing, avg(c.risk_score) AS risk
        FROM report_scores c JOIN reports r ON r.id = c.report_id
        JOIN model_versions v ON v.id = r.model_version_id JOIN models m ON m.id = v.model_id
        WHERE c.engine_version = :engine_version AND c.state = 'final' GROUP BY m.name, r.writer
    )
    SELECT model, writer, coalesce(n, 0) AS n, coalesce(raters, 0) AS raters, mean, good,
           (good + z2 / (2 * n) - z * sqrt(good * (1 - good) / n + z2 / (4 * n * n))) / (1 + z2 / n) AS low,
           (good + z2 / (2 * n) + z * sqrt(good * (1 - good) / n + z2 / (4 * n * n))) / (1 + z2 / n) AS high,
           coalesce(scored, 0) AS scored, target, timing, risk
    FROM counted FULL JOIN judged USING (model, writer), (VALUES (1.959964, 1.959964 ^ 2)) AS q (z, z2)
    ORDER BY model, writer
    """
)


async def get_next(session: AsyncSession, *, rater: str) -> RowMapping:
    """A blinded report that `rater` has not rated. Raises NotFoundError when all are rated."""
    row = (await session.execute(_NEXT, {"rater": rater, "drawn_from": DRAWN_FROM})).mappings().one_or_none()
    if row is None:
        raise NotFoundError("You have rated all recent reports; ask for a new one with POST /api/reports.")
    return row


async def add_rating(
    session: AsyncSession, *, report_id: int, rater: str, score: int, comment: str
) -> dict[str, object]:
    """Store a rating. Returns it with writer, model and version of the report. Raises NotFoundError."""
    revealed = (await session.execute(_REVEALED, {"report_id": report_id})).mappings().one_or_none()
    if revealed is None:
        raise NotFoundError(f"There is no report {report_id}; list them with GET /api/reports.")
    values = {"report_id": report_id, "rater": rater, "score": score, "comment": comment}
    row = (await session.execute(insert(Rating).values(values).returning(*_COLUMNS))).mappings().one()
    return {**row, **revealed}


async def list_ratings(session: AsyncSession, keyset: Keyset, *, report_id: int | None) -> Page:
    """All ratings, newest first, including those that the same rater has changed since."""
    query = select(*_COLUMNS)
    if report_id is not None:
        query = query.where(Rating.report_id == report_id)
    return await fetch_newest(session, query, keyset, by=[Rating.id], key=_key)


def _key(row: AnyRow) -> tuple[int]:
    return (row.id,)


async def list_summaries(session: AsyncSession, *, engine_version: str) -> Sequence[RowMapping]:
    """Ratings and scores of reports by model and writer."""
    return (await session.execute(_SUMMARY, {"engine_version": engine_version})).mappings().all()
