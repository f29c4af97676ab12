"""Sentences of the API as the command line says them: commands where they name routes, fields without their place."""

import re
from typing import Any, Final

# Routes that sentences name -> the command that does the same. The first that fits counts.
_COMMANDS: Final = tuple(
    (re.compile(rf"'?\b{route}(?![\w/])'?"), command)
    for route, command in (
        (r"GET /api/keys", "azak keys list"),
        (r"GET /api/models/(?:\{\w+\}|[\w-]+)", "azak models show NAME"),
        (r"DELETE /api/models/([\w-]+)", r"azak models retire \1"),
        (r"POST /api/models/([\w-]+)/rollback", r"azak models rollback \1"),
        (r"GET /api/models", "azak models list"),
        (r"POST /api/ab_test/[^/ ]+/(\w+)", r"azak ab \1 ID"),
        (r"GET /api/ab_test", "azak ab list"),
        (r"PATCH /api/stocks/[^/ ]+", "azak stocks resume STOCK"),
        (r"POST /api/stocks", "azak stocks add STOCK"),
        (r"GET /api/stocks", "azak stocks list"),
        (r"GET /api/news", "azak news list"),
        (r"POST /api/reports", "azak report STOCK"),
        (r"GET /api/reports", "azak reports list"),
        (r"GET /api/briefs", "azak reports briefs"),
        (r"(?:GET|POST) /api/prediction", "azak predict STOCK"),
        (r"POST /api/jobs/(\w+)/runs", r"azak jobs run \1"),
        (r"GET /api/jobs", "azak jobs list"),
        (r"GET /api/runs", "azak runs list"),
        (r"GET /api/sources", "azak sources list"),
        (r"GET /api/calendar", "azak calendar list"),
    )
)
_PLACE = re.compile(r"\b(?:path|query|header|body)\.(?=\w)")
_KEY_WANTED = (
    "The API wants its key: set AZAK_API_KEY as it stands in azak.env of the machine that runs azak, or add --demo for "
    "the demo on this one."
)


def in_commands(sentence: str) -> str:
    """A sentence of azak with commands in the place of the routes that it names."""
    for route, command in _COMMANDS:
        sentence = route.sub(f"'{command}'", sentence)
    return sentence


def problem_sentence(problem: dict[str, Any], status: int) -> str:
    """What a problem (RFC 9457) says to the person at the command line: its detail and every further field."""
    if status == 401:
        return _KEY_WANTED
    said = str(problem.get("detail") or problem.get("title") or f"The API answered {status}.")
    for error in (problem.get("errors") or ())[1:]:
        said += f" Correct {'.'.join(map(str, error['location']))}: {error['message']}."
    return in_commands(_PLACE.sub("", said))
