"""Days with unusual hours: set by who may write, read by everyone, refused with a sentence."""

from typing import Any

import httpx
import pytest

PATH = "/api/calendar"


async def test_a_closure_is_set_changed_listed_and_taken_back(writer: httpx.AsyncClient) -> None:
    closed = (await writer.put(f"{PATH}/2027-03-03", json={"reason": "보궐선거"})).json()
    assert closed == {"trade_date": "2027-03-03", "opens_at": None, "closes_at": None, "reason": "보궐선거"}
    hours = {"reason": "수능", "opens_at": "10:00", "closes_at": "16:30"}
    late = (await writer.put(f"{PATH}/2027-11-18", json=hours)).json()
    assert (late["opens_at"], late["closes_at"]) == ("10:00:00", "16:30:00")
    assert (await writer.get(PATH)).json()["items"] == [closed, late]
    assert (await writer.get(PATH, params={"since": "2027-04-01"})).json()["items"] == [late]
    assert [(await writer.delete(f"{PATH}/2027-03-03")).status_code for _ in range(2)] == [204, 404]
    assert (await writer.get(PATH)).json()["items"] == [late]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "x", "opens_at": "10:00"},
        {"reason": "x", "opens_at": "16:30", "closes_at": "10:00"},
        {"reason": "x", "opens_at": "10:00Z", "closes_at": "16:30Z"},
        {"reason": "x", "closed": True},
    ],
)
async def test_what_is_no_day_is_refused(writer: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await writer.put(f"{PATH}/2027-03-03", json=body)).status_code == 422
    assert (await writer.put(f"{PATH}/someday", json={"reason": "x"})).status_code == 422
    assert (await writer.get(PATH)).json()["items"] == []
