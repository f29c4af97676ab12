"""What an import does with one series, and which files it may read."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.errors import InvalidInputError
from backend.pipelines.market.imports.outcome import Outcome, RejectFile
from backend.pipelines.market.imports.paths import check_path, code_in_name
from backend.pipelines.market.imports.series import Plan, Stored, plan_series
from backend.services.market.imported import StoredBar, StoredSpan
from backend.sources.files.bars import FileBar
from backend.sources.files.refusals import Refused

MONDAY = date(2026, 7, 6)
SESSIONS = {MONDAY + timedelta(days=n) for n in range(26) if n % 7 < 5}
DAYS = sorted(SESSIONS)
LAST = DAYS[15]


def bar(day: date, close: float = 1000, *, line: int = 2, volume: int = 10) -> FileBar:
    return FileBar("900010", day.toordinal(), close, close + 10, close - 10, close, volume, line)


def kept(rows: list[FileBar], *, is_of_file: bool = True) -> dict[date, StoredBar]:
    return {one.trade_date: StoredBar(*one[2:7], is_of_file) for one in rows}


def plan(rows: list[FileBar], stored: list[FileBar], basis: str = "adjusted", *, before: str | None = None) -> Plan:
    """`before`: the basis of what is stored."""
    span = StoredSpan(stored[0].trade_date, stored[-1].trade_date, frozenset({before or basis})) if stored else None
    return plan_series(rows, Stored(kept(stored), span), SESSIONS, LAST, basis)


def told(found: Plan) -> tuple[int, int, int, int, bool, list[str]]:
    kinds = [f"{one.line} {one.kind} {one.day}" for one in found.refused]
    return len(found.new), len(found.changed), found.same, found.merged, found.rebased, kinds


FIRST_TEN = [bar(day) for day in DAYS[:10]]
HALVED = [bar(day, 500) for day in DAYS[:9]] + [bar(day, 1000) for day in DAYS[9:12]]


@pytest.mark.parametrize(
    ("rows", "stored", "found"),
    [
        (FIRST_TEN, [], (10, 0, 0, 0, False, [])),
        (FIRST_TEN, FIRST_TEN, (0, 0, 10, 0, False, [])),
        ([bar(day) for day in DAYS[:12]], FIRST_TEN, (2, 0, 10, 0, False, [])),  # a grown file
        ([*FIRST_TEN, bar(DAYS[0])], [], (10, 0, 0, 1, False, [])),
        (
            [bar(DAYS[0], line=2), bar(DAYS[1], line=3), bar(DAYS[0], 1001, line=4)], [],
            (1, 0, 0, 0, False, ["2 disagrees 2026-07-06", "4 disagrees 2026-07-06"]),
        ),
        ([bar(date(2026, 7, 11))], [], (0, 0, 0, 0, False, ["2 closed_day 2026-07-11"])),
        ([bar(DAYS[16])], [], (0, 0, 0, 0, False, ["2 unfinished 2026-07-28"])),
        ([*FIRST_TEN[:4], bar(DAYS[4], 1001), *FIRST_TEN[5:]], FIRST_TEN, (0, 1, 9, 0, False, [])),  # one corrected
        (HALVED, FIRST_TEN, (2, 9, 1, 0, True, [])),  # adjusted anew, and grown
    ],
)  # fmt: skip
def test_a_series_against_what_is_stored(rows: list[FileBar], stored: list[FileBar], found: object) -> None:
    assert told(plan(rows, stored)) == found


def test_a_new_adjustment_replaces_the_whole_series_or_nothing() -> None:
    late = plan(HALVED[3:], FIRST_TEN)
    assert (late.new, late.changed, late.rebased) == ([], [], False)
    assert [one.kind for one in late.refused] == ["before_rebase"] * 8
    early = plan(HALVED[:9], FIRST_TEN)  # an older file than the stored one
    assert [one.kind for one in early.refused] == ["before_rebase"] * 9


def test_too_few_common_days_to_tell_a_correction_are_another_adjustment() -> None:
    for days in (1, 2):
        late = plan([bar(day, 800) for day in DAYS[10 - days : 13]], FIRST_TEN)
        assert ([one.kind for one in late.refused], late.written) == (["before_rebase"] * (3 + days), [])
    assert plan([bar(DAYS[9]), bar(DAYS[10], 1100)], FIRST_TEN).refused == []


def test_raw_prices_are_never_adjusted_anew() -> None:
    assert told(plan(HALVED, FIRST_TEN, "raw")) == (2, 9, 1, 0, False, [])


def test_adjusted_and_raw_prices_are_never_one_series() -> None:
    found = plan([bar(DAYS[11])], FIRST_TEN, "raw", before="adjusted")
    assert told(found) == (0, 0, 0, 0, False, ["2 other_basis 2026-07-21"])


def test_a_file_does_not_replace_what_a_live_source_told() -> None:
    stored = Stored(kept(FIRST_TEN, is_of_file=False), None)
    found = plan_series([bar(DAYS[0]), bar(DAYS[1], 1001), bar(DAYS[10])], stored, SESSIONS, LAST, "raw")
    assert told(found) == (1, 0, 1, 0, False, ["2 other_source 2026-07-07"])


def test_paths_are_tables_that_a_person_laid_there(tmp_path: Path) -> None:
    data_dir = tmp_path / "azak"
    (tmp_path / ".keys").mkdir()
    data_dir.mkdir()
    good = tmp_path / "prices.csv"
    for path in (good, tmp_path / ".keys" / "a.csv", data_dir / "a.csv", tmp_path / "passwd"):
        path.write_text("x")
    (tmp_path / "link.csv").symlink_to(tmp_path / ".keys" / "a.csv")
    (tmp_path / "other.csv").symlink_to(tmp_path / "passwd")
    os.mkfifo(tmp_path / "pipe.csv")
    assert check_path(str(good), data_dir) == good.resolve()
    for name, reason in {
        "missing.csv": "not readable",
        ".keys/a.csv": "hidden place",
        "link.csv": "hidden place",
        "azak/a.csv": "azak's own directory",
        "passwd": "not named like a table",
        "other.csv": "not named like a table",
        "pipe.csv": "is no file",
        "": "is no file",
    }.items():
        with pytest.raises(InvalidInputError, match=reason):
            check_path(f"{tmp_path}/{name}", data_dir)
    with pytest.raises(InvalidInputError, match="no absolute path"):
        check_path("prices.csv", data_dir)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("005930.csv", "005930"),
        ("A005930_삼성전자.csv", "005930"),
        ("005930.KS.csv", "005930"),
        ("0126z0.csv", "0126Z0"),
        ("data_4027_20260709.csv", None),
        ("202401.csv", None),  # no stock that azak knows
        ("005930-000660.csv", None),
        ("prices.csv", None),
    ],
)
def test_the_code_in_a_files_name(name: str, code: str | None) -> None:
    assert code_in_name(Path("/x") / name, {"005930", "000660", "0126Z0"}) == code


def test_refused_rows_are_written_down_and_harm_no_spreadsheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.pipelines.market.imports.outcome.MOST_WRITTEN", 2)
    outcome = Outcome("/x/a.csv")
    for line in range(5):
        outcome.refuse(Refused(line, "bad_number", "900010", "2026-07-06", "=1+1"))
    rejects = RejectFile(tmp_path / "imports", "run")
    rejects.add("/x/a.csv", outcome.waiting)
    assert outcome.refused == {"bad_number": 5}
    lines = rejects.path.read_text("utf-8-sig").splitlines()
    assert lines[0] == "file,line,code,day,kind,reason,value"
    assert lines[1:] == [f"/x/a.csv,{line},900010,2026-07-06,bad_number,not a number,'=1+1" for line in (0, 1)]
