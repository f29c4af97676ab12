"""The report names of DART and KIND, each with its type of event, sign and stage.

The longest name that stands in a filing's title decides. A name with a word that undoes (철회, 해지, 해제 ...) is reversed,
also where only the correction of a filing says so.
"""

import re
from dataclasses import dataclass
from typing import Final

from backend.domain.event_types import BY_ID
from backend.domain.events import Sign, Stage

_BLANK = re.compile(r"[\s·ㆍᆞ・‧,]+")
_UNDONE = re.compile(r"철회|해지|해제|취소|기각")
_CALLED_OFF = re.compile(r"철회|해지|취소|기각|중단")
_STAGES: Final = (
    (Stage.RUMOURED, re.compile(r"예고")),
    (Stage.COMPLETED, re.compile(r"완료|종료보고|결과보고|총회결과|획득|특허권취득")),
    (Stage.DECIDED, re.compile(r"결정|체결|지정(?!종목)|승인$|승인\)|인가|확정|결의|유지")),
)


@dataclass(frozen=True, slots=True)
class Form:
    """`sign` None: the usual one of its type, reversed by a word that undoes; given: it stands. `stage` likewise."""

    type: str
    sign: Sign | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class FormEvent:
    type: str
    sign: Sign
    stage: Stage


def _forms(event_type: str, names: str, sign: Sign | None = None, stage: Stage | None = None) -> dict[str, Form]:
    return {name: Form(event_type, sign, stage) for name in names.split()}


_FLAT, _UP, _DOWN, _BACK = Sign.NEUTRAL, Sign.POSITIVE, Sign.NEGATIVE, Sign.REVERSED
_TOLD, _DONE, _OFF = Stage.ANNOUNCED, Stage.COMPLETED, Stage.CANCELLED
FORMS: Final[dict[str, Form]] = {
    **_forms("results", "영업(잠정)실적 영업잠정실적 매출액또는손익구조 결산실적공시예고"),
    **_forms("guidance", "영업실적등에대한전망 수시공시의무관련사항 장래사업경영계획 실적등에대한전망"),
    **_forms("contract", "단일판매공급계약 공급계약체결 공급계약해지 수주공시 공사수주"),
    **_forms("trial", "임상시험계획승인 임상시험"),
    **_forms("trial", "임상시험계획승인신청", stage=_TOLD),
    **_forms("trial", "임상시험결과", _FLAT),
    **_forms("trial", "임상시험중단 임상시험계획자진취하 임상시험종료", _BACK, _OFF),
    **_forms("approval", "품목허가 품목허가획득 품목허가신청 신약허가 시판허가"),
    **_forms("licence", "기술이전 기술도입이전제휴계약 라이선스계약 기술도입계약 기술수출"),
    **_forms("patent", "특허권취득 특허권양수"),
    **_forms("investment", "신규시설투자 유형자산취득 유형자산양수 시설외투자 신규시설"),
    **_forms(
        "rights_issue",
        "유상증자결정 유상증자 유상증자최종발행가액확정 유상증자신주발행가액 유상증자1차발행가액결정 증권신고서(지분증권) 투자설명서(지분)",
    ),
    **_forms("rights_issue", "유상증자또는주식관련사채등의청약결과 유상증자또는주식관련사채등의발행결과", _FLAT),
    **_forms("rights_issue", "유무상증자결정"),
    **_forms("bonus_issue", "무상증자결정 무상증자"),
    **_forms(
        "convertible_bond",
        "전환사채권발행결정 신주인수권부사채권발행결정 교환사채권발행결정 전환청구권행사 전환가액 신주인수권행사 신주인수권행사가액"
        " 교환청구권행사 교환가액 전환사채 신주인수권부사채 교환사채",
    ),
    **_forms(
        "convertible_bond",
        "만기전사채취득 전환사채발행후만기전사채취득 전환사채(해외전환사채포함)발행후만기전사채취득 신주인수권부사채권만기전취득"
        " 신주인수권부사채(해외신주인수권부사채포함)발행후만기전사채취득",
        _UP,
    ),
    **_forms("bond", "증권신고서(채무증권) 상각형조건부자본증권발행결정 증권발행실적보고서 일괄신고 사채권발행결정"),
    **_forms(
        "borrowing", "단기차입금증가결정 타인에대한채무보증 금전대여 담보제공 채무인수결정 채무면제결정 대출원리금연체"
    ),
    **_forms(
        "buy_back", "자기주식취득결정 자기주식취득 자기주식취득신탁계약 신탁계약에의한취득상황보고서 자기주식매매신청"
    ),
    **_forms("share_disposal", "자기주식처분결정 자기주식처분 자기주식처분결과보고서"),
    **_forms("share_cancellation", "주식소각결정 주식소각 이익소각 자기주식소각"),
    **_forms("dividend", "현금현물배당결정 현금배당 현물배당 분기배당결정 주식배당결정 중간배당"),
    **_forms("dividend", "현금현물배당을위한주주명부폐쇄 분기배당을위한주주명부폐쇄 중간배당을위한주주명부폐쇄", _FLAT),
    **_forms("value_up", "기업가치제고계획 주주환원정책"),
    **_forms("capital_reduction", "감자결정 감자완료 감자"),
    **_forms("share_split", "주식분할 주식병합 액면분할 주식병합결정(감자무관)"),
    **_forms(
        "merger", "회사합병결정 합병등종료보고서 주식교환이전결정 주식의포괄적교환 증권신고서(합병) 회사합병 소규모합병"
    ),
    **_forms("spin_off", "회사분할결정 회사분할합병결정 회사분할 증권신고서(분할)"),
    **_forms("acquisition", "타법인주식및출자증권취득 타법인주식및출자증권양수 영업양수 출자증권취득"),
    **_forms("stake_sale", "타법인주식및출자증권처분 타법인주식및출자증권양도 유형자산처분 유형자산양도 영업양도 자산양수도"),
    **_forms("ownership_change", "최대주주변경", stage=_DONE),
    **_forms(
        "ownership_change",
        "최대주주변경을수반하는주식양수도계약 최대주주변경을수반하는주식담보제공계약 최대주주등소유주식변동신고서 경영권변경등에관한계약",
    ),
    **_forms("tender_offer", "공개매수신고서 공개매수설명서 공개매수철회신고서 공개매수"),
    **_forms("tender_offer", "공개매수결과보고서", _FLAT),
    **_forms(
        "major_holding",
        "대량보유상황보고서 임원주요주주특정증권등소유상황보고서 임원주요주주특정증권등거래계획보고서 특정증권등소유상황보고서",
    ),
    **_forms("major_holding", "의무보유해제 의무보호예수해제 보호예수해제", _DOWN),
    **_forms("lawsuit", "소송등의제기 소송등의신청 경영권분쟁소송 소송제기 가처분"),
    **_forms("lawsuit", "소송등의판결 소송등의판결결정", _FLAT),
    **_forms("investigation", "벌금등의부과 과징금 과태료 검찰고발 공정거래위원회"),
    **_forms("embezzlement", "횡령배임혐의발생 횡령배임사실확인 횡령배임혐의진행사항 횡령배임"),
    **_forms(
        "insolvency",
        "회생절차개시신청 회생절차개시 회생절차 파산신청 파산 부도발생 사채원리금미지급발생 채권은행등의관리절차개시 해산사유발생"
        " 은행거래정지 당좌거래정지 자본잠식",
    ),
    **_forms("insolvency", "회생계획인가 회생절차종결", _UP),
    **_forms("insolvency", "채권은행등의관리절차중단 채권은행등의관리절차해제", _UP),
    **_forms("insolvency", "파산신청기각 회생절차개시신청기각", _BACK, _OFF),
    **_forms("audit_opinion", "감사보고서제출", _FLAT),
    **_forms("audit_opinion", "감사보고서제출지연 감사의견비적정 감사의견 의견거절"),
    **_forms("delisting", "주권상장폐지 상장폐지사유발생 상장적격성실질심사대상 상장적격성실질심사사유발생 상장적격성실질심사"),
    **_forms("delisting", "상장폐지결정등효력정지가처분", _DOWN, _TOLD),
    **_forms("delisting", "상장폐지 정리매매"),
    **_forms("delisting", "상장유지결정 상장폐지사유해소 실질심사대상제외", _BACK),
    **_forms("halt", "주권매매거래정지 매매거래정지 주권매매거래정지(상장폐지사유발생) 매매거래정지(상장폐지사유발생)"),
    **_forms("halt", "매매거래정지및정지해제", _DOWN),
    **_forms("halt", "주권매매거래재개 매매거래재개", _BACK),
    **_forms("listing", "신규상장 주권신규상장 이전상장"),
    **_forms("listing", "상장예비심사결과 추가상장 변경상장 상장예비심사청구", _FLAT),
    **_forms(
        "market_warning",
        "투자경고종목 투자위험종목 투자주의종목 투자주의 단기과열종목 공매도과열종목 소수지점거래집중종목 이상급등종목"
        " 투자경고종목지정예고 소수계좌거래집중종목 스팸관여과다종목 단일계좌거래량상위종목",
    ),
    **_forms(
        "managed_issue",
        "관리종목지정 관리종목 내부결산시점관리종목지정형식적상장폐지상장적격성실질심사사유발생 내부결산시점관리종목지정",
    ),
    **_forms("disclosure_violation", "불성실공시법인지정 불성실공시 공시불이행 공시번복"),
    **_forms("disclosure_violation", "불성실공시법인미지정 불성실공시법인지정유예", _BACK),
    **_forms("inquiry", "조회공시 풍문또는보도에대한해명 풍문또는보도 해명공시", _FLAT),
    **_forms("accident", "재해발생 중대재해"),
    **_forms("recall", "제품회수 리콜 판매중지및회수 판매중단회수"),
    **_forms("production_halt", "생산중단 영업정지 조업중단 작업중단"),
    **_forms("production_halt", "생산재개 조업재개 영업재개 작업재개", _BACK),
    **_forms("ceo", "대표이사변경 대표이사(대표집행임원)변경", stage=_DONE),
    **_forms("ceo", "사외이사의선임 감사중도퇴임 독립이사의선임 대표이사선임"),
    **_forms("meeting", "주주총회소집 주주총회결과 주주총회 기업설명회 주주명부폐쇄 기준일설정 의결권대리행사"),
    **_forms(
        "report",
        "사업보고서 분기보고서 반기보고서 대규모기업집단현황공시 지배구조보고서 동일인등출자계열회사와의상품용역거래"
        " 특수관계인 지주회사 지속가능경영보고서",
    ),
    **_forms("stock_option", "주식매수선택권"),
}
_LONGEST_FIRST: Final = sorted(FORMS, key=len, reverse=True)


def read_form(title: str) -> FormEvent | None:
    """The event of a filing by its report name; None for a name that is not known."""
    name = _BLANK.sub("", title)
    found = next((stem for stem in _LONGEST_FIRST if stem in name), None)
    if found is None:
        return None
    form = FORMS[found]
    undone = form.sign is None and _UNDONE.search(name) is not None
    sign = _BACK if undone else form.sign if form.sign is not None else BY_ID[form.type].usual
    return FormEvent(form.type, sign, form.stage or _stage(name, sign))


def _stage(name: str, sign: Sign) -> Stage:
    if sign is Sign.REVERSED and _CALLED_OFF.search(name):
        return Stage.CANCELLED
    return next((stage for stage, words in _STAGES if words.search(name)), Stage.ANNOUNCED)
