"""What is told of a call or a report where its address is shared: a title and a description, in Korean, and its status.

Programs that preview a link run no scripts, so the API writes both into the page. While reading needs a key nothing is
told, and an unknown id is not betrayed either; while the database is away the page comes without them.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from backend import clock
from backend.db.session import Database, Session
from backend.db.troubles import is_of_database
from backend.domain.forecasts import Verdict
from backend.domain.record import OutcomeState
from backend.domain.reports import DISCLAIMER
from backend.errors import NotFoundError
from backend.internal import BIGINT
from backend.services.reports.aftermath import Call, get_call
from backend.services.reports.reports import get_report

MOST_LETTERS: Final = 160
_ID = re.compile(r"[1-9][0-9]{0,18}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_#>`\\]+")
_UP = {Verdict.CALL: "시장 상회 의견", Verdict.LEAN: "상회 쪽 기울기", Verdict.NONE: "의견 없음"}
_DOWN = _UP | {Verdict.CALL: "시장 하회 의견", Verdict.LEAN: "하회 쪽 기울기"}


@dataclass(frozen=True, slots=True)
class Head:
    """Title and description; `status` 404 for what this azak does not have."""

    title: str
    description: str
    status: int = 200

    def write_into(self, page: bytes) -> bytes:
        """The page with both in place of its plain title."""
        title, told = escape(self.title), escape(self.description)
        tags = (
            f'<title>{title}</title><meta name="description" content="{told}">'
            f'<meta property="og:title" content="{title}"><meta property="og:description" content="{told}">'
        )
        return page.replace(b"<title>azak</title>", tags.encode())


async def _of_call(session: Session, row_id: int) -> Head:
    call = await get_call(session, row_id)
    said = call.prediction
    words = (_UP if said.p_up > (0.5 if call.base_rate is None else call.base_rate) else _DOWN)[Verdict(said.verdict)]
    usual = "" if call.base_rate is None else f"평소 100번 중 {round(call.base_rate * 100)}번, "
    day = said.asof.astimezone(clock.KST).date()
    told = (
        f"{said.horizon}거래일 뒤 시장 상회: {usual}그때 {round(said.p_up * 100)}번. {_came(call)} {DISCLAIMER['ko']}"
    )
    return Head(f"{call.stock.name} {words} · {day} · azak", told)


def _came(call: Call) -> str:
    outcome: Any = call.outcome
    if outcome is None or outcome.state in (OutcomeState.PENDING, OutcomeState.PARTIAL):
        return f"결과는 {call.prediction.exit_trade_date} 종가 뒤에 나와요."
    if outcome.state == OutcomeState.VOID:
        return "결과를 매길 수 없었어요."
    return f"결과: 시장 대비 {outcome.adjusted_return:+.1%}."


async def _of_report(session: Session, row_id: int) -> Head:
    report = await get_report(session, row_id)
    # A report begins with its claim: "# 삼성전자 (005930): ...".
    claim = _MARKS.sub("", _LINK.sub(r"\1", report.text_ko.partition("\n")[0])).strip()[:MOST_LETTERS]
    day = report.asof.astimezone(clock.KST).date()
    return Head(f"{claim} · azak", f"{report.name} 리포트, {day} 기준. {DISCLAIMER['ko']}")


_READERS: Final[dict[str, tuple[str, Callable[[Session, int], Awaitable[Head]]]]] = {
    "call": ("의견이", _of_call),
    "report": ("리포트가", _of_report),
}


async def read_head(database: Database, kind: str, given: str) -> Head | None:
    """The head of `/call/{given}` or `/report/{given}`; None while the database is away."""
    subject, read = _READERS[kind]
    unknown = Head(f"이 azak에는 이 {subject} 없어요", "다른 azak의 주소일 수 있어요.", status=404)
    if not _ID.fullmatch(given) or int(given) > BIGINT:
        return unknown
    try:
        async with database.read() as session:
            return await read(session, int(given))
    except NotFoundError:
        return unknown
    except Exception as error:
        if is_of_database(error):
            return None
        raise
