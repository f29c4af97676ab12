"""Similar past stories and what the price did after them: the table of cases in a report.

Exact vector scan; only stories whose five sessions were over before `asof` are cases.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CASES: Final = 5
Facts = dict[str, Any]

_CASES = text("""
    SELECT w.code, found.*
    FROM unnest(CAST(:codes AS text[]), CAST(:stories AS bigint[])) AS w (code, story_id)
    JOIN stories told ON told.id = w.story_id
    JOIN embeddings own ON own.news_id = told.head_news_id
    CROSS JOIN LATERAL (
        SELECT h.id AS news_id, h.title, one.stock_code, k.name AS stock_name, s.first_known_at AS known_at,
               1 - (e.vector <=> own.vector) AS similarity,
               one.adjusted_return AS return_1, five.adjusted_return AS return_5
        FROM stories s
        JOIN news h ON h.id = s.head_news_id
        JOIN embeddings e ON e.news_id = h.id AND e.embedder = own.embedder
        JOIN impacts one ON one.story_id = s.id AND one.horizon = 1 AND one.state = 'final'
        JOIN impacts five ON five.story_id = s.id AND five.stock_code = one.stock_code
                         AND five.horizon = 5 AND five.state = 'final'
        JOIN stocks k ON k.code = one.stock_code
        WHERE s.id <> told.id AND s.first_known_at < told.first_known_at AND s.first_known_at < :asof
        ORDER BY e.vector <=> own.vector, s.id, one.stock_code LIMIT :most
    ) found
    ORDER BY w.code, found.similarity DESC, found.news_id, found.stock_code
""")


async def list_similar_cases(
    session: AsyncSession, about: Mapping[str, int | None], *, asof: datetime
) -> dict[str, list[Facts]]:
    """CaseFacts as JSON by stock code. `about`: the story of each stock whose like is looked for."""
    known = {code: story for code, story in about.items() if story is not None}
    bound = {"codes": list(known), "stories": list(known.values()), "asof": asof, "most": CASES}
    cases: dict[str, list[Facts]] = {}
    for row in (await session.execute(_CASES, bound)).mappings():
        facts = dict(row)
        code = facts.pop("code")
        facts["similarity"] = round(facts["similarity"], 2)
        facts |= {name: round(facts[name], 4) for name in ("return_1", "return_5")}
        cases.setdefault(code, []).append(facts)
    return cases
