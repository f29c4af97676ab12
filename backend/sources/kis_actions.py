"""Corporate actions that KIS passes on from the securities depository: bonus and paid-in issues, par changes, capital
reductions, mergers and splits. Real accounts alone; a call gives at most a hundred rows, of all stocks or of one.

Paths, parameters and names of fields are those of KIS's samples (open-trading-api, ksdinfo_*), forms of the values are
those of the examples in its portal: rates in percent of the old shares, dates as 20260413 or 2026/04/13, blank while
nobody knows them. A reduction's rate comes rounded to two decimals (15 to 1 as 0.07), and what a merger's is of is not
told, so neither gives a factor; both say that there is an action.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from backend.clock import KST
from backend.domain.market import STOCK_CODE, AnnouncedAction
from backend.sources.http.client import Answer
from backend.sources.http.json_bodies import list_objects
from backend.sources.kis import KisClient, read_success
from backend.text.numbers import read_number

SOURCE: Final = "kis_ksd"
ROOM: Final = "uapi/domestic-stock/v1/ksdinfo/"
PAGE: Final = 100  # rows of an answer, at most
_LARGEST_RATIO: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One of the depository's lists: what it asks, and which field has the first session with the new price."""

    kind: str
    path: str
    tr_id: str
    ex_date: str
    factor: Callable[[Mapping[str, Any]], float | None]
    parameters: Mapping[str, str]


def _bonus_factor(row: Mapping[str, Any]) -> float | None:
    """New price / old price when each old share brings `fix_rate` percent of a new one."""
    percent = read_number(row.get("fix_rate"))
    return 1 / (1 + percent / 100) if percent and percent > 0 else None


def _par_factor(row: Mapping[str, Any]) -> float | None:
    before, after = read_number(row.get("inter_bf_face_amt")), read_number(row.get("inter_af_face_amt"))
    return after / before if before and after else None


def _no_factor(_row: Mapping[str, Any]) -> float | None:
    return None


CALLS: Final = (
    ActionCall("bonus", "bonus-issue", "HHKDB669101C0", "right_dt", _bonus_factor, {}),
    # What paid-in shares do to the price depends on the close before; 2: by the record date.
    ActionCall("paid", "paidin-capin", "HHKDB669100C0", "right_dt", _no_factor, {"GB1": "2"}),
    ActionCall("par_change", "rev-split", "HHKDB669105C0", "list_dt", _par_factor, {"MARKET_GB": "0"}),
    ActionCall("reduction", "cap-dcrs", "HHKDB669106C0", "list_dt", _no_factor, {}),
    ActionCall("merger_or_split", "merger-split", "HHKDB669104C0", "list_dt", _no_factor, {}),
)


async def fetch_actions(kis: KisClient, call: ActionCall, first: date, last: date, *, stock_code: str = "") -> Answer:
    """Actions whose record date is within the two dates, of one stock or of all (the first page)."""
    parameters = {"CTS": "", "F_DT": f"{first:%Y%m%d}", "T_DT": f"{last:%Y%m%d}", "SHT_CD": stock_code}
    return await kis.get(call.path, call.tr_id, {**parameters, **call.parameters}, room=ROOM)


def parse_actions(answer: Answer, call: ActionCall) -> list[AnnouncedAction]:
    """Actions with a date, in the order of the answer; rows without one, or of something unlisted, are left out."""
    return [found for row in _rows(answer) if (found := _action(row, call)) is not None]


def is_full(answer: Answer) -> bool:
    """Whether there may be more rows than the answer holds."""
    return len(_rows(answer)) >= PAGE


def _rows(answer: Answer) -> list[dict[str, Any]]:
    body = read_success(answer)
    return list_objects(body.get("output1") or body.get("output"))


def _action(row: Mapping[str, Any], call: ActionCall) -> AnnouncedAction | None:
    code, ex_date = str(row.get("sht_cd", "")).strip()[:9], _date(row.get(call.ex_date))
    if not STOCK_CODE.match(code) or ex_date is None:
        return None
    factor = call.factor(row)
    is_plausible = factor is not None and 1 / _LARGEST_RATIO <= factor <= _LARGEST_RATIO
    return AnnouncedAction(code, call.kind, ex_date, factor if is_plausible else None)


def _date(value: object) -> date | None:
    try:
        return datetime.strptime(str(value)[:20].strip().replace("/", ""), "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
