"""Net purchases by kind of investor on hand-written bytes in KIS's form."""

from datetime import date

import pytest

from backend.domain.outside.flows import InvestorFlow
from backend.errors import SourceTemporaryError
from backend.sources import kis_flows
from tests.sources.answers import json_answer


def row(day: str, *numbers: str) -> dict[str, str]:
    names = ("frgn_ntby_qty", "orgn_ntby_qty", "prsn_ntby_qty")
    sums = ("frgn_ntby_tr_pbmn", "orgn_ntby_tr_pbmn", "prsn_ntby_tr_pbmn")
    return {"stck_bsop_date": day, "stck_clpr": "70000", **dict(zip((*names, *sums), numbers, strict=True))}


def test_shares_are_single_and_sums_are_millions_and_blank_rows_are_none() -> None:
    rows = [
        row("20261005", "", "", "", "", "", ""),  # a day whose figures are not out
        row("20261002", "-1,200", "900", "300", "-84", "63", "21"),
        row("20261001", "5", "-5", "0", "", "-", "0"),
        row("20260930", "9" * 30, "1", "1", "1", "1", "1"),
        row("20269999", "1", "1", "1", "1", "1", "1"),
        {},
    ]
    found = kis_flows.parse_flows(json_answer({"rt_cd": "0", "output": rows}), "005930")
    assert found == [
        InvestorFlow("005930", date(2026, 10, 1), 5, -5, 0, None, None, 0, "kis_flows"),
        InvestorFlow("005930", date(2026, 10, 2), -1200, 900, 300, -84_000_000, 63_000_000, 21_000_000, "kis_flows"),
    ]
    assert kis_flows.parse_flows(json_answer({"rt_cd": "0", "output": None}), "005930") == []
    with pytest.raises(SourceTemporaryError):
        kis_flows.parse_flows(json_answer({"rt_cd": "1", "msg_cd": "EGW00201"}, status=500), "005930")
