"""The types of events, after the report names of DART and KIND and the wording of the press.

docs/events.md says for each which titles belong to it. `usual` is the sign without a word that says otherwise, `weight`
the materiality (0..3) where nothing tells how large the event is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.domain.understanding.events import NO_TYPE, Sign

PRICE_MOVE: Final = "price_move"  # the cause of nothing


@dataclass(frozen=True, slots=True)
class EventType:
    id: str
    korean: str
    english: str
    usual: Sign
    weight: int


_UP, _DOWN, _FLAT = Sign.POSITIVE, Sign.NEGATIVE, Sign.NEUTRAL
EVENT_TYPES: Final = (
    EventType("results", "실적", "results", _FLAT, 2),
    EventType("guidance", "실적 전망", "outlook", _FLAT, 1),
    EventType("target_price", "목표가·투자의견", "broker's view", _FLAT, 1),
    EventType("contract", "수주·공급 계약", "contract", _UP, 2),
    EventType("product", "제품·서비스", "product", _UP, 1),
    EventType("trial", "임상 시험", "clinical trial", _UP, 2),
    EventType("approval", "품목 허가", "approval", _UP, 2),
    EventType("licence", "기술 이전", "licence", _UP, 2),
    EventType("patent", "특허", "patent", _UP, 1),
    EventType("investment", "시설 투자", "investment", _UP, 1),
    EventType("partnership", "제휴·협력", "partnership", _UP, 1),
    EventType("rights_issue", "유상증자", "rights issue", _DOWN, 3),
    EventType("bonus_issue", "무상증자", "bonus issue", _UP, 2),
    EventType("convertible_bond", "전환사채·신주인수권부사채", "convertible bond", _DOWN, 2),
    EventType("bond", "회사채", "bond", _FLAT, 1),
    EventType("borrowing", "차입·보증", "borrowing or guarantee", _FLAT, 1),
    EventType("buy_back", "자사주 매입", "share buy-back", _UP, 2),
    EventType("share_disposal", "자사주 처분", "disposal of own shares", _DOWN, 2),
    EventType("share_cancellation", "자사주 소각", "share cancellation", _UP, 2),
    EventType("dividend", "배당", "dividend", _UP, 1),
    EventType("value_up", "주주환원 계획", "shareholder-return plan", _UP, 1),
    EventType("capital_reduction", "감자", "capital reduction", _DOWN, 3),
    EventType("share_split", "액면분할·주식병합", "share split", _FLAT, 1),
    EventType("merger", "합병", "merger", _FLAT, 3),
    EventType("spin_off", "회사 분할", "spin-off", _FLAT, 2),
    EventType("acquisition", "인수·지분 취득", "acquisition", _FLAT, 2),
    EventType("stake_sale", "지분·자산 매각", "sale of a stake or asset", _FLAT, 2),
    EventType("ownership_change", "최대주주·경영권", "ownership change", _FLAT, 3),
    EventType("tender_offer", "공개매수", "tender offer", _UP, 3),
    EventType("major_holding", "주요 주주 지분", "major holding", _FLAT, 1),
    EventType("lawsuit", "소송", "lawsuit", _DOWN, 2),
    EventType("investigation", "조사·제재", "investigation or sanction", _DOWN, 2),
    EventType("embezzlement", "횡령·배임", "embezzlement", _DOWN, 3),
    EventType("insolvency", "회생·부도", "insolvency", _DOWN, 3),
    EventType("audit_opinion", "감사의견", "audit opinion", _DOWN, 3),
    EventType("delisting", "상장 폐지", "delisting", _DOWN, 3),
    EventType("halt", "거래 정지", "trading halt", _DOWN, 3),
    EventType("listing", "상장", "listing", _UP, 2),
    EventType("market_warning", "시장 경보", "market warning", _DOWN, 2),
    EventType("managed_issue", "관리종목", "managed issue", _DOWN, 3),
    EventType("disclosure_violation", "불성실 공시", "disclosure violation", _DOWN, 2),
    EventType("inquiry", "조회 공시·해명", "inquiry or denial", _FLAT, 1),
    EventType("accident", "사고", "accident", _DOWN, 2),
    EventType("recall", "리콜", "recall", _DOWN, 2),
    EventType("production_halt", "생산 중단", "production halt", _DOWN, 2),
    EventType("strike", "노사 분규", "labour dispute", _DOWN, 1),
    EventType("ceo", "경영진", "management", _FLAT, 1),
    EventType("credit_rating", "신용 등급", "credit rating", _FLAT, 2),
    EventType("index_change", "지수 편입·편출", "index change", _UP, 1),
    EventType("meeting", "주주총회·설명회", "meeting", _FLAT, 0),
    EventType("report", "정기 보고", "periodic report", _FLAT, 0),
    EventType("stock_option", "주식매수선택권", "stock options", _FLAT, 0),
    EventType(PRICE_MOVE, "주가 움직임", "price move", _FLAT, 0),
    EventType(NO_TYPE, "기타", "other", _FLAT, 0),
)

BY_ID: Final[Mapping[str, EventType]] = {event.id: event for event in EVENT_TYPES}


def weighs_on(event_type: str, sign: str) -> bool:
    """Whether such an event may weigh on the price of the share. An unknown type is judged by its sign alone."""
    known = BY_ID.get(event_type)
    return sign == Sign.NEGATIVE or (sign == Sign.REVERSED and known is not None and known.usual is Sign.POSITIVE)
