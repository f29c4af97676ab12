"""Commands that change something, against the real API: stocks, models and A/B tests."""

import pytest

from tests.cli.conftest import RunningApi
from tests.factories import add_version


@pytest.fixture(scope="module")
async def filled(api: RunningApi) -> RunningApi:
    """Two more models that can be compared, and one that is not built in."""
    async with api.database.write() as session:
        await add_version(session, "knn", "2026-11-26-1a2b")
        await add_version(session, "price", "2026-11-26-3c4d")
        await add_version(session, "challenger")
    return api


def test_an_ab_test_goes_from_its_draft_to_its_end(filled: RunningApi) -> None:
    drafted = filled("ab", "draft", "knn", "price")
    number = drafted.stdout.split(":")[0]
    assert drafted.stdout == f"{number}: knn against price; start it with 'azak ab start {number}'\n"
    assert filled("ab", "start", number).stdout == "knn against price: running\n"
    listed = filled("ab", "list").stdout.splitlines()[0].split("\t")
    assert listed[:5] == [number, "knn against price", "running", "knn 2026-11-26-1a2b", "price 2026-11-26-3c4d"]
    shown = filled("ab", "show", number)
    assert (shown.returncode, "No result yet" in shown.stdout) == (0, True)
    assert filled("ab", "draft", "knn", "price", "--name", "second").returncode == 0
    refused = filled("ab", "start", str(int(number) + 1))
    assert (refused.returncode, "azak" in refused.stderr) == (1, True)
    assert filled("ab", "stop", number).stdout.startswith("knn against price: decided")
    assert filled("ab", "archive", number).stdout.startswith("knn against price: archived")


def test_a_model_is_shown_added_and_retired(filled: RunningApi) -> None:
    shown = filled("models", "show", "knn").stdout
    assert ("2026-11-26-1a2b" in shown, "active" in shown) == (True, True)
    added = filled("models", "add", "knn-wide", "--kind", "knn", "--parameters", '{"k": 200}')
    assert (added.returncode, "backfill_model queued: azak runs show" in added.stdout) == (0, True)
    states = {line.split("\t")[0]: line.split("\t")[2] for line in filled("models", "list").stdout.splitlines()}
    assert (states["knn"], states["knn-wide"]) == ("active", "not active")
    retired = filled("models", "retire", "challenger")
    assert (retired.returncode, retired.stdout, retired.stderr) == (0, "challenger is retired.\n", "")
    wrong = filled("models", "add", "knn-far", "--kind", "knn", "--parameters", '{"k": 0}')
    assert (wrong.returncode, "Correct " in wrong.stderr) == (2, True)


async def test_a_model_is_put_back_and_let_go(filled: RunningApi) -> None:
    async with filled.database.write() as session:
        await add_version(session, "knn", "2026-11-27-5e6f")
    put_back = filled("models", "rollback", "knn", "--to", "2026-11-26-1a2b")
    assert put_back.stdout == "knn is put back to 2026-11-26-1a2b; 'azak models release knn' ends that.\n"
    assert "2026-11-26-1a2b" in next(
        line for line in filled("models", "list").stdout.splitlines() if line[:4] == "knn\t"
    )
    assert filled("models", "release", "knn").stdout == "The newest version of knn predicts again.\n"
    refused = filled("models", "rollback", "knn", "--to", "2020-01-01-none")
    assert (refused.returncode, "azak models show" in refused.stderr) == (2, True)


def test_a_stock_is_added_by_code_name_and_market(filled: RunningApi) -> None:
    added = filled("stocks", "add", "035720", "--name", "카카오", "--market", "KOSPI")
    assert (added.returncode, "initial_analysis queued: azak runs show" in added.stdout) == (0, True)
    assert "035720\t카카오\tKOSPI\t" in filled("stocks", "list").stdout
    again = filled("stocks", "add", "035720", "--name", "카카오", "--market", "KOSPI")
    assert (again.returncode, "'azak report STOCK'" in again.stderr) == (1, True)


def test_a_stock_is_given_a_name_and_it_is_taken_away(filled: RunningApi) -> None:
    named = filled("stocks", "alias", "005930", "반도체왕")
    assert (named.returncode, named.stdout) == (0, "삼성전자 (005930): 반도체왕\n")
    assert filled("stocks", "alias", "반도체왕", "전자왕").stdout == "삼성전자 (005930): 반도체왕, 전자왕\n"
    refused = filled("stocks", "alias", "005930", "왕")
    assert (refused.returncode, "'왕' is too short; give a name of 2 letters or more." in refused.stderr) == (2, True)
    unknown = filled("stocks", "alias", "005930", "모르는이름", "--remove")
    assert (unknown.returncode, "'모르는이름' is no name that you gave 삼성전자" in unknown.stderr) == (2, True)
    assert filled("stocks", "alias", "005930", "전자 왕", "--remove").stdout == "삼성전자 (005930): 반도체왕\n"
    assert filled("stocks", "alias", "005930", "반도체왕", "--remove").stdout == "삼성전자 (005930): no other name\n"
