"""Cells of tables that hold figures: forecasts, metrics of models and recomputed probabilities, as people read them."""

from collections.abc import Mapping
from typing import Any, Final

from backend.domain.figures import fixed, of_hundred
from backend.domain.forecasts import word_key

_MISSING = "-"
_WORDS: Final = {
    "call_up": "call: outperform", "call_down": "call: underperform", "lean_up": "leans outperform",
    "lean_down": "leans underperform", "none": "none",
}  # fmt: skip
Cells = dict[str, Any]


def forecast_cells(row: Mapping[str, Any]) -> Cells:
    """A forecast of the API with its chance to beat the market beside the usual one, of 100, and its word."""
    usual = row["explanation"].get("p0")
    if "lean" in row["explanation"]:  # what takes no side: one half for a rule that knows no base rate
        usual = row["p_up"] - row["explanation"]["lean"]
    shown = (_MISSING, fixed(100 * row["p_up"], 0)) if usual is None else of_hundred(usual, row["p_up"])
    lean = row["p_up"] - (0.5 if usual is None else usual)
    return {**row, "usual": shown[0], "p_up": shown[1], "word": _WORDS[word_key(row["verdict"], lean)]}


def metric_cells(row: Mapping[str, Any]) -> Cells:
    """Figures of one model and horizon in percent; opinions that nobody gave have no share of right ones."""
    accuracy, need, shown = row["accuracy"] or {}, row["sessions_needed"] or {}, row["accuracy_shown"]
    return {
        **row,
        "skill": _range(row["brier_skill"]),
        "accuracy": _range(row["accuracy"]),
        "opinions": "none given" if shown is None else _range(shown),
        "base": _hundredths(accuracy.get("baseline")),
        "coverage": _hundredths((row["coverage"] or {}).get("value")),
        "needed": need.get("value"),
    }


def audit_cells(line: Mapping[str, Any]) -> Cells:
    """A stored probability beside the one computed again."""
    again = _MISSING if line["again"] is None else fixed(line["again"], 4)
    return {**line, "said": fixed(line["said"], 4), "again": again}


def return_cell(share: float | None) -> str | None:
    """A return with its sign; None stays None, and what rounds to zero has no sign."""
    if share is None:
        return None
    shown = fixed(100 * share, 2)
    return f"+{shown}%" if float(shown) > 0 else f"{shown}%"


def _range(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return _MISSING
    value, low, high = (
        _MISSING if estimate[name] is None else fixed(100 * estimate[name], 2) for name in ("value", "low", "high")
    )
    return f"{value} [{low}, {high}]"


def _hundredths(share: float | None) -> str:
    return _MISSING if share is None else fixed(100 * share, 1)
