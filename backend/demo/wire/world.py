"""Closes of the world's markets, a day a session, as KIS and Naver list them. They move no demo stock."""

import json
import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.wire import kis
from backend.demo.world.chance import chance
from backend.demo.world.world import World

KIS_ROWS: Final = 100
_FIRST: Final = {"SPX": 6_600.0, "COMP": 22_500.0, "SOX": 6_900.0, "FX@KRW": 1_390.0}
_SIGMA: Final = {"SPX": 0.009, "COMP": 0.012, "SOX": 0.021, "FX@KRW": 0.005}
_NAVER: Final = {".INX": "SPX", ".IXIC": "COMP", ".SOX": "SOX", "FX_USDKRW": "FX@KRW"}


def kis_days(world: World, request: Request) -> Response:
    """GET /kis/uapi/overseas-price/v1/quotations/inquire-daily-chartprice."""
    refusal = kis.refuse(world, request)
    if refusal is not None:
        return refusal
    if request.headers.get("tr_id") != "FHKST03030100":
        return kis.reply({"rt_cd": "1", "msg_cd": "EGW00206", "msg1": "유효하지 않은 TR_ID 입니다."}, 500)
    given = request.query_params
    code = given.get("FID_INPUT_ISCD", "")
    first, last = (_date(given.get(f"FID_INPUT_DATE_{n}", "")) for n in (1, 2))
    rows = [
        {
            "stck_bsop_date": f"{day:%Y%m%d}",
            "ovrs_nmix_prpr": f"{close:.2f}",
            "ovrs_nmix_oprc": f"{close:.2f}",
            "ovrs_nmix_hgpr": f"{close:.2f}",
            "ovrs_nmix_lwpr": f"{close:.2f}",
            "acml_vol": "0",
            "mod_yn": "N",
        }
        for day, close in _days(world, code)
        if first is not None and last is not None and first <= day <= last
    ]
    body = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다.", "output1": {}}
    return kis.reply({**body, "output2": rows[: -KIS_ROWS - 1 : -1]})


def naver_days(world: World, request: Request) -> Response:
    """GET /naver-world/index/{code}/price and /naver-world/marketindex/exchange/{code}/prices."""
    code = _NAVER.get(request.path_params["code"], "")
    size = request.query_params.get("pageSize", "")
    rows = [
        {"localTradedAt": f"{day.isoformat()}T16:00:00-05:00", "closePrice": f"{close:,.2f}", "fluctuationsRatio": "0"}
        for day, close in _days(world, code)
    ]
    count = int(size) if size.isdigit() else 10
    return Response(json.dumps(rows[: -count - 1 : -1]), headers={"content-type": "application/json;charset=UTF-8"})


def _days(world: World, code: str) -> Iterator[tuple[date, float]]:
    """Day and close of every session that has opened, oldest first; that of a running one is its last price."""
    if code not in _FIRST:
        return
    level = math.log(_FIRST[code])
    for number in range(world.sessions.newest(world.now()) + 1):
        level += chance(world.seed, "world", code, number).gauss(0, _SIGMA[code])
        yield world.sessions.day(number).trade_date, math.exp(level)


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
