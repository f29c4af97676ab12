"""What foreigners, institutions and people bought of a stock, net, from KIS: the last thirty sessions.

Path and names of fields are those of KIS's samples (open-trading-api, inquire_investor). Sums are in millions of KRW.
The row of a day whose figures are not out yet is blank; foreigners are those who are registered.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from backend.clock import KST
from backend.domain.outside.flows import InvestorFlow
from backend.sources.http.client import Answer
from backend.sources.http.json_bodies import list_objects
from backend.sources.kis import KisClient, read_success
from backend.text.numbers import read_number

SOURCE: Final = "kis_flows"
_MILLION: Final = 1_000_000
# More than all shares and all turnover of a day; beyond it a number is an error, and would not fit the column.
_MOST: Final = 1e15
_BUYERS: Final = ("frgn", "orgn", "prsn")  # foreigners, institutions, people


async def fetch_flows(kis: KisClient, stock_code: str) -> Answer:
    """The last sessions, newest first."""
    params = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": stock_code}
    return await kis.get("inquire-investor", "FHKST01010900", params)


def parse_flows(answer: Answer, stock_code: str) -> list[InvestorFlow]:
    """One row a session, oldest first; rows that are blank or unreadable are left out. Raises a SourceError."""
    rows = list_objects(read_success(answer).get("output"))
    flows = {flow.trade_date: flow for flow in (_flow(row, stock_code) for row in rows) if flow is not None}
    return [flows[day] for day in sorted(flows)]


def _flow(row: Mapping[str, Any], stock_code: str) -> InvestorFlow | None:
    try:
        day = datetime.strptime(str(row.get("stck_bsop_date"))[:20].strip(), "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
    foreign, institution, individual = (_whole(row.get(f"{buyer}_ntby_qty")) for buyer in _BUYERS)
    if foreign is None or institution is None or individual is None:
        return None
    by_foreigners, by_institutions, by_people = (
        _whole(row.get(f"{buyer}_ntby_tr_pbmn"), _MILLION) for buyer in _BUYERS
    )
    return InvestorFlow(
        stock_code, day, foreign, institution, individual, by_foreigners, by_institutions, by_people, SOURCE
    )


def _whole(value: object, unit: int = 1) -> int | None:
    number = read_number(value)
    return round(number * unit) if number is not None and abs(number * unit) < _MOST else None
