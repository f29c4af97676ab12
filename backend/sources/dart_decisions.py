"""What DART's fields say of a filed decision: amount, size, the other side (OpenDART, group DS005).

One call a kind of report on material facts (주요사항보고서), asked by company and days of receipt. All values are text:
won with commas, percents without a sign, "-" or "" for none. A correction is listed on the day of the filing that it
corrects. Supply contracts, results and all else that is filed with the exchange have no call.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import SecretStr

from backend.clock import KST
from backend.domain.news import Article, Flag
from backend.domain.understanding.events import Sign, Told
from backend.sources.articles import gives_orders
from backend.sources.dart import KEY_PREFIX, read_body
from backend.sources.http.client import Answer, SourceClient
from backend.sources.http.json_bodies import list_objects
from backend.text.cleaning import clean, read_field
from backend.text.events.amounts import MOST_KRW
from backend.text.numbers import read_number

NAME_LIMIT: Final = 60
MOST_SHARE: Final = 100.0  # a hundred times the company: more is an error
CORRECTED_WITHIN: Final = timedelta(days=365)
_REPORT: Final = re.compile(r"주요사항보고서\((.+)\)$")
_BLANK: Final = re.compile(r"[\s·ㆍᆞ・‧,]+")
_LEGAL_FORM: Final = re.compile(r"주식회사|유한회사|유한책임회사|㈜|\((?:주|유)\)")
_NONE: Final = frozenset({"", "-", "해당사항없음", "해당사항 없음", "미정"})


@dataclass(frozen=True, slots=True)
class Decision:
    """A call and its fields. `amounts` in won are summed; `percent` is the share of the company, or `new` shares are
    measured by those `before`; `method` tells the sign of a division."""

    call: str
    amounts: Sequence[str] = ()
    percent: str = ""
    new: Sequence[str] = ()
    before: Sequence[str] = ()
    party: str = ""
    method: str = ""


def _raised(prefix: str = "") -> tuple[str, ...]:
    """The purposes that the money of an issue is raised for; they add up to it."""
    return tuple(f"{prefix}fdpp_{purpose}" for purpose in ("fclt", "bsninh", "op", "dtrp", "ocsa", "etc"))


def _both(stem: str) -> tuple[str, str]:
    """Of common and of other shares."""
    return f"{stem}_ostk", f"{stem}_estk"


def _new(prefix: str = "") -> tuple[str, str]:
    return f"{prefix}nstk_ostk_cnt", f"{prefix}nstk_estk_cnt"


_PARTNER: Final = "dlptn_cmpnm"
# By the name of the report without blanks.
DECISIONS: Final[Mapping[str, Decision]] = {
    "유상증자결정": Decision("piicDecsn", _raised(), new=_new(), before=_both("bfic_tisstk")),
    "무상증자결정": Decision("fricDecsn", new=_new(), before=_both("bfic_tisstk")),
    "유무상증자결정": Decision("pifricDecsn", _raised("piic_"), new=_new("piic_"), before=_both("piic_bfic_tisstk")),
    "감자결정": Decision("crDecsn", percent="cr_rt_ostk"),
    "전환사채권발행결정": Decision("cvbdIsDecsn", ("bd_fta",), "cvisstk_tisstk_vs"),
    "신주인수권부사채권발행결정": Decision("bdwtIsDecsn", ("bd_fta",), "nstk_isstk_tisstk_vs"),
    "교환사채권발행결정": Decision("exbdIsDecsn", ("bd_fta",), "extg_tisstk_vs"),
    "상각형조건부자본증권발행결정": Decision("wdCocobdIsDecsn", ("bd_fta",)),
    "자기주식취득결정": Decision("tsstkAqDecsn", _both("aqpln_prc")),
    "자기주식처분결정": Decision("tsstkDpDecsn", _both("dppln_prc")),
    "자기주식취득신탁계약체결결정": Decision("tsstkAqTrctrCnsDecsn", ("ctr_prc",)),
    "자기주식취득신탁계약해지결정": Decision("tsstkAqTrctrCcDecsn", ("ctr_prc_bfcc",)),
    "영업양수결정": Decision("bsnInhDecsn", ("inh_prc",), "sl_rt", party=_PARTNER),
    "영업양도결정": Decision("bsnTrfDecsn", ("trf_prc",), "sl_rt", party=_PARTNER),
    "유형자산양수결정": Decision("tgastInhDecsn", ("inhdtl_inhprc",), "inhdtl_tast_vs", party=_PARTNER),
    "유형자산양도결정": Decision("tgastTrfDecsn", ("trfdtl_trfprc",), "trfdtl_tast_vs", party=_PARTNER),
    "타법인주식및출자증권양수결정": Decision(
        "otcprStkInvscrInhDecsn", ("inhdtl_inhprc",), "inhdtl_ecpt_vs", party=_PARTNER
    ),
    "타법인주식및출자증권양도결정": Decision(
        "otcprStkInvscrTrfDecsn", ("trfdtl_trfprc",), "trfdtl_ecpt_vs", party=_PARTNER
    ),
    "회사합병결정": Decision("cmpMgDecsn", party="mgptncmp_cmpnm"),
    "회사분할결정": Decision("cmpDvDecsn", method="dv_mth"),
    "회사분할합병결정": Decision("cmpDvmgDecsn", party="mgptncmp_cmpnm"),
    "주식교환이전결정": Decision("stkExtrDecsn", party="extr_tgcmp_cmpnm"),
    "영업정지": Decision("bsnSp", ("bsnsp_amt",), "sl_vs"),
    "부도발생": Decision("dfOcr", ("df_amt",)),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask about a filing: one call, the days of receipt, and the receipt whose row counts."""

    decision: Decision
    receipt: str
    first: date
    last: date


def question_of(filing: Article) -> Question | None:
    """None for a filing whose report has no call."""
    found = _REPORT.search(filing.title)
    decision = DECISIONS.get(_BLANK.sub("", found[1])) if found else None
    receipt = filing.url_key.removeprefix(KEY_PREFIX)
    try:
        last = datetime.strptime(receipt[:8], "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
    if decision is None:
        return None
    first = last - CORRECTED_WITHIN if Flag.CORRECTION in filing.flags else last
    return Question(decision, receipt, first, last)


async def fetch_decision(client: SourceClient, key: SecretStr, question: Question, company: str) -> Answer:
    """The decisions of one kind that a company has filed within the question's days; `company` is DART's number."""
    params = {
        "crtfc_key": key.get_secret_value(),
        "corp_code": company,
        "bgn_de": f"{question.first:%Y%m%d}",
        "end_de": f"{question.last:%Y%m%d}",
    }
    return await client.get(f"api/{question.decision.call}.json", params=params)


def parse_decision(answer: Answer, question: Question) -> Told | None:
    """What the fields say of the filing; None where it is not among the rows. Raises a SourceError."""
    body = read_body(answer)
    rows = [] if body is None else list_objects(body["list"])
    row = next((row for row in rows if read_field(row.get("rcept_no")).strip() == question.receipt), None)
    return None if row is None else _told(row, question.decision)


def _told(row: Mapping[str, Any], decision: Decision) -> Told:
    amount = _sum(row, decision.amounts)
    return Told(
        amount_krw=round(amount) if amount is not None and amount <= MOST_KRW else None,
        counterparty=_name(row.get(decision.party)),
        share=_share(row, decision),
        sign=_sign(read_field(row.get(decision.method))),
    )


def _sum(row: Mapping[str, Any], names: Sequence[str]) -> float | None:
    """None where no field says more than nothing."""
    found = [number for name in names if (number := read_number(row.get(name))) is not None and number > 0]
    return sum(found) if found else None


def _share(row: Mapping[str, Any], decision: Decision) -> float | None:
    if decision.percent:
        percent = read_number(read_field(row.get(decision.percent)).removesuffix("%"))
        share = None if percent is None else percent / 100
    else:
        new, before = _sum(row, decision.new), _sum(row, decision.before)
        share = None if new is None or before is None else new / before
    return round(share, 6) if share is not None and 0 < share <= MOST_SHARE else None


def _name(value: object) -> str:
    """A company or a person without the legal form; "" where none is told, or where it is no name."""
    name = clean(_LEGAL_FORM.sub(" ", clean(read_field(value), NAME_LIMIT)), NAME_LIMIT)
    return "" if name in _NONE or gives_orders(name) else name


def _sign(method: str) -> Sign | None:
    """Of a division: the part that the company keeps as a subsidiary is bad news (docs/events.md)."""
    return Sign.NEGATIVE if "물적분할" in _BLANK.sub("", method) else None
