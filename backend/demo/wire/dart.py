"""DART: OpenDART's list and company archive, and the RSS of today's filings. The HTTP status is always 200.

Events of the plan have a filing at the time of their publication; one in twelve is followed by a correction.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.chance import chance
from backend.demo.world.stocks import DemoStock
from backend.demo.world.story_plan import Story
from backend.demo.world.world import World

LONGEST_SPAN: Final = timedelta(days=92)
UNLISTED: Final = 2_000
_REPORTS: Final = {
    "earnings_beat": "연결재무제표기준영업(잠정)실적(공정공시)",
    "earnings_miss": "연결재무제표기준영업(잠정)실적(공정공시)",
    "supply_contract": "단일판매ㆍ공급계약체결",
    "rights_issue": "주요사항보고서(유상증자결정)",
    "lawsuit": "소송등의제기ㆍ신청(경영권분쟁소송)",
    "buy_back": "주요사항보고서(자기주식취득결정)",
    "convertible_bond": "주요사항보고서(전환사채권발행결정)",
    "dividend": "현금ㆍ현물배당결정",
}
# Legal names that differ from the exchange's, Korean and English.
_LEGAL: Final = {
    "000660": ("에스케이하이닉스", "SK hynix Inc."),
    "017670": ("에스케이텔레콤", "SK TELECOM CO.,LTD"),
}
_STAMP: Final = (2026, 11, 2, 7, 0, 0)


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing; `receipt` is its number."""

    receipt: str
    at: datetime
    story: Story
    report: str

    @property
    def stock(self) -> DemoStock:
        return self.story.stock


def filings(world: World, first: date, last: date) -> list[Filing]:
    """Filings of the Korean dates `first`..`last` until now, newest first."""
    moment = world.now()
    found = [f for f in _all(world, first, last) if first <= f.at.astimezone(KST).date() <= last and f.at <= moment]
    return sorted(found, key=lambda filing: (filing.at, filing.receipt), reverse=True)


def _all(world: World, first: date, last: date) -> Iterator[Filing]:
    """Filings of all windows that can overlap the dates: before the start a window is a day, after it shorter."""
    for window in range(world.plan.window_at(world.now()) + 1):
        if window < world.sessions.count and not first <= world.sessions.day(window).trade_date <= last:
            continue
        for story in world.plan.stories(window):
            report = _REPORTS.get(story.event.name) if story.kind == "event" else None
            if report is None:
                continue
            receipt = f"{story.published_at.astimezone(KST):%Y%m%d}{window % 1_000:03d}{story.number % 500:03d}"
            yield Filing(receipt, story.published_at, story, report)
            rng = chance(world.seed, "filing", window, story.number)
            if rng.random() < 1 / 12:
                late = story.published_at + timedelta(minutes=rng.randint(5, 30))
                yield Filing(f"{receipt[:-3]}{500 + story.number % 500:03d}", late, story, f"[기재정정]{report}")


def corp_code(stock_code: str) -> str:
    """DART's corp code of a company: eight digits."""
    return f"{zlib.crc32(stock_code.encode()) % 100_000_000:08d}"


def list_filings(world: World, request: Request) -> Response:
    """GET /dart-api/api/list.json."""
    refusal = refuse(request)
    if refusal is not None:
        return refusal
    given = request.query_params
    span = read_span(request, LONGEST_SPAN)
    if span is None:
        return reply("100", "필드의 부적절한 값입니다.")
    size, page = int(given.get("page_count", "10")), int(given.get("page_no", "1"))
    found = filings(world, *span)
    if not found:
        return reply("013", "조회된 데이타가 없습니다.")
    rows = [_row(filing) for filing in found]
    rows.insert(1, _row(found[0]) | {"corp_name": "비상장산업", "stock_code": " ", "corp_cls": "E", "rcept_no": "1"})
    return reply(
        "000",
        "정상",
        page_no=page,
        page_count=size,
        total_count=len(rows),
        total_page=-(-len(rows) // size),
        list=rows[(page - 1) * size : page * size],
    )


def refuse(request: Request) -> Response | None:
    """The refusal of a call without a key or beyond the quota; None if it is served."""
    if not request.query_params.get("crtfc_key"):
        return reply("010", "등록되지 않은 키입니다.")
    if not request.app.state.limits.dart.admits():
        return reply("020", "요청 제한을 초과하였습니다.")
    return None


def read_span(request: Request, longest: timedelta) -> tuple[date, date] | None:
    """The days that are asked for; None for what is no span of days or is longer."""
    first, last = (_date(request.query_params.get(name, "")) for name in ("bgn_de", "end_de"))
    return None if first is None or last is None or last - first > longest else (first, last)


def _row(filing: Filing) -> dict[str, str]:
    return {
        "corp_code": corp_code(filing.stock.code),
        "corp_name": filing.stock.name,
        "stock_code": filing.stock.code,
        "corp_cls": "Y" if filing.stock.market == "KOSPI" else "K",
        "report_nm": filing.report.ljust(30),
        "rcept_no": filing.receipt,
        "flr_nm": filing.stock.name,
        "rcept_dt": f"{filing.at.astimezone(KST):%Y%m%d}",
        "rm": "유" if filing.stock.market == "KOSPI" else "코",
    }


def today_feed(world: World, _request: Request) -> Response:
    """GET /dart/api/todayRSS.xml: the newest 50 of the last three days."""
    today = world.now().astimezone(KST).date()
    items = "".join(_item(filing) for filing in filings(world, today - timedelta(days=3), today)[:50])
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
    text = f"{head}<channel><title>금융감독원 전자공시시스템 RSS</title><link>http://dart.fss.or.kr</link>{items}</channel></rss>"
    return Response(text, headers={"content-type": "application/xml;charset=UTF-8"})


def _item(filing: Filing) -> str:
    market = "유가증권" if filing.stock.market == "KOSPI" else "코스닥"
    return (
        f"<item><title>({market}){escape(filing.stock.name)} - {escape(filing.report)}</title>"
        f"<link>http://dart.fss.or.kr/api/link.jsp?rcpNo={filing.receipt}</link><category>{market}</category>"
        f"<dc:creator>{escape(filing.stock.name)}</dc:creator>"
        f"<dc:date>{filing.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</dc:date></item>\n"
    )


def companies(world: World, request: Request) -> Response:
    """GET /dart-api/api/corpCode.xml: a ZIP of XML, or an error as XML."""
    if not request.query_params.get("crtfc_key"):
        text = "<result><status>010</status><message>등록되지 않은 키입니다.</message></result>"
        return Response(text, headers={"content-type": "application/xml;charset=UTF-8"})
    rows = [
        (corp_code(stock.code), *_LEGAL.get(stock.code, (stock.name, "")), stock.code)
        for stock in world.stocks.values()
    ]
    rows += [(f"{99_000_000 + number}", f"비상장{number}", "", " ") for number in range(UNLISTED)]
    entries = "".join(
        f"<list><corp_code>{code}</corp_code><corp_name>{escape(name)}</corp_name>"
        f"<corp_eng_name>{escape(english)}</corp_eng_name><stock_code>{stock}</stock_code>"
        f"<modify_date>20261001</modify_date></list>"
        for code, name, english, stock in rows
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = f'<?xml version="1.0" encoding="UTF-8"?><result>{entries}</result>'
        archive.writestr(zipfile.ZipInfo("CORPCODE.xml", _STAMP), text)
    return Response(packed.getvalue(), headers={"content-type": "application/x-msdownload"})


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None


def reply(status: str, message: str, **rest: object) -> Response:
    """OpenDART's JSON, always HTTP 200."""
    body = {"status": status, "message": message} | rest
    return Response(json.dumps(body, ensure_ascii=False), headers={"content-type": "application/json;charset=UTF-8"})
