"""The depository's lists of corporate actions behind KIS: the world has one split, every other list is empty."""

from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.wire import kis
from backend.demo.world.stocks import SPLIT_CODE, SPLIT_RATIO
from backend.demo.world.world import World

_LISTS: Final = {
    "bonus-issue": "HHKDB669101C0",
    "paidin-capin": "HHKDB669100C0",
    "rev-split": "HHKDB669105C0",
    "cap-dcrs": "HHKDB669106C0",
    "merger-split": "HHKDB669104C0",
}
_PAR_KRW: Final = 5_000


def announced(world: World, request: Request) -> Response:
    """GET /kis/uapi/domestic-stock/v1/ksdinfo/{call}."""
    refusal = kis.refuse(world, request)
    if refusal is not None:
        return refusal
    call = request.path_params["call"]
    if _LISTS.get(call) != request.headers.get("tr_id"):
        return kis.reply({"rt_cd": "1", "msg_cd": "EGW00206", "msg1": "유효하지 않은 TR_ID 입니다."}, 500)
    rows = _splits(world, request) if call == "rev-split" else []
    return kis.reply({"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다.", "output1": rows})


def _splits(world: World, request: Request) -> list[dict[str, Any]]:
    day = world.sessions.day(world.market.split_session).trade_date
    try:
        first, last = (
            datetime.strptime(request.query_params.get(name, ""), "%Y%m%d").replace(tzinfo=KST).date()
            for name in ("F_DT", "T_DT")
        )
    except ValueError:
        return []
    if not first <= day <= last or request.query_params.get("SHT_CD", "") not in ("", SPLIT_CODE):
        return []
    return [
        {
            "record_date": f"{day:%Y%m%d}",
            "sht_cd": SPLIT_CODE,
            "isin_name": world.stocks[SPLIT_CODE].name,
            "inter_bf_face_amt": f"{_PAR_KRW:013}",
            "inter_af_face_amt": f"{_PAR_KRW // SPLIT_RATIO:013}",
            "list_dt": f"{day:%Y/%m/%d}",
        }
    ]
