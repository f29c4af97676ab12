"""Figures in tables of the command line: what they are is in their words, none is minus zero, percent has one form."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.cli.figures import audit_cells, forecast_cells, metric_cells

ROOT = Path(__file__).parents[2]
OTHER_FORM = re.compile(r"[\d}] %(?![A-Za-z(])")
FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6, "baseline": 0.508, "n": 9, "n_days": 3}
ROW = {
    "model": "gated", "horizon": 1, "n": 1_479, "n_days": 74, "brier_skill": FIGURE, "accuracy": FIGURE,
    "accuracy_shown": None, "coverage": FIGURE | {"value": 0.0}, "sessions_needed": None,
}  # fmt: skip


def test_a_forecast_says_what_is_usual_what_is_now_and_how_sure_that_is() -> None:
    row = {"p_up": 0.48862, "verdict": "call", "explanation": {"p0": 0.51}, "asof": "2026-11-20T06:40:00Z"}
    assert forecast_cells(row) == row | {"usual": "51", "p_up": "49", "word": "call: underperform"}
    lean = forecast_cells(row | {"verdict": "lean", "p_up": 0.5134})
    assert (lean["usual"], lean["p_up"], lean["word"]) == ("51.0", "51.3", "leans outperform")
    unnamed = forecast_cells(row | {"verdict": "none", "explanation": {}})
    assert (unnamed["usual"], unnamed["p_up"], unnamed["word"]) == ("-", "49", "none")


def test_a_rule_leans_from_the_probability_at_which_it_takes_no_side() -> None:
    """Its 0.47 is above the 0.45 that is usual, and yet it means down: to a rule one half is usual."""
    row = {"p_up": 0.47, "verdict": "lean", "explanation": {"p0": 0.45, "lean": -0.03}}
    cells = forecast_cells(row)
    assert (cells["usual"], cells["p_up"], cells["word"]) == ("50", "47", "leans underperform")


def test_opinions_that_nobody_gave_have_no_share_of_right_ones() -> None:
    cells = metric_cells(ROW)
    assert (cells["opinions"], cells["coverage"]) == ("none given", "0.0")
    given = metric_cells(ROW | {"accuracy_shown": FIGURE | {"low": None, "high": None}})
    assert given["opinions"] == "50.00 [-, -]"


def test_no_cell_is_minus_zero() -> None:
    tiny: dict[str, Any] = {"value": -0.00004, "low": -0.00041, "high": -0.0}
    cells = metric_cells(ROW | {"brier_skill": tiny, "accuracy_shown": tiny, "coverage": tiny})
    assert (cells["skill"], cells["opinions"], cells["coverage"]) == (*["0.00 [-0.04, 0.00]"] * 2, "0.0")
    assert audit_cells({"said": -0.0, "again": -0.00004}) == {"said": "0.0000", "again": "0.0000"}
    assert audit_cells({"said": 0.51, "again": None})["again"] == "-"


def _texts(folder: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_what_people_read_writes_percent_without_a_space() -> None:
    """Help and sentences of the command line, descriptions of the API; reports and the page have their own tests."""
    described = json.dumps(json.loads((ROOT / "docs/openapi.json").read_text()), ensure_ascii=False)
    assert OTHER_FORM.search("95 % interval")
    assert [text for text in (*_texts("backend/cli"), described) if OTHER_FORM.search(text)] == []
