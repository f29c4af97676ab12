"""Finds what stored reports said that is not so, and notes which report corrects them.

A report stays as it was written. Wrong is a story that does not count for the stock any more, one that is read as
another kind of event or with another side, and a closing price that was restated. News of later is no error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.reports import ReportCorrection
from backend.db.upsert import upsert
from backend.domain.understanding.events import NO_TYPE
from backend.reports.sheet_parts import WrongFact

# Who read an older report has long read a newer one.
LOOK_BACK: Final = timedelta(days=7)

_WRONG = text("""
    WITH said AS MATERIALIZED (
        SELECT r.id, r.stock_code, r.asof, r.fact_sheet
        FROM reports r JOIN stocks s ON s.code = r.stock_code AND s.is_forecast
        WHERE r.asof > :since AND r.asof <= :asof
          AND (CAST(:codes AS text[]) IS NULL OR r.stock_code = ANY (CAST(:codes AS text[])))
          AND NOT EXISTS (SELECT FROM report_corrections c WHERE c.report_id = r.id)
    ),
    told AS MATERIALIZED (
        SELECT said.id, said.stock_code, said.asof, t.news_id, t.event_type, t.sign
        FROM said CROSS JOIN LATERAL jsonb_to_recordset(said.fact_sheet -> 'stories')
             AS t (news_id bigint, event_type text, sign text)
    ),
    restated AS MATERIALIZED (
        SELECT told.*, now.event_type AS now_type, now.sign AS now_sign,
               EXISTS (SELECT FROM version_links l WHERE l.version_id = now.id AND l.stock_code = told.stock_code
                          AND l.confidence >= 0.5) AND flags_count(now.flags) AS counts
        FROM told
        JOIN news_versions now ON now.news_id = told.news_id AND now.retired_at IS NULL AND now.recorded_at > told.asof
         AND now.recorded_at <= :asof AND NOT EXISTS (
             SELECT FROM news_versions later WHERE later.news_id = now.news_id AND later.version > now.version
                AND later.retired_at IS NULL)
    )
    SELECT stock_code, id AS report_id, asof, 'link' AS kind, news_id, '' AS said, '' AS now
    FROM restated WHERE NOT counts
    UNION ALL
    SELECT stock_code, id, asof, 'event', news_id, event_type || ' ' || sign, now_type || ' ' || now_sign
    FROM restated WHERE counts AND now_type <> :no_type AND (now_type, now_sign) <> (event_type, sign)
    UNION ALL
    SELECT said.stock_code, said.id, said.asof, 'price', NULL, round(x.regular_close_krw)::bigint::text,
           round(b.regular_close_krw)::bigint::text
    FROM said
    JOIN daily_bars b ON b.stock_code = said.stock_code AND b.is_final
     AND b.trade_date = CAST(said.fact_sheet -> 'price' ->> 'bars_to' AS date)
    CROSS JOIN LATERAL (
        SELECT x.regular_close_krw FROM daily_bars_replaced x
        WHERE x.stock_code = b.stock_code AND x.trade_date = b.trade_date AND x.is_final AND x.retired_at > said.asof
        ORDER BY x.retired_at LIMIT 1
    ) x
    WHERE said.fact_sheet -> 'price' ->> 'at' IS NULL
      AND round(x.regular_close_krw) = CAST(said.fact_sheet -> 'price' ->> 'last_krw' AS bigint)
      AND round(x.regular_close_krw) <> round(b.regular_close_krw)
    ORDER BY 1, 2, 4, 5
""")


async def list_wrong_facts(
    session: AsyncSession, *, asof: datetime, codes: Sequence[str] | None = None
) -> dict[str, tuple[WrongFact, ...]]:
    """By stock code what its uncorrected reports of the last days got wrong, oldest report first."""
    bound = {
        "asof": asof, "since": asof - LOOK_BACK, "codes": codes if codes is None else list(codes), "no_type": NO_TYPE,
    }  # fmt: skip
    found: dict[str, tuple[WrongFact, ...]] = {}
    for row in await session.execute(_WRONG, bound):
        wrong = WrongFact(row.report_id, row.asof, row.kind, row.news_id, row.said, row.now)
        found[row.stock_code] = (*found.get(row.stock_code, ()), wrong)
    return found


async def record_corrections(session: AsyncSession, report_id: int, wrong: Sequence[WrongFact]) -> int:
    """Note that the report `report_id` corrects those that `wrong` names. Returns how many."""
    facts: Mapping[int, list[WrongFact]] = {
        fact.report_id: [other for other in wrong if other.report_id == fact.report_id] for fact in wrong
    }
    rows = [
        {
            "report_id": old, "corrected_by": report_id,
            "facts": [asdict(fact) | {"asof": fact.asof.isoformat()} for fact in told],
        }
        for old, told in facts.items()
    ]  # fmt: skip
    return len(await upsert(session, ReportCorrection, rows, key=["report_id"]))
