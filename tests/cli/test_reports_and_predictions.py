"""What `report`, `predict` and `audit` print: all rows with their record, text without markup, why one differs."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from backend import clock
from backend.cli.report_text import report_lines
from backend.db.tables.reports import Brief
from tests.cli.conftest import RunningApi
from tests.factories import SAMSUNG, add_metric, add_news, add_prediction, add_report, add_version

GOLDEN = Path(__file__).parents[1] / "reports" / "golden"
MARKDOWN = r"""# 삼성전자 (005930) · KOSPI

**결론: 48.9 %, 의견 보류.** 표본 \(58거래일\), 출처 naver\_polling\_kr.

- [n2400](/api/news/2400) \[단독\] 반도체 \| 수주 &lt;속보&gt; · 한국경제

| 소식 | 종목 | 날짜 |
| --- | --- | --- |
| [n77](/api/news/77) A \| B | SK하이닉스 | 2026-10-11 |
| 짧음 | 기아 | - |

_투자 권유가 아닌 참고용 정보예요._
"""
TEXT = """삼성전자 (005930) · KOSPI

결론: 48.9 %, 의견 보류. 표본 (58거래일), 출처 naver_polling_kr.

- 뉴스 2400 [단독] 반도체 | 수주 <속보> · 한국경제

소식           종목        날짜
뉴스 77 A | B  SK하이닉스  2026-10-11
짧음           기아        -

투자 권유가 아닌 참고용 정보예요.
"""


def test_a_report_reads_as_plain_text() -> None:
    lines = list(report_lines(MARKDOWN, "뉴스"))
    assert "".join(f"{text}\n" for text, _ in lines) == TEXT
    assert [text.split(" ")[0] for text, is_heading in lines if is_heading] == ["삼성전자", "소식"]


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.md")), ids=lambda file: file.stem)
def test_no_markup_of_any_report_is_left(file: Path) -> None:
    text = "\n".join(line for line, _ in report_lines(file.read_text(), "news"))
    assert not re.search(r"\\|\*\*|/api/|\[n\d|^#|^\||&(amp|lt|gt);|^_", text, re.MULTILINE)
    assert re.search(r"news 12\d", text)


@pytest.fixture(scope="module")
async def filled(api: RunningApi) -> RunningApi:
    """A newest batch of 24 forecasts of Samsung by 6 models, an older one, and records: live, of a backtest, none."""
    day = clock.now().date()
    async with api.database.write() as session:
        news = [await add_news(session, SAMSUNG) for _ in range(3)]
        asof = clock.now() - timedelta(seconds=5)
        for number in range(6):
            version = await add_version(session, f"model-{number}")
            evidence = [{"news_id": one, "weight": 0.1} for one in news[: number // 2]]
            values: dict[str, Any] = {
                "asof": asof,
                "trade_date": day,
                "explanation": {"p0": 0.457},
                "evidence": evidence,
            }
            for horizon in (0, 1, 3, 5):
                await add_prediction(session, version, horizon=horizon, **values)
            if number < 2:
                held = {"value": 0.8, "n": 39}
                figures = {"accuracy_shown": {"value": 0.535, "n": 1234} if number else None, "band_coverage": held}
                await add_metric(session, version, day, mode=("live", "backtest")[number], values=figures)
        texts = {"text_ko": MARKDOWN, "text_en": MARKDOWN.replace("결론", "Verdict")}
        await add_report(session, api.world.version, ago_s=1, **texts)
    return api


HEADINGS = ("id", "stock", "name", "model", "days", "usual", "chance", "band", "word", "news", "calls", "held",
            "size", "asof")  # fmt: skip


async def test_predict_prints_every_row_with_name_chance_band_news_and_record(filled: RunningApi) -> None:
    done = await filled.ending_runs("predict", "삼성전자")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [dict(zip(HEADINGS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    assert len(rows) == 24
    assert {(row["stock"], row["name"]) for row in rows} == {(SAMSUNG, "삼성전자")}
    (live,) = [row for row in rows if (row["model"], row["days"]) == ("model-0", "1")]
    assert (live["usual"], live["chance"], live["band"]) == ("46", "56", "71,000-74,000")
    assert (live["word"], live["news"], live["calls"], live["held"]) == ("call: outperform", "0", "", "80.0% of 39")
    (replayed,) = [row for row in rows if (row["model"], row["days"]) == ("model-1", "1")]
    assert (replayed["calls"], replayed["held"]) == ("53.5% of 1,234 (backtest)", "80.0% of 39 (backtest)")
    (without,) = [row for row in rows if (row["model"], row["days"]) == ("model-5", "3")]
    assert (without["news"], without["calls"], without["held"], without["size"]) == ("2", "", "", "")


async def test_report_prints_text_that_a_person_can_read(filled: RunningApi) -> None:
    written = await filled.ending_runs("report", SAMSUNG)
    assert (written.returncode, written.stdout) == (0, TEXT)
    report, *about = filled("reports", "list").stdout.splitlines()[0].split("\t")
    assert about[:2] == [SAMSUNG, "삼성전자"]
    assert filled("reports", "show", report, "--english").stdout.startswith(
        "삼성전자 (005930) · KOSPI\n\nVerdict: 48.9 %"
    )
    assert filled.in_terminal("reports", "show", report, columns=200) == TEXT.splitlines()


async def test_a_report_is_saved_in_the_form_that_the_file_is_named_for(filled: RunningApi, tmp_path: Path) -> None:
    report = filled("reports", "list").stdout.splitlines()[0].split("\t")[0]
    file, page, other = (tmp_path / f"report.{form}" for form in ("md", "html", "docx"))
    saved = filled("reports", "save", report, str(file), "--english")
    assert (saved.returncode, saved.stdout) == (0, f"Saved {file}.\n")
    assert file.read_text() == MARKDOWN.replace("결론", "Verdict")
    assert filled("reports", "save", report, str(page)).returncode == 0
    assert "<!doctype html>" in page.read_text()
    wrong = filled("reports", "save", report, str(other))
    assert (wrong.returncode, "A report is saved as md, html, pdf;" in wrong.stderr) == (2, True)
    assert not other.exists()


async def test_briefs_are_printed_or_that_there_is_none(filled: RunningApi) -> None:
    nothing = filled("reports", "briefs")
    assert (nothing.returncode, nothing.stdout.startswith("There is no brief yet; one is written")) == (0, True)
    brief = {
        "run_id": uuid.uuid4(), "trade_date": clock.now().date(), "kind": "close", "asof": clock.now(),
        "fact_sheet": {}, "text_ko": "# 마감 브리핑\n\n- 가나 [n7](/api/news/7).\n", "text_en": "# E",
        "writer": "b", "citations": [7],
    }  # fmt: skip
    async with filled.database.write() as session:
        await session.execute(insert(Brief).values(brief))
    assert filled("reports", "briefs").stdout == "마감 브리핑\n\n- 가나 뉴스 7.\n"


async def test_audit_says_why_a_prediction_differs(filled: RunningApi) -> None:
    why = "what the model looked at is not what it looked at then"
    line = {
        "prediction_id": 7, "model": "gated", "stock_code": SAMSUNG, "asof": "2026-11-26T06:40:00+00:00", "horizon": 1,
        "said": 0.53, "again": 0.55, "reproduces": False, "reason": why,
    }  # fmt: skip
    event = {"level": "warning", "message": f"prediction 7: {why}", "data": line}
    counts = {"read": 1, "failed": 1, "detail": {"reproduced": 0, "differ": 1}}
    done = await filled.ending_runs("audit", "7", events=(event,), counts=counts)
    assert done.returncode == 1
    first, last = done.stdout.splitlines()
    assert first.split("\t") == ["7", "gated", SAMSUNG, "2026-11-26T06:40:00+00:00", "1", "0.5300", "0.5500", why]
    assert last == "0 are reproduced, 1 differ."


async def test_a_run_that_fails_names_commands(filled: RunningApi) -> None:
    error = {"message": "There is no prediction 7; list them with GET /api/prediction."}
    done = await filled.ending_runs("audit", "7", state="failed", error=error)
    assert (done.returncode, "GET" in done.stderr) == (1, False)
    assert "'azak predict STOCK'" in done.stderr


PAUSED = (
    "Stocks that were not known are paused: their history counts, and nothing new is made of them until 'azak stocks"
    " resume CODE'."
)


async def test_import_says_how_a_file_was_read_and_what_was_refused(filled: RunningApi) -> None:
    refused = {
        "line": 7,
        "code": SAMSUNG,
        "day": "2026-07-11",
        "kind": "closed_day",
        "reason": "closed",
        "value": "1 2",
    }
    file = {
        "path": "/x/a b.csv", "fault": None, "form": "delimited", "encoding": "cp949", "layout": "KRX one stock (CSV)",
        "delimiter": ",", "header_line": 1, "columns": {"date": "일자"}, "repeat": ["--encoding cp949", "--raw"],
        "is_cut": True, "first_day": "2026-07-01", "last_day": "2026-07-11", "sessions_missing": 1,
        "missing": ["2026-07-03"], "basis": "raw", "basis_because": "cap fits", "counts": {"rows": 5, "new": 4},
        "refused": {"closed_day": 1}, "first_refused": [refused],
    }  # fmt: skip
    counts = {"rows": 5, "new": 4, "refused": 1, "stocks": 1}
    result = {"dry_run": True, "counts": counts, "refused": {"closed_day": 1}, "rejects": "/d/r.csv"}
    events = (
        {"level": "info", "message": "file", "data": file},
        {"level": "info", "message": "result", "data": result},
    )
    done = await filled.ending_runs("import", "prices", "/x/a b.csv", "--dry-run", events=events)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "/x/a b.csv",
        "  read as KRX one stock (CSV), delimited, cp949, header in line 1",
        "  columns date=일자",
        "  days 2026-07-01 to 2026-07-11, 1 sessions in between are missing (2026-07-03)",
        "  prices are raw: cap fits",
        "  the archive is cut: only what came before is read",
        "  the same again: azak import prices '/x/a b.csv' --encoding cp949 --raw",
        "  5 rows: 4 new",
        "  refused 1: closed_day 1",
        f"    line 7 {SAMSUNG} 2026-07-11: closed [1 2]",
        "Nothing is stored; the import would store: 4 new, 1 stocks added as paused; refused 1.",
        PAUSED,
        "Every refused row: /d/r.csv",
    ]
