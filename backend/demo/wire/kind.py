"""KIND's RSS of today: every fourth filing of the plan, and measures of the exchange, which are in no list of DART.

It begins anew each Korean day. A measure moves no price; a halt is the halt of the market.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.wire.dart import filings
from backend.demo.wire.feeds import mail_date
from backend.demo.world.chance import chance
from backend.demo.world.stocks import DemoStock
from backend.demo.world.world import World

_MEASURES: Final = (
    "투자주의종목지정(소수계좌 매수관여 과다종목)",
    "투자경고종목 지정예고",
    "단기과열종목 지정예고",
    "조회공시 요구(현저한 시황변동)",
)
_HALT: Final = "주권매매거래정지(투자자 보호)"
_DEFAULT_ITEMS: Final = 15


@dataclass(frozen=True, slots=True)
class _Item:
    receipt: str
    at: datetime
    stock: DemoStock
    report: str


def today_feed(world: World, request: Request) -> Response:
    """GET /kind/disclosure/rsstodaydistribute.do."""
    count = request.query_params.get("currentPageSize", "")
    items = sorted(_all(world), key=lambda item: (item.at, item.receipt), reverse=True)
    newest = items[: int(count) if count.isdigit() else _DEFAULT_ITEMS]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title><![CDATA[오늘의 공시]]></title>'
    text = f"{head}{''.join(map(_entry, newest))}</channel></rss>\n"
    return Response(text, headers={"content-type": "text/xml;charset=UTF-8"})


def _all(world: World) -> Iterator[_Item]:
    now = world.now()
    today = now.astimezone(KST).date()
    for filing in filings(world, today, today):
        if int(filing.receipt) % 4 == 0:
            yield _Item(filing.receipt, filing.at, filing.stock, filing.report.replace("[기재정정]", "[정정]"))
    for item in _measures(world):
        if item.at <= now and item.at.astimezone(KST).date() == today:
            yield item


def _measures(world: World) -> Iterator[_Item]:
    """Those of the sessions that opened within a day, two each, and the halts."""
    codes = sorted(world.stocks)
    number = world.sessions.newest(world.now())
    while number >= 0 and (world.now() - world.sessions.day(number).opens_at).days < 1:
        day = world.sessions.day(number)
        rng = chance(world.seed, "kind", number)
        for nth in range(2):
            at = day.opens_at + rng.random() * (day.closes_at - day.opens_at)
            stock, report = world.stocks[rng.choice(codes)], rng.choice(_MEASURES)
            yield _Item(f"{at.astimezone(KST):%Y%m%d}{number % 1_000:03d}{900 + nth:03d}", at, stock, report)
        for code in codes:
            if world.market.is_halted(code, number):
                receipt = f"{day.opens_at.astimezone(KST):%Y%m%d}{number % 1_000:03d}910"
                yield _Item(receipt, day.opens_at, world.stocks[code], _HALT)
        number -= 1


def _entry(item: _Item) -> str:
    author = f"[{'유' if item.stock.market == 'KOSPI' else '코'}]{item.stock.name}"
    link = f"http://kind.krx.co.kr:80/common/disclsviewer.do?method=searchInitInfo&acptNo={item.receipt}&docno="
    return (
        f"<item><title><![CDATA[{author} {item.report}]]></title><link><![CDATA[{link}]]></link>"
        f"<author><![CDATA[{author}]]></author><category>{escape(item.stock.market)}</category>"
        f"<lastBuildDate>{mail_date(item.at, '+0900')}</lastBuildDate></item>\n"
    )
