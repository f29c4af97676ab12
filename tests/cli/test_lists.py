"""Lists on the command line: one record a line in a pipe, a table that fits in a terminal, ids uncut in both."""

import re
import uuid
from datetime import timedelta

import pytest
from rich.cells import cell_len
from sqlalchemy import insert

from backend import clock
from backend.db.tables.runs import Run
from tests.cli.conftest import RunningApi
from tests.factories import add_ab_test, add_news

MESSAGE = "a message that is much longer than a terminal is wide, " * 4
FIRST, SECOND = "2d9b0eff-1111-4111-8111-111111111111", "2d9b0eff-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
async def filled(api: RunningApi) -> RunningApi:
    """More than one run, an A/B test, a hostile headline, a key and a special day."""
    async with api.database.write() as session:
        for number, run_id in enumerate((FIRST, SECOND)):
            made = clock.now() - timedelta(hours=number)
            await session.execute(
                insert(Run).values(
                    id=uuid.UUID(run_id), kind="crawl_news", state="failed", key=run_id, active_key=run_id,
                    origin="clock", created_at=made, finished_at=made, message=MESSAGE,
                )
            )  # fmt: skip
        await add_ab_test(session, api.world.version, api.world.other_version)
        await add_news(session, title="빨강 \x1b[31m경고\x07\t탭\n줄 [bold]굵게[/bold] " + "긴 제목 " * 30, ago_s=1)
    assert api("keys", "add", "phone").returncode == 0
    assert api("calendar", "set", "2027-03-03", "보궐선거").returncode == 0
    return api


LISTS = {
    "stocks": r"\d{6}", "news": r"\d+", "reports": r"\d+", "models": r"[a-z]+", "ab": r"\d+",
    "runs": r"[0-9a-f-]{36}", "jobs": "[a-z_]+", "sources": "[a-z_]+", "keys": r"[0-9a-f-]{36}",
    "calendar": r"\d{4}-\d\d-\d\d",
}  # fmt: skip


@pytest.mark.parametrize(("command", "an_id"), LISTS.items())
def test_a_record_is_a_line_in_a_pipe_and_a_fitting_row_in_a_terminal(
    filled: RunningApi, command: str, an_id: str
) -> None:
    piped = filled(command, "list", COLUMNS="40")
    assert (piped.returncode, piped.stderr) == (0, "")
    records = [line.split("\t") for line in piped.stdout.splitlines()]
    assert records
    assert len({len(record) for record in records}) == 1, "each record has the same values"
    assert all(re.fullmatch(an_id, record[0]) for record in records), "no headings, ids whole"
    for columns in (80, 40):
        heading, *rows = filled.in_terminal(command, "list", columns=columns)
        assert [row.split("  ")[0].strip() for row in rows] == [record[0] for record in records]
        widest = max(cell_len(line) for line in (heading, *rows))
        assert widest <= max(columns, *(len(record[0]) for record in records))


def test_a_pipe_has_whole_values_and_whole_times(filled: RunningApi) -> None:
    lines = filled("runs", "list", "--kind", "crawl_news").stdout.splitlines()
    record = dict(
        zip(("id", "kind", "state", "origin", "created", "finished", "message"), lines[0].split("\t"), strict=True)
    )
    assert (record["id"], record["message"]) == (FIRST, MESSAGE)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", record["created"])


def test_nothing_found_is_no_record(filled: RunningApi) -> None:
    piped = filled("runs", "list", "--state", "dead")
    assert (piped.returncode, piped.stdout, piped.stderr) == (0, "", "No run is like that.\n")
    assert filled.in_terminal("runs", "list", "--state", "dead") == ["No run is like that."]


def test_headlines_do_not_reach_the_terminal_as_controls(filled: RunningApi) -> None:
    """In lists, in one item, in a pipe: no escape sequence, no new line, no markup of rich."""
    newest = filled("news", "list", "--limit", "1").stdout
    assert "빨강 [31m경고 탭 줄 [bold]굵게[/bold]" in newest
    written = newest + "\n".join(
        filled.in_terminal("news", "list") + filled.in_terminal("news", "show", newest.split()[0])
    )
    assert "[31m경고" in written
    assert not set(written) & {"\x1b", "\x07"}


def test_lists_take_the_filters_that_they_name(filled: RunningApi) -> None:
    of_hynix = filled("news", "list", "--stock", "SK하이닉스").stdout.splitlines()
    assert [line.split("\t")[0] for line in of_hynix] == [str(filled.world.news)]
    assert filled("news", "list", "--source", "nobody").stdout == ""
    assert filled("reports", "list", "--stock", "000660").stdout == ""
    assert len(filled("news", "list", "--limit", "2").stdout.splitlines()) == 2
