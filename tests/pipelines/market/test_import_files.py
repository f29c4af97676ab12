"""import_files with real files into a real database: dry run, twice, grown, adjusted anew, interrupted, refused."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts
from backend.errors import InvalidInputError
from backend.internal import ImportArguments
from backend.krx import KrxCalendar
from backend.pipelines.market import bar_checks, import_files
from backend.pipelines.market.imports import prices
from tests.sources import world

CALENDAR = KrxCalendar()
HEADER = "date,code,name,market,open,high,low,close,volume\n"
BARS = (
    "SELECT stock_code, trade_date::text, open_krw, regular_close_krw, volume, basis, flags, source, hindsight"
    " FROM daily_bars ORDER BY 1, 2"
)


class Importer:
    """Writes files and imports them; `lines`: data of the last run's log by message."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, folder
        self.lines: dict[str, list[dict[str, Any]]] = {}

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def read(self, path: str) -> str:
        return Path(path).read_text("utf-8-sig")

    async def run(self, kind: str, files: Sequence[str], **said: Any) -> Counts:
        arguments = ImportArguments.model_validate({"kind": kind, "files": list(files)} | said)
        context = await world.new_context(self.settings, self.database, CALENDAR, "import_files")
        try:
            return await import_files.run(context, arguments)
        finally:
            self.lines = {}
            for message, data in await self.fetch(
                f"SELECT message, data FROM run_events WHERE run_id = '{context.run_id}' ORDER BY id"
            ):
                self.lines.setdefault(message, []).append(data)

    async def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return await world.fetch_all(self.database, statement)


@pytest.fixture
def importer(settings: Settings, database: Database, tmp_path: Path) -> Importer:
    settings.general.data_dir = tmp_path / "azak"
    folder = tmp_path / "files"
    folder.mkdir()
    return Importer(settings, database, folder)


def rows(closes: Sequence[float], code: str = "900010", *, first: int = 6) -> str:
    """Bars of consecutive days of July 2026 from Monday the 6th on, a week at most."""
    return "".join(
        f"2026-07-{first + n:02},{code},가람전자,KOSDAQ,{close},{close + 10},{close - 10},{close},{100 + n}\n"
        for n, close in enumerate(closes)
    )


async def test_a_dry_run_says_what_the_import_does_and_a_second_import_writes_nothing(importer: Importer) -> None:
    halted = "2026-07-09,900010,가람전자,KOSDAQ,0,0,0,1000.5,0\n"
    closed = "2026-07-11,900010,가람전자,KOSDAQ,1000,1010,990,1000,5\n"
    bad = "2026-07-10,90001X0,가람전자,KOSDAQ,1000,1010,990,1000,5\n"
    file = importer.write(
        "a.csv.gz", gzip.compress((HEADER + rows([1000, 1001.25, 1000]) + halted + closed + bad).encode())
    )
    dry = await importer.run("prices", [file], dry_run=True)
    said = importer.lines["file"][0]
    assert (dry.written, dry.detail["would_write"], dry.detail["refused"]) == (0, 4, 2)
    assert await importer.fetch(BARS) == []
    assert await importer.fetch("SELECT code FROM stocks") == []
    real = await importer.run("prices", [file])
    assert importer.lines["file"][0] == said
    assert (real.detail["daily_bars"], real.detail["stocks"], real.detail["refused"]) == (4, 1, 2)
    assert said["refused"] == {"bad_code": 1, "closed_day": 1}
    assert (said["basis"], said["first_day"], said["last_day"]) == ("adjusted", "2026-07-06", "2026-07-09")
    common: tuple[Any, ...] = ("adjusted", [], "file", True)
    assert await importer.fetch(BARS) == [
        ("900010", "2026-07-06", 1000.0, 1000.0, 100, *common),
        ("900010", "2026-07-07", 1001.25, 1001.25, 101, *common),
        ("900010", "2026-07-08", 1000.0, 1000.0, 102, *common),
        ("900010", "2026-07-09", None, 1000.5, 0, "adjusted", ["no_trade"], "file", True),
    ]
    assert await importer.fetch("SELECT name, market, state FROM stocks") == [("가람전자", "KOSDAQ", "paused")]
    known = "SELECT DISTINCT (known_at AT TIME ZONE 'Asia/Seoul')::time::text, recorded_at > known_at FROM daily_bars"
    assert await importer.fetch(known) == [("15:30:00", True)]
    again = await importer.run("prices", [file])
    assert (again.written, again.detail["same"]) == (0, 4)
    assert await importer.fetch("SELECT count(*) FROM daily_bars_replaced") == [(0,)]


async def test_the_planner_knows_the_size_of_what_was_imported(importer: Importer) -> None:
    """Without it the statements that follow the import of a market read tables as if they were empty."""
    await importer.run("prices", [importer.write("a.csv", HEADER + rows([1000, 1001.25, 1000]))])
    assert await importer.fetch("SELECT reltuples FROM pg_class WHERE relname = 'daily_bars'") == [(3.0,)]


async def test_a_grown_file_adds_its_rows_and_one_adjusted_anew_replaces_the_series(importer: Importer) -> None:
    before = rows([1000, 1000.5, 1001])
    await importer.run("prices", [importer.write("a.csv", HEADER + before)])
    grown = await importer.run("prices", [importer.write("a.csv", HEADER + before + rows([1002], first=9))])
    assert (grown.detail["daily_bars"], grown.detail["same"]) == (1, 3)
    halved = rows([500, 500.25, 500.5]) + rows([501], first=9) + rows([502], first=10)
    anew = await importer.run("prices", [importer.write("a.csv", HEADER + halved)])
    assert importer.lines["file"][0]["counts"]["rebased_series"] == 1
    assert (anew.detail["daily_bars"], anew.detail["refused"]) == (5, 0)
    closes = "SELECT regular_close_krw FROM daily_bars ORDER BY trade_date"
    assert await importer.fetch(closes) == [(500.0,), (500.25,), (500.5,), (501.0,), (502.0,)]
    kept = "SELECT regular_close_krw FROM daily_bars_replaced ORDER BY trade_date"
    assert await importer.fetch(kept) == [(1000.0,), (1000.5,), (1001.0,), (1002.0,)]


async def test_rows_that_disagree_are_refused_both_and_named(importer: Importer) -> None:
    file = importer.write("a.csv", HEADER + rows([1000.5, 1001]) + rows([1002], first=7))
    counts = await importer.run("prices", [file])
    assert (counts.detail["daily_bars"], counts.detail["refused"]) == (1, 2)
    shown = importer.lines["file"][0]["first_refused"]
    assert [(one["line"], one["code"], one["day"], one["kind"]) for one in shown] == [
        (3, "900010", "2026-07-07", "disagrees"),
        (4, "900010", "2026-07-07", "disagrees"),
    ]
    written = importer.read(importer.lines["result"][0]["rejects"]).splitlines()
    assert written[1].startswith(f"{file},3,900010,2026-07-07,disagrees,two rows for this day disagree")


async def test_one_bad_file_stops_no_other_and_no_state_is_mixed(importer: Importer) -> None:
    files = [
        importer.write("a.csv", HEADER + rows([1000.5])),
        importer.write("unknown.csv", "a,b\n1,2\n"),
        importer.write("raw.csv", HEADER + rows([2000, 2010], "900020")),  # whole won: nothing tells the basis
    ]
    with pytest.raises(InvalidInputError, match=r"1 of 3 files were read\. .*unknown.csv: .* And 1 more files"):
        await importer.run("prices", [*files, "relative.csv"][:3])
    assert [line["fault"] is None for line in importer.lines["file"]] == [True, False, False]
    assert "say --adjusted or --raw" in importer.lines["file"][2]["fault"]
    assert await importer.fetch("SELECT stock_code FROM daily_bars") == [("900010",)]
    said = await importer.run("prices", [files[2]], basis="raw")
    assert said.detail["daily_bars"] == 2
    assert await importer.fetch("SELECT DISTINCT basis FROM daily_bars WHERE stock_code = '900020'") == [("raw",)]


async def test_an_interrupted_import_goes_on_where_it_was(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    file = importer.write("a.csv", HEADER + rows([1000.5, 1001, 1002]) + rows([500, 501, 502], "900020"))
    monkeypatch.setattr(prices, "ROWS_A_WRITE", 1)
    write, calls = prices._write, []

    async def dies(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise ConnectionError
        await write(*given)

    monkeypatch.setattr(prices, "_write", dies)
    with pytest.raises(ConnectionError):
        await importer.run("prices", [file])
    assert await importer.fetch("SELECT count(*) FROM daily_bars") == [(3,)]
    monkeypatch.setattr(prices, "_write", write)
    counts = await importer.run("prices", [file])
    assert (counts.detail["daily_bars"], counts.detail["same"]) == (3, 3)


JUMP = (
    "2025-07-07,900010,가람전자,KOSDAQ,1000.5,1010.5,990.5,1000.5,1\n"
    "2025-07-08,900010,가람전자,KOSDAQ,1000.5,1010.5,990.5,1000.5,1\n"
    "2025-07-09,900010,가람전자,KOSDAQ,3000.5,3010.5,2990.5,3000.5,2\n"
)
FLAGGED = "SELECT trade_date::text, flags FROM daily_bars WHERE flags <> '{}' ORDER BY 1"
LIES = [("2025-07-08", ["flat_copy"]), ("2025-07-09", ["beyond_limit"])]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
async def test_bars_of_all_files_are_looked_at_whatever_their_order(importer: Importer, order: list[int]) -> None:
    files = [importer.write("2025.csv", HEADER + JUMP), importer.write("2026.csv", HEADER + rows([3001.5, 3002.5]))]
    await importer.run("prices", [files[n] for n in order])
    assert await importer.fetch(FLAGGED) == LIES


async def test_bars_that_a_failed_run_stored_are_looked_at_by_the_next(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = importer.write("2025.csv", HEADER + JUMP)

    async def dies(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(bar_checks, "check_bars", dies)
        with pytest.raises(RuntimeError):
            await importer.run("prices", [file])
    assert (await importer.run("prices", [file])).detail["same"] == 3
    assert await importer.fetch(FLAGGED) == LIES


async def test_days_that_are_refused_are_no_days_of_the_file(importer: Importer) -> None:
    outside = "0001-01-05,900010,가람전자,KOSDAQ,1000,1010,990,1000,5\n2099-01-05,900010,가람전자,KOSDAQ,1,2,1,1,5\n"
    file = importer.write("a.csv", HEADER + outside + rows([1000.5]) + rows([1001.5], first=8))
    await importer.run("prices", [file], dry_run=True)
    told = importer.lines["file"][0]
    assert (told["first_day"], told["last_day"], told["missing"]) == ("2026-07-06", "2026-07-08", ["2026-07-07"])


async def test_rows_of_indices_are_closes_of_the_index(importer: Importer) -> None:
    header = "symbol,market,date,open,high,low,close,adj_close,volume\n"
    file = importer.write("a.csv", header + "069500,INDEX_KOSPI,2026-07-06,10,11,9,10.5,10.5,100\n")
    counts = await importer.run("prices", [file], basis="adjusted")
    assert (counts.detail["daily_bars"], "stocks" in counts.detail) == (1, False)
    stored = "SELECT index_code, trade_date::text, close, source, hindsight FROM index_bars"
    assert await importer.fetch(stored) == [("KOSPI", "2026-07-06", 10.5, "file", True)]
    assert (await importer.run("prices", [file], basis="adjusted")).written == 0


async def test_a_session_that_only_an_index_has_is_missing(importer: Importer) -> None:
    index = "2026-07-07,069500,,INDEX_KOSPI,10,11,9,10.5,100\n"
    file = importer.write("a.csv", HEADER + rows([1000.5]) + index + rows([1001.5], first=8))
    await importer.run("prices", [file], dry_run=True)
    assert importer.lines["file"][0]["missing"] == ["2026-07-07"]


async def test_a_list_tells_the_stocks_that_prices_alone_do_not(importer: Importer) -> None:
    bars = importer.write("900010.csv", "date,open,high,low,close,volume\n2026-07-06,10,11,9,10.5,100\n")
    with_code = importer.write("b.csv", "date,code,open,high,low,close,volume\n2026-07-06,900010,10,11,9,10.5,100\n")
    unknown = await importer.run("prices", [with_code])
    assert (unknown.written, importer.lines["result"][0]["refused"]) == (0, {"unknown_stock": 1})
    listing = importer.write(
        "l.csv", "code,name,market\n900010,가람전자,kosdaq\n900020,나래물산,moon\n900030,나래펀드,etf\n"
    )
    first = await importer.run("listed", [listing])
    assert (first.detail["listings"], importer.lines["result"][0]["refused"]) == (2, {"unknown_market": 1})
    assert await importer.fetch("SELECT code, kind FROM listings ORDER BY 1") == [
        ("900010", "share"),
        ("900030", "fund"),
    ]
    assert (await importer.run("listed", [listing])).written == 0
    assert await importer.fetch("SELECT code FROM stocks") == []  # a list watches nothing
    counts = await importer.run("prices", [bars])
    assert (counts.detail["daily_bars"], counts.detail["stocks"]) == (1, 1)
    assert importer.lines["file"][0]["code"] == "900010"
    assert await importer.fetch("SELECT code, name, state FROM stocks") == [("900010", "가람전자", "paused")]


async def test_news_count_from_their_moment_or_from_the_next_opening_after_their_day(importer: Importer) -> None:
    await world.execute(
        importer.database,
        "INSERT INTO stocks (code, name, market, state) VALUES ('900010', '가람전자', 'KOSPI', 'paused')",
    )
    file = importer.write(
        "news.jsonl",
        '{"title": "가람전자 단추 공장 증설", "date": "2026-07-10", "codes": ["900010"]}\n'  # a Friday
        '{"title": "가람전자 끈 특허 취득", "date": "2026-07-08 14:00", "codes": []}\n'
        '{"title": "가람전자 단추 공장 증설", "date": "2026-07-10", "codes": ["900010"]}\n'
        '{"title": "가람전자 내일 소식", "date": "2999-01-01"}\n',
    )
    dry = await importer.run("news", [file], dry_run=True)
    assert (dry.detail["would_write"], dry.detail["merged"], dry.detail["refused"]) == (2, 1, 1)
    assert await importer.fetch("SELECT count(*) FROM news") == [(0,)]
    counts = await importer.run("news", [file])
    assert (counts.detail["news"], counts.detail["links"]) == (2, 2)
    stored = await importer.fetch(
        "SELECT title, to_char(known_at AT TIME ZONE 'Asia/Seoul', 'MM-DD HH24:MI'), source, 'archive' = ANY (flags)"
        " FROM news ORDER BY known_at"
    )
    assert stored == [
        ("가람전자 끈 특허 취득", "07-08 14:00", "file", True),
        ("가람전자 단추 공장 증설", "07-13 09:00", "file", True),
    ]
    again = await importer.run("news", [file])
    assert (again.written, again.detail["same"]) == (0, 2)


async def test_news_of_a_day_that_does_not_count_yet_wait(importer: Importer) -> None:
    today = clock.now().astimezone(clock.KST).date()
    file = importer.write("n.jsonl", f'{{"title": "가람전자 오늘 소식", "date": "{today}"}}\n')
    assert (await importer.run("news", [file])).written == 0
    assert importer.lines["result"][0]["refused"] == {"not_yet": 1}
