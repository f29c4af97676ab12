"""KIS Open API: one token per minute, 20 requests per second (HTTP 500 above), every number as text.

Prices are those of market J. A token contains its start and a signature, so that a restarted stand-in accepts it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.chance import chance
from backend.demo.world.market import Bar
from backend.demo.world.world import World
from backend.krx import price_limits_krw

TOKEN_LIFE: Final = timedelta(days=1)
SAME_TOKEN_FOR: Final = timedelta(hours=6)
BATCH: Final = 30
TITLES: Final = 40
_INDEX: Final = {"0001": "KOSPI", "1001": "KOSDAQ"}
_AGENCIES: Final = {
    "한국경제": "2",
    "이데일리": "4",
    "머니투데이": "5",
    "연합뉴스": "6",
    "아시아경제": "8",
    "매일경제": "A",
}
Rows = list[dict[str, str]]
Outputs = dict[str, Any]


def issue_token(world: World, request: Request, body: bytes) -> Response:
    """POST /kis/oauth2/tokenP."""
    if not request.app.state.limits.kis_tokens.admits():
        return reply(
            {"error_description": "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)", "error_code": "EGW00133"}, 403
        )
    try:
        key = json.loads(body)["appkey"]
    except (ValueError, KeyError, TypeError):
        key = ""
    if not key:
        return reply({"error_description": "유효하지 않은 AppKey입니다.", "error_code": "EGW00103"}, 403)
    begun = int(world.now().timestamp() // SAME_TOKEN_FOR.total_seconds() * SAME_TOKEN_FOR.total_seconds())
    begun += len(request.app.state.control.revoked)  # so that a new token differs from revoked ones
    expires_at = datetime.fromtimestamp(begun, KST) + TOKEN_LIFE
    return reply(
        {
            "access_token": _sign(world.seed, str(begun)),
            "token_type": "Bearer",
            "expires_in": int((expires_at - world.now()).total_seconds()),
            "access_token_token_expired": f"{expires_at:%Y-%m-%d %H:%M:%S}",
        }
    )


def _sign(seed: int, begun: str) -> str:
    return f"{begun}.{hmac.new(str(seed).encode(), begun.encode(), hashlib.sha256).hexdigest()}"


def quotation(world: World, request: Request) -> Response:
    """GET /kis/uapi/domestic-stock/v1/quotations/{call}."""
    refusal = refuse(world, request)
    if refusal is not None:
        return refusal
    found = _CALLS.get((request.path_params["call"], request.headers.get("tr_id", "")))
    if found is None:
        return reply({"rt_cd": "1", "msg_cd": "EGW00206", "msg1": "유효하지 않은 TR_ID 입니다."}, 500)
    return reply({"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."} | found(world, request))


def refuse(world: World, request: Request) -> Response | None:
    """The refusal of a call beyond the rate, without keys or with a token that is none; None if it is served."""
    if not request.app.state.limits.kis.admits():
        return reply({"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "초당 거래건수를 초과하였습니다."}, 500)
    if not (request.headers.get("appkey") and request.headers.get("appsecret")):
        return reply({"rt_cd": "1", "msg_cd": "EGW00103", "msg1": "유효하지 않은 AppKey입니다."}, 403)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    begun = token.partition(".")[0]
    fresh = begun.isdigit() and int(begun) + TOKEN_LIFE.total_seconds() > world.now().timestamp()
    if not fresh or token != _sign(world.seed, begun) or token in request.app.state.control.revoked:
        return reply({"rt_cd": "1", "msg_cd": "EGW00123", "msg1": "기간이 만료된 token 입니다."}, 500)
    return None


def _now_bar(world: World, code: str) -> Bar:
    number = world.sessions.newest(world.now())
    return world.market.bar_at(code, number, world.sessions.fraction(number, world.now()))


def _quotes(world: World, request: Request) -> Outputs:
    """Rows in another order than requested; an unknown code yields a blank row."""
    asked = [request.query_params.get(f"FID_INPUT_ISCD_{number}", "") for number in range(1, BATCH + 1)]
    return {"output": [_quote(world, code) for code in sorted(filter(None, asked), reverse=True)]}


def _quote(world: World, code: str) -> dict[str, str]:
    if code not in world.stocks:
        return {"inter_shrn_iscd": code, "inter2_prpr": "0", "inter2_prdy_clpr": "", "inter2_sdpr": "", "acml_vol": "0"}
    bar = _now_bar(world, code)
    low, high = price_limits_krw(int(bar.base))
    change = int(bar.close - bar.base)
    return {
        "inter_shrn_iscd": code,
        "inter_kor_isnm": world.stocks[code].name,
        "inter2_prpr": str(int(bar.close)),
        "inter2_prdy_vrss": str(abs(change)),
        "prdy_vrss_sign": _sign_of(change),
        "prdy_ctrt": f"{change / bar.base * 100:.2f}",
        "acml_vol": str(bar.volume),
        "inter2_oprc": str(int(bar.open)),
        "inter2_hgpr": str(int(bar.high)),
        "inter2_lwpr": str(int(bar.low)),
        "inter2_llam": str(low),
        "inter2_mxpr": str(high),
        "inter2_prdy_clpr": str(int(bar.base)),
        "inter2_sdpr": str(int(bar.base)),
    }


def _sign_of(change: float) -> str:
    return "3" if change == 0 else "2" if change > 0 else "5"


def _daily(world: World, request: Request) -> Outputs:
    """At most 100 rows, newest first, and an empty one at the end; changes are those from the base price."""
    code = request.query_params.get("FID_INPUT_ISCD", "")
    if code not in world.stocks:
        return {"output1": {}, "output2": []}
    rows = [
        {
            "stck_bsop_date": f"{world.sessions.day(number).trade_date:%Y%m%d}",
            "stck_oprc": str(int(bar.open)),
            "stck_hgpr": str(int(bar.high)),
            "stck_lwpr": str(int(bar.low)),
            "stck_clpr": str(int(bar.close)),
            "acml_vol": str(bar.volume),
            "prdy_vrss": str(int(bar.close - bar.base)),
            "prdy_vrss_sign": _sign_of(bar.close - bar.base),
            "flng_cls_code": "00",
            "mod_yn": "N",
        }
        for number, bar in _named(world, code, request)
    ]
    return {"output1": {"stck_shrn_iscd": code}, "output2": [*rows[:-101:-1], {}]}


def _index(world: World, request: Request) -> Outputs:
    """At most 50 rows, newest first."""
    index = _INDEX.get(request.query_params.get("FID_INPUT_ISCD", ""))
    if index is None:
        return {"output1": {}, "output2": []}
    rows = [
        {
            "stck_bsop_date": f"{world.sessions.day(number).trade_date:%Y%m%d}",
            "bstp_nmix_prpr": f"{bar.close:.2f}",
            "bstp_nmix_oprc": f"{bar.open:.2f}",
            "bstp_nmix_hgpr": f"{bar.high:.2f}",
            "bstp_nmix_lwpr": f"{bar.low:.2f}",
            "acml_vol": str(bar.volume),
        }
        for number, bar in _named(world, index, request)
    ]
    return {"output1": {"hts_kor_isnm": index}, "output2": rows[:-51:-1]}


def _named(world: World, symbol: str, request: Request) -> list[tuple[int, Bar]]:
    """Sessions in the requested dates with their bars, the running session with its current bar."""
    try:
        first, last = (
            datetime.strptime(request.query_params.get(f"FID_INPUT_DATE_{n}", ""), "%Y%m%d").replace(tzinfo=KST).date()
            for n in (1, 2)
        )
    except ValueError:
        return []
    moment = world.now()
    numbers = world.sessions.named(first, last, moment)
    return [(n, world.market.bar_at(symbol, n, world.sessions.fraction(n, moment))) for n in numbers]


def _minutes(world: World, request: Request) -> Outputs:
    """30 minutes back from the requested time; future minutes repeat the last price with no volume."""
    code, hour = request.query_params.get("FID_INPUT_ISCD", ""), request.query_params.get("FID_INPUT_HOUR_1", "")
    number = world.sessions.newest(world.now())
    day, moment = world.sessions.day(number), world.now().astimezone(KST)
    try:
        asked = datetime.combine(moment.date(), datetime.strptime(hour, "%H%M%S").replace(tzinfo=KST).timetz())
    except ValueError:
        return {"output1": {}, "output2": []}
    if code not in world.stocks:
        return {"output1": {}, "output2": []}
    last = asked.replace(second=0)
    begun = [last - timedelta(minutes=back) for back in range(30)]
    rows = [_minute(world, code, number, start) for start in begun if start >= day.opens_at.replace(second=0)]
    return {"output1": {}, "output2": rows}


def _minute(world: World, code: str, number: int, start: datetime) -> dict[str, str]:
    end = min(start + timedelta(minutes=1), world.now())
    fractions = [world.sessions.fraction(number, moment) for moment in (start, end)]
    first, after = (world.market.bar_at(code, number, fraction) for fraction in fractions)
    prices = (first.close, after.close)
    return {
        "stck_bsop_date": f"{start:%Y%m%d}",
        "stck_cntg_hour": f"{start:%H%M%S}",
        "stck_prpr": str(int(after.close)),
        "stck_oprc": str(int(first.close)),
        "stck_hgpr": str(int(max(prices))),
        "stck_lwpr": str(int(min(prices))),
        "cntg_vol": str(max(after.volume - first.volume, 0)),
    }


def _titles(world: World, request: Request) -> Outputs:
    """The 40 newest headlines until the requested date and time, tagged with the stocks that they name."""
    day, hour = (request.query_params.get(name, "") for name in ("FID_INPUT_DATE_1", "FID_INPUT_HOUR_1"))
    moment = world.now()
    if day and hour:
        asked = datetime.strptime(day[2:] + hour[4:], "%Y%m%d%H%M%S").replace(tzinfo=KST)
        moment = min(moment, asked + timedelta(seconds=1) - timedelta.resolution)
    newest = world.newsroom.published(moment)[: -TITLES - 1 : -1]
    return {"output": [_title(world, article) for article in newest]}


def _title(world: World, article: Any) -> dict[str, str]:
    local = article.published_at.astimezone(KST)
    named = sorted((s for s in world.stocks.values() if s.name in article.title), key=lambda s: -len(s.name))
    codes = [s.code for i, s in enumerate(named) if not any(s.name in longer.name for longer in named[:i])][:5]
    row = {
        "cntt_usiq_srno": f"{local:%Y%m%d}{article.number:012d}",
        "news_ofer_entp_code": _AGENCIES.get(article.publisher.name, "Y"),
        "data_dt": f"{local:%Y%m%d}",
        "data_tm": f"{local:%H%M%S}",
        "hts_pbnt_titl_cntt": article.title,
        "news_lrdv_code": "",
        "dorg": article.publisher.name,
    }
    return row | {f"iscd{n}": codes[n - 1] if n <= len(codes) else "" for n in range(1, 6)}


def _investors(world: World, request: Request) -> Outputs:
    """The last 30 sessions, newest first; the running one's are blank. What one group buys the others sell."""
    code = request.query_params.get("FID_INPUT_ISCD", "")
    if code not in world.stocks:
        return {"output": []}
    newest = world.sessions.newest(world.now())
    return {"output": [_bought(world, code, number) for number in range(newest, max(newest - 30, -1), -1)]}


def _bought(world: World, code: str, number: int) -> dict[str, str]:
    bar = world.market.bar_at(code, number, 1.0)
    is_out = world.sessions.fraction(number, world.now()) >= 1
    rng = chance(world.seed, "investors", code, number)
    foreign, institution = (round(bar.volume * rng.gauss(0, 0.08)) for _ in range(2))
    row = {"stck_bsop_date": f"{world.sessions.day(number).trade_date:%Y%m%d}", "stck_clpr": str(int(bar.close))}
    for buyer, shares in (("prsn", -foreign - institution), ("frgn", foreign), ("orgn", institution)):
        row[f"{buyer}_ntby_qty"] = str(shares) if is_out else ""
        row[f"{buyer}_ntby_tr_pbmn"] = str(round(shares * bar.close / 1_000_000)) if is_out else ""
    return row


_CALLS: Final[dict[tuple[str, str], Callable[[World, Request], Outputs]]] = {
    ("intstock-multprice", "FHKST11300006"): _quotes,
    ("inquire-daily-itemchartprice", "FHKST03010100"): _daily,
    ("inquire-daily-indexchartprice", "FHKUP03500100"): _index,
    ("inquire-time-itemchartprice", "FHKST03010200"): _minutes,
    ("news-title", "FHKST01011800"): _titles,
    ("inquire-investor", "FHKST01010900"): _investors,
}


def reply(body: dict[str, Any], status: int = 200) -> Response:
    """KIS's JSON."""
    return Response(
        json.dumps(body, ensure_ascii=False), status, headers={"content-type": "application/json; charset=UTF-8"}
    )
