"""data.go.kr's daily prices: official closes, one session late; errors always as XML."""

import json
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.world import World

_ERROR: Final = (
    "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>{name}</returnAuthMsg>"
    "<returnReasonCode>{code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
)


def daily_bars(world: World, request: Request) -> Response:
    """GET /public-data/1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo."""
    given = request.query_params
    if not given.get("serviceKey"):
        return _error("SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "30")
    try:
        first, end = (
            datetime.strptime(given.get(name, ""), "%Y%m%d").replace(tzinfo=KST).date()
            for name in ("beginBasDt", "endBasDt")
        )
    except ValueError:
        return _error("INVALID_REQUEST_PARAMETER_ERROR", "10")
    rows = [
        row for code in world.stocks if given.get("likeSrtnCd", "") in code for row in _rows(world, code, first, end)
    ]
    page = rows[: int(given.get("numOfRows", "10"))]
    body = {"numOfRows": len(page), "pageNo": 1, "totalCount": len(rows), "items": {"item": page} if page else ""}
    text = json.dumps({"response": {"header": {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}, "body": body}})
    return Response(text, headers={"content-type": "application/json;charset=UTF-8"})


def _rows(world: World, code: str, first: Any, end: Any) -> list[dict[str, str]]:
    """Sessions from `first` to before `end` that closed before the newest one opened, newest first."""
    known = [n for n in world.sessions.named(first, end, world.now()) if n < world.sessions.newest(world.now())]
    rows = []
    for number in reversed(known):
        day, bar = world.sessions.day(number).trade_date, world.market.bar(code, number)
        if day < end:
            rows.append(
                {
                    "basDt": f"{day:%Y%m%d}",
                    "srtnCd": code,
                    "isinCd": f"KR7{code}003",
                    "itmsNm": world.stocks[code].name,
                    "mrktCtg": world.stocks[code].market.value,
                    "clpr": str(int(bar.close)),
                    "vs": str(int(bar.close - bar.base)),
                    "mkp": str(int(bar.open)),
                    "hipr": str(int(bar.high)),
                    "lopr": str(int(bar.low)),
                    "trqu": str(bar.volume),
                }
            )
    return rows


def _error(name: str, code: str) -> Response:
    return Response(_ERROR.format(name=name, code=code), headers={"content-type": "text/xml;charset=UTF-8"})
