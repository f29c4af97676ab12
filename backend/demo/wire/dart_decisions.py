"""OpenDART's fields of decisions (DS005): issues, own shares and convertible bonds, with the sums that the press tells.

A correction stands under its own receipt on the day of the filing that it corrects. Every other call has nothing.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.wire import dart
from backend.demo.wire.dart import Filing
from backend.demo.world.newsroom import chance_of, make_fields
from backend.demo.world.world import World

LONGEST_SPAN: Final = timedelta(days=3_650)
_EOK: Final = 100_000_000
_SHARES: Final = 80_000_000
_PURPOSES: Final = ("fclt", "bsninh", "dtrp", "ocsa", "etc")


def _issue(won: int, percent: float) -> dict[str, str]:
    operations = won // 4
    return {
        "nstk_ostk_cnt": f"{round(_SHARES * percent / 100):,}",
        "nstk_estk_cnt": "-",
        "fv_ps": "5,000",
        "bfic_tisstk_ostk": f"{_SHARES:,}",
        "bfic_tisstk_estk": "-",
        **{f"fdpp_{purpose}": "-" for purpose in _PURPOSES},
        "fdpp_fclt": f"{won - operations:,}",
        "fdpp_op": f"{operations:,}",
        "ic_mthn": "주주배정후 실권주 일반공모",
        "ssl_at": "-",
    }


def _own_shares(won: int, _percent: float) -> dict[str, str]:
    return {
        "aqpln_stk_ostk": f"{won // 50_000:,}",
        "aqpln_stk_estk": "-",
        "aqpln_prc_ostk": f"{won:,}",
        "aqpln_prc_estk": "-",
        "aq_pp": "주주가치 제고",
        "aq_mth": "유가증권시장을 통한 장내 매수",
    }


def _convertible(won: int, percent: float) -> dict[str, str]:
    return {
        "bd_tm": "3",
        "bd_knd": "무기명식 이권부 무보증 사모 전환사채",
        "bd_fta": f"{won:,}",
        "ovis_fta": "-",
        "fdpp_op": f"{won:,}",
        "bdis_mthn": "사모",
        "cvisstk_cnt": f"{round(_SHARES * percent / 100):,}",
        "cvisstk_tisstk_vs": f"{percent:.2f}",
    }


# By call: the event of the plan, and the fields of its filing.
_CALLS: Final[Mapping[str, tuple[str, Callable[[int, float], dict[str, str]]]]] = {
    "piicDecsn": ("rights_issue", _issue),
    "tsstkAqDecsn": ("buy_back", _own_shares),
    "cvbdIsDecsn": ("convertible_bond", _convertible),
}


def decisions(world: World, request: Request) -> Response:
    """GET /dart-api/api/{call}.json."""
    refusal = dart.refuse(request)
    if refusal is not None:
        return refusal
    span = dart.read_span(request, LONGEST_SPAN)
    if span is None:
        return dart.reply("100", "필드의 부적절한 값입니다.")
    event, fields = _CALLS.get(request.path_params["call"], ("", _issue))
    rows = [
        _row(world, filing, fields)
        for filing in dart.filings(world, span[0], span[1] + timedelta(days=1))
        if filing.story.event.name == event
        and dart.corp_code(filing.stock.code) == request.query_params.get("corp_code")
        and span[0] <= filing.story.published_at.astimezone(KST).date() <= span[1]
    ]
    return dart.reply("000", "정상", list=rows) if rows else dart.reply("013", "조회된 데이타가 없습니다.")


def _row(world: World, filing: Filing, fields: Callable[[int, float], dict[str, str]]) -> dict[str, str]:
    told = make_fields(chance_of(world.seed, filing.story), filing.story)
    return {
        "rcept_no": filing.receipt,
        "corp_cls": "Y" if filing.stock.market == "KOSPI" else "K",
        "corp_code": dart.corp_code(filing.stock.code),
        "corp_name": filing.stock.name,
        "bddd": f"{filing.at.astimezone(KST):%Y년 %m월 %d일}",
        **fields(int(told["eok"]) * _EOK, float(told["pct"])),
    }
