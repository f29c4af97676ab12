"""Refusals: each ends with the documented exit code and one sentence that names commands, never routes."""

import ast
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.cli.sentences import in_commands, problem_sentence
from tests.cli.azak import azak
from tests.cli.conftest import RunningApi
from tests.fixtures.database import free_port

ROOT = Path(__file__).parents[2]
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /api/|\bpath\.|\bquery\.|\bbody\.|: None")


@pytest.mark.parametrize(
    ("code", "command", "says"),
    [
        (0, ["stocks", "list"], ""),
        (1, ["models", "retire", "gated"], "gated"),
        (1, ["models", "add", "gated", "--kind", "knn"], "choose another name"),
        (2, ["runs", "list", "--limit", "0"], "Correct limit: "),
        (2, ["runs", "list", "--state", "finished"], "Correct state: "),
        (2, ["runs", "list", "--kind", "NO KIND", "--limit", "0"], " Correct "),
        (2, ["news", "show", "99999"], "list news with 'azak news list'."),
        (2, ["news", "list", "--kind", "rumour"], "Correct kind: "),
        (2, ["reports", "show", "99999"], "list them with 'azak reports list'."),
        (2, ["models", "show", "nobody"], "list them with 'azak models list'."),
        (2, ["models", "show", "../keys"], "There is nothing at this address"),
        (2, ["models", "add", "x", "--kind", "knn", "--parameters", "{"], "is not JSON"),
        (2, ["ab", "show", "99"], "list them with 'azak ab list'."),
        (2, ["ab", "draft", "gated", "gated"], "see 'azak models show NAME'."),
        (2, ["jobs", "run", "no_job"], "There is no run kind 'no_job'; known are "),
        (2, ["jobs", "pause", "no_job"], "list them with 'azak jobs list'."),
        (2, ["jobs", "schedule", "crawl_news"], "Give one of "),
        (2, ["import", "prices", "a.csv", "--adjusted", "--raw"], "Give --adjusted or --raw, not both."),
        (2, ["import", "prices", "a.csv", "--map", "open"], "write it like --map open=시가2"),
        (2, ["import", "news", "a.csv", "--delimiter", "dot"], "take one of comma, semicolon, tab, bar"),
        (
            2,
            ["import", "prices", "a.csv", "--code", "ABC"],
            "--code ABC is no code of a Korean stock; write it like 005930",
        ),
        (
            2,
            ["import", "prices", "a.csv", "--date", "2024-13-02"],
            "--date 2024-13-02 is no day; write it like 2026-03-20",
        ),
        (2, ["import", "news", "a.csv", "--encoding", "latin1"], "take one of utf-8, utf-8-sig, cp949, utf-16"),
        (2, ["import", "listed", "a.csv", "--market", "NASDAQ"], "does not accept market: "),
        (2, ["calendar", "set", "tomorrow", "why"], "Correct trade_date: "),
        (2, ["calendar", "remove", "2027-01-04"], "see 'azak calendar list'"),
        (2, ["keys", "add", "a name", "--scopes", "all"], "Correct name: "),
        (2, ["logs", "nobody"], "There is no log of nobody"),
        (2, ["jobs", "run"], "Missing argument"),
        (2, ["nonsense"], "No such command"),
    ],
)
async def test_exit_codes_and_sentences(api: RunningApi, code: int, command: list[str], says: str) -> None:
    done = api(*command)
    assert (done.returncode, bool(done.stderr)) == (code, code != 0), done.stderr
    assert says in done.stderr
    assert not ROUTE.search(done.stderr)
    if done.stderr.startswith("azak: "):
        assert len(done.stderr.splitlines()) == 1


def test_without_the_key_a_write_is_refused_with_the_setting(api: RunningApi) -> None:
    refused = api("models", "retire", "gated", AZAK_API_KEY="another")
    assert (refused.returncode, refused.stderr.count("AZAK_API_KEY")) == (1, 1)
    assert "Bearer" not in refused.stderr


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """The port of another program that answers every GET so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads what azak says."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(200, b"<html>", 3), (404, b"<html>", 2), (500, b"[]", 1), (503, b'{"detail": "Wait."}', 3), (502, b"", 1)],
)
def test_another_program_on_the_port_is_a_sentence(status: int, body: bytes, code: int, tmp_path: Path) -> None:
    with answering(status, body) as port:
        refused = azak("status", AZAK_DATA_DIR=str(tmp_path), AZAK_API_PORT=port)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (code, 1)
    assert refused.stderr.startswith("azak: ")


@pytest.mark.parametrize(
    "command",
    [
        ["stocks", "list"], ["stocks", "add", "삼성전자"], ["news", "list"], ["models", "list"], ["ab", "list"],
        ["reports", "list"], ["runs", "show", "2d9b"], ["predict", "삼성전자"], ["open"], ["status"], ["jobs", "list"],
    ],
)  # fmt: skip
def test_an_api_that_does_not_answer_is_exit_code_3(command: list[str], tmp_path: Path) -> None:
    refused = azak(*command, AZAK_DATA_DIR=str(tmp_path), AZAK_API_PORT=str(free_port()))
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "start it with 'azak up'" in refused.stderr


def test_the_documented_exit_codes_are_these() -> None:
    """The table of docs/operations.md has each code once."""
    table = re.findall(r"^\| (\d) \| ", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert table == ["0", "1", "2", "3"]


def raised_sentences() -> Iterator[str]:
    """Every sentence that services and jobs may refuse with; x stands for what is filled in."""
    for part in ("services", "pipelines", "api", "db"):
        for file in (ROOT / "backend" / part).rglob("*.py"):
            tree = ast.parse(file.read_text())
            described = {id(inner) for node in ast.walk(tree) if _is_documentation(node) for inner in ast.walk(node)}
            described |= {
                id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr) and id(node) not in described:
                    yield "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in node.values)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
                    yield node.value


def _is_documentation(node: ast.AST) -> bool:
    """A docstring, or what OpenAPI shows: written for who calls the REST API."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", getattr(node.func, "attr", "")) in {
            "Field",
            "Query",
            "APIKeyCookie",
            "HTTPBearer",
        }
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_every_route_in_a_sentence_has_a_command() -> None:
    sentences = [text for text in raised_sentences() if ROUTE.search(text)]
    assert len(sentences) >= 15
    assert [said for text in sentences if re.search(r"/api/\w", said := in_commands(text))] == []


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("add it with POST /api/stocks.", "add it with 'azak stocks add STOCK'."),
        ("see the versions of GET /api/models/{name}.", "see the versions of 'azak models show NAME'."),
        ("see GET /api/models; or not", "see 'azak models list'; or not"),
        ("end it with POST /api/ab_test/{id}/stop.", "end it with 'azak ab stop ID'."),
        (
            "start a new one with POST /api/jobs/crawl_news/runs instead",
            "start a new one with 'azak jobs run crawl_news' instead",
        ),
        ("POST /api/reports.", "'azak report STOCK'."),
        ("nothing to change", "nothing to change"),
    ],
)
def test_routes_become_commands(sentence: str, said: str) -> None:
    assert in_commands(sentence) == said


def test_every_wrong_field_is_named_and_no_place_of_the_request() -> None:
    errors = [
        {"location": ["query", "limit"], "message": "Input should be 1 or more", "kind": "k"},
        {"location": ["body", "arguments", "days"], "message": "Input should be a number", "kind": "k"},
    ]
    problem = {"detail": "Correct query.limit: input should be 1 or more.", "errors": errors}
    said = "Correct limit: input should be 1 or more. Correct arguments.days: Input should be a number."
    assert problem_sentence(problem, 422) == said
