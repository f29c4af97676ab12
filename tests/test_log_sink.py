"""A log line never raises into the work; files are moved aside while their process runs, and stay within their cap."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.log import get_logger, log_path
from backend.log_sink import MAX_LINE_CHARS, Sink

NewSink = Callable[..., Sink]
LogTo = Callable[[Sink], None]
FULL = Path("/dev/full")  # every write to it fails with ENOSPC


@pytest.fixture
def new_sink() -> Iterator[Callable[..., Sink]]:
    made: list[Sink] = []

    def new(path: Path, **options: int) -> Sink:
        made.append(Sink(path, **options))
        return made[-1]

    yield new
    for sink in made:
        sink.close()


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())}


def test_a_file_is_moved_aside_and_only_so_many_are_kept(tmp_path: Path, new_sink: NewSink) -> None:
    sink = new_sink(tmp_path / "logs" / "api.jsonl", max_bytes=100, kept=2)
    for number in range(40):
        sink.write(f"{number:09d}\n")
    assert sizes(tmp_path / "logs") == {"api.jsonl": 100, "api.jsonl.1": 100, "api.jsonl.2": 100}
    assert (tmp_path / "logs" / "api.jsonl").read_text().splitlines()[-1] == "000000039"
    assert (tmp_path / "logs" / "api.jsonl.2").read_text().splitlines()[0] == "000000010"
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "logs").iterdir()} == {0o600}


def test_a_process_that_starts_again_goes_on_with_its_file(tmp_path: Path, new_sink: NewSink) -> None:
    for _ in range(3):
        new_sink(tmp_path / "api.jsonl", max_bytes=100).write("123456789\n")
    assert sizes(tmp_path) == {"api.jsonl": 30}


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_drops_the_line_and_counts_it_until_there_is_room(tmp_path: Path, new_sink: NewSink) -> None:
    link = tmp_path / "api.jsonl"
    link.symlink_to(FULL)
    sink = new_sink(link)
    sink.write("lost\n")
    assert sink.state["dropped"] == 1
    assert "No space left on device" in sink.state["error"]
    link.unlink()
    sink.write("lost as well: not every line tries the disk again\n")
    assert sink.state["dropped"] == 2
    sink._failed_at -= 5
    sink.write("kept\n")
    assert sink.state == {"dropped": 2, "error": None}
    assert link.read_text() == "kept\n"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_an_idle_process_finds_by_itself_that_there_is_room_again(tmp_path: Path, new_sink: NewSink) -> None:
    """Nothing is logged for minutes, and health named a log that had long been well."""
    link = tmp_path / "api.jsonl"
    link.symlink_to(FULL)
    sink = new_sink(link)
    sink.write("lost\n")
    sink._failed_at -= 5
    assert "No space left on device" in sink.state["error"]  # looked for, and still in the way: no line is lost by it
    link.unlink()
    assert "No space left on device" in sink.state["error"]  # not each look tries the disk
    sink._failed_at -= 5
    assert sink.state == {"dropped": 1, "error": None}
    told = json.loads(link.read_text())
    assert (told["event"], told["lines"], told["level"]) == ("log_lines_lost", 1, "warning")


def test_a_folder_that_is_gone_is_made_again(tmp_path: Path, new_sink: NewSink) -> None:
    sink = new_sink(tmp_path / "logs" / "api.jsonl", max_bytes=20)
    sink.write("123456789\n")
    (tmp_path / "logs" / "api.jsonl").unlink()
    (tmp_path / "logs").rmdir()
    for _ in range(3):
        sink.write("123456789\n")
    assert sizes(tmp_path / "logs") == {"api.jsonl": 10, "api.jsonl.1": 20}
    assert sink.state == {"dropped": 0, "error": None}


def test_a_file_that_was_deleted_or_moved_is_made_again(tmp_path: Path, new_sink: NewSink) -> None:
    """Else its lines go where nobody reads them, and nothing says so."""
    path = tmp_path / "api.jsonl"
    sink = new_sink(path)
    sink.write("one\n")
    path.unlink()
    sink.write("two\n")
    assert path.read_text() == "two\n"
    path.rename(tmp_path / "moved")
    path.write_text("of another program\n")
    sink.write("three\n")
    assert path.read_text() == "of another program\nthree\n"
    path.unlink()
    assert sink.state == {"dropped": 0, "error": None}  # an idle process writes no line for minutes
    assert path.read_text() == ""


def test_what_keeps_a_deleted_file_away_is_told_before_a_line_is_lost(tmp_path: Path, new_sink: NewSink) -> None:
    folder = tmp_path / "logs"
    sink = new_sink(folder / "api.jsonl")
    sink.write("one\n")
    folder.rename(tmp_path / "moved")
    folder.write_text("a file in its place")
    assert "FileExistsError" in sink.state["error"]
    sink.write("lost\n")
    folder.unlink()
    sink._failed_at -= 5
    assert sink.state == {"dropped": 1, "error": None}
    assert json.loads((folder / "api.jsonl").read_text())["lines"] == 1


def test_a_line_is_cut_at_its_cap(tmp_path: Path, new_sink: NewSink) -> None:
    sink = new_sink(tmp_path / "api.jsonl")
    sink.write("x" * 1_000_000 + "\n")
    assert sizes(tmp_path)["api.jsonl"] == MAX_LINE_CHARS + len("…\n".encode())


class _Hostile:
    def __repr__(self) -> str:
        raise ValueError("no")


def test_whatever_is_logged_the_work_goes_on(tmp_path: Path, new_sink: NewSink, log_to: LogTo) -> None:
    path = tmp_path / "api.jsonl"
    log_to(new_sink(path))
    log = get_logger("test").bind()
    log.info("surrogate", title="\ud800")
    log.info("hostile", value=_Hostile())
    log.info("fine")
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert "log_line_unreadable" in lines[1]
    assert '"event":"fine"' in lines[2]


def test_instances_and_children_have_files_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_APP_INSTANCE", "1")
    assert log_path(Path("/logs/azak-api-{instance}.jsonl")) == Path("/logs/azak-api-1.jsonl")
    assert log_path(Path("/logs/scheduler.jsonl"), "models") == Path("/logs/scheduler-models.jsonl")
    assert log_path(None, "models") is None


def test_standard_output_follows_the_new_file(tmp_path: Path) -> None:
    """`azak up` opens the same file for what a process prints: a traceback must not go to a file that is moved away."""
    program = """
import os, sys
from pathlib import Path
from backend.log_sink import Sink
sink = Sink(Path(sys.argv[1]), max_bytes=50, kept=1)
for number in range(20):
    sink.write(f"{number:09d}\\n")
os.write(2, b"a traceback\\n")
"""
    path = tmp_path / "api.jsonl"
    with path.open("ab") as log:
        subprocess.run([sys.executable, "-c", program, str(path)], stdout=log, stderr=log, check=True, env=os.environ)
    assert "a traceback" in path.read_text()


def test_standard_output_follows_a_file_that_was_deleted(tmp_path: Path) -> None:
    """Also when it could not be made again at once."""
    program = """
import os, shutil, sys
from pathlib import Path
from backend.log_sink import Sink
path = Path(sys.argv[1])
sink = Sink(path)
sink.write("one\\n")
shutil.rmtree(path.parent)
path.parent.write_text("")
sink.write("lost\\n")
path.parent.unlink()
sink._failed_at -= 5
sink.write("two\\n")
os.write(2, b"a traceback\\n")
"""
    path = tmp_path / "logs" / "api.jsonl"
    path.parent.mkdir()
    with path.open("ab") as log:
        subprocess.run([sys.executable, "-c", program, str(path)], stdout=log, stderr=log, check=True, env=os.environ)
    assert path.read_text() == "two\na traceback\n"


def test_a_pipe_that_nobody_reads_is_told_before_a_line_is_lost() -> None:
    """An idle process writes its next line in minutes, and health has 30 s."""
    reader, writer = os.pipe()
    sink = Sink()
    with os.fdopen(writer, "w") as stream:
        sink._file = stream
        assert sink.state == {"dropped": 0, "error": None}
        os.close(reader)
        assert sink.state == {"dropped": 0, "error": "BrokenPipeError: nobody reads the log any more"}
