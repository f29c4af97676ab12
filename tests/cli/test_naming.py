"""Ids by their beginning, stocks by code, name or alias: what fits is taken, the rest is refused with candidates."""

import uuid

import pytest
from sqlalchemy import insert, select, update

from backend.db.tables.runs import Run
from backend.db.tables.stocks import Stock
from tests.cli.conftest import RunningApi
from tests.factories import SAMSUNG, add_stock

FIRST, SECOND = "2d9b0eff-1111-4111-8111-111111111111", "2d9b0eff-2222-4222-8222-222222222222"
OPEN = "7c000000-3333-4333-8333-333333333333"


@pytest.fixture(scope="module")
async def filled(api: RunningApi) -> RunningApi:
    """Three runs, two of them with ids that begin alike, and stocks whose names are near to each other."""
    async with api.database.write() as session:
        for run_id, state in ((FIRST, "failed"), (SECOND, "failed"), (OPEN, "queued")):
            values = {"id": uuid.UUID(run_id), "kind": "crawl_news", "state": state, "active_key": run_id}
            await session.execute(insert(Run).values(values | {"origin": "clock"}))
        await add_stock(session, "006400", "삼성SDI", aliases=["SDI", "삼성"])
        await add_stock(session, "009150", "삼성전기", aliases=["삼성"])
        await session.execute(update(Stock).where(Stock.code == SAMSUNG).values(aliases=["삼전", "Samsung"]))
    return api


@pytest.mark.parametrize("beginning", ["2d9b0eff-1", "2D9B0EFF-1111-", "2d9b0eff1", FIRST])
def test_a_run_is_found_by_the_beginning_of_its_id(filled: RunningApi, beginning: str) -> None:
    shown = filled("runs", "show", beginning)
    assert (shown.returncode, shown.stdout.split()[:2]) == (0, ["id", FIRST])


@pytest.mark.parametrize("command", ["show", "cancel", "retry", "logs"])
def test_an_id_that_is_cut_too_short_is_refused_with_the_candidates(filled: RunningApi, command: str) -> None:
    refused = filled("runs", command, "2d9b0eff")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("azak: '2d9b0eff' begins several ids, give more of it: ")
    assert f"{FIRST} (crawl_news)" in refused.stderr
    assert f"{SECOND} (crawl_news)" in refused.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("abc", "No id begins with 'abc'; see 'azak runs list'."),
        ("latest", "'latest' is no id; take one, or its beginning, from 'azak runs list'."),
        ("2d9b0eff-9…", "is no id"),
        ("../runs", "is no id"),
        (str(uuid.UUID(int=7)), "list runs with 'azak runs list'."),
    ],
)
def test_what_is_no_run_is_refused_with_the_command_that_lists_them(filled: RunningApi, given: str, says: str) -> None:
    refused = filled("runs", "show", given)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert "None" not in refused.stderr


def test_a_run_is_cancelled_and_retried_by_the_beginning_of_its_id(filled: RunningApi) -> None:
    cancelled = filled("runs", "cancel", "7c")
    assert (cancelled.returncode, cancelled.stdout) == (0, f"crawl_news {OPEN} is cancelled\n")
    retried = filled("runs", "retry", "7c")
    assert (retried.returncode, "azak runs show" in retried.stdout) == (0, True)


def test_a_key_is_revoked_by_the_beginning_of_its_id(filled: RunningApi) -> None:
    assert filled("keys", "add", "phone").returncode == 0
    key_id = filled("keys", "list").stdout.split("\t")[0]
    assert filled("keys", "revoke", key_id[:8]).stdout == "phone is revoked.\n"
    assert filled("keys", "revoke", "no-id").returncode == 2


@pytest.mark.parametrize("given", ["005930", "삼성전자", "삼전", "samsung", " 삼성 전자 "])
def test_a_stock_is_found_by_code_name_and_alias(filled: RunningApi, given: str) -> None:
    listed = filled("reports", "list", "--stock", given)
    assert (listed.returncode, listed.stdout.split("\t")[1:3]) == (0, [SAMSUNG, "삼성전자"])


@pytest.mark.parametrize(
    "command",
    [
        ("predict",),
        ("report",),
        ("news", "list", "--stock"),
        ("reports", "list", "--stock"),
        ("stocks", "pause"),
        ("open",),
    ],
)
def test_a_name_of_two_stocks_and_one_of_none_are_refused(filled: RunningApi, command: tuple[str, ...]) -> None:
    several, unknown = filled(*command, "삼성"), filled(*command, "삼성전지")
    assert (several.returncode, unknown.returncode, several.stdout + unknown.stdout) == (2, 2, "")
    assert several.stderr == (
        "azak: '삼성' names several stocks, give the code: 삼성SDI (006400), 삼성전기 (009150).\n"
    )
    assert unknown.stderr.startswith("azak: '삼성전지' is not watched; did you mean ")
    assert "삼성전자 (005930)" in unknown.stderr
    assert "삼성전기 (009150)" in unknown.stderr
    assert "하이닉스" not in unknown.stderr
    assert unknown.stderr.endswith("? Otherwise add it with 'azak stocks add 삼성전지'.\n")


def test_a_stock_like_no_other_is_refused_with_the_command_that_adds_it(filled: RunningApi) -> None:
    refused = filled("predict", "035720")
    assert (refused.returncode, refused.stderr) == (
        2,
        "azak: '035720' is not watched; add it with 'azak stocks add 035720'.\n",
    )


async def test_a_wanted_prediction_is_that_of_the_named_stock(filled: RunningApi) -> None:
    done = await filled.ending_runs("predict", "삼전", state="failed", error={"message": "no model"})
    assert (done.returncode, "no model" in done.stderr) == (1, True)
    async with filled.database.read() as session:
        asked = select(Run.arguments).where(Run.kind == "generate_predictions")
        assert [row["stock_codes"] for row in await session.scalars(asked)] == [[SAMSUNG]]
