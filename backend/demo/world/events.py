"""Types of events in the demo, with templates of Korean headlines: data only.

`effect_sigma` is the planted effect: the drift of the price, in daily sigmas, over the five sessions after publication;
zero means no effect. It is never served.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EventType:
    """`titles` and `snippets` are templates; the fields are made in `backend.demo.world.wording`."""

    name: str
    effect_sigma: float
    weight: int
    titles: tuple[str, ...]
    snippets: tuple[str, ...]


EVENT_TYPES: Final = (
    EventType(
        "earnings_beat",
        3.6,
        20,
        (
            "{n}, {q} 영업이익 {amt}…시장 예상 {pct}% 웃돌아",
            "{n} {q} 영업익 {amt} '어닝 서프라이즈'",
            "{n}, {q} 깜짝 실적…영업이익 {amt}으로 컨센서스 {pct}% 상회",
            "{n} {q} 영업이익 {pct}% 늘어난 {amt}…기대치 상회",
        ),
        (
            "{n}({code})는 {q} 연결 영업이익이 {amt}으로 잠정 집계됐다고 공시했다. 전망을 {pct}% 웃도는 깜짝 실적이다.",
            "{n_i} 시장 기대를 뛰어넘는 {q} 실적을 내놨다. 영업이익은 {amt}으로 전년 같은 기간보다 {pct}% 늘었다.",
        ),
    ),
    EventType(
        "earnings_miss",
        -3.6,
        18,
        (
            "{n}, {q} 영업이익 {amt}…시장 기대 {pct}% 밑돌아",
            "{n} {q} 영업익 {amt} '어닝 쇼크'",
            "{n}, {q} 실적 부진…영업이익 {amt}으로 컨센서스 {pct}% 하회",
            "{n} {q} 영업이익 {pct}% 줄어든 {amt}…기대치 미달",
        ),
        (
            "{n}({code})는 {q} 연결 영업이익이 {amt}에 그쳤다고 공시했다. 전망을 {pct}% 밑도는 부진한 실적이다.",
            "{n_i} 시장 기대에 못 미치는 {q} 실적을 내놨다. 영업이익은 {amt}으로 전년 같은 기간보다 {pct}% 줄었다.",
        ),
    ),
    EventType(
        "supply_contract",
        3.8,
        24,
        (
            "{n}, {party}와 {amt} 규모 {prod} 공급계약 체결",
            "{n}, {amt} 규모 {prod} 공급계약…매출 대비 {pct}%",
            "{n}, {party}에 {prod} {amt}어치 공급한다",
            "{n} {prod} 대형 수주…{party}와 {amt} 계약",
        ),
        (
            "{n}({code})는 {party}와 {amt} 규모의 {prod} 공급계약을 체결했다고 공시했다. 매출액의 {pct}%에 해당한다.",
            "{n_i} {party}에 {prod_eul} 공급하는 {amt} 규모 계약을 따냈다. 계약 기간은 {year}년까지다.",
        ),
    ),
    EventType(
        "rights_issue",
        -4.2,
        12,
        (
            "{n}, {amt} 규모 주주배정 유상증자 결정",
            "{n} {amt} 유상증자…신주 {pct}% 늘어 지분 희석 우려",
            '{n}, {amt} 유증 발표…"{prod} 투자 재원"',
            "{n} 이사회, {amt} 규모 유상증자 의결",
        ),
        (
            "{n}({code})는 이사회를 열고 {amt} 규모의 유상증자를 결정했다고 공시했다. 신주는 발행주식의 {pct}%다.",
            "{n_i} {prod} 투자금을 마련하려고 {amt} 규모 유상증자에 나선다. 주식 가치 희석이 우려된다.",
        ),
    ),
    EventType(
        "lawsuit",
        -3.2,
        14,
        (
            "{n}, {party}에 {amt} 손해배상 피소",
            "{party}, {n} 상대로 {amt} 특허침해 소송 제기",
            '{n}, {amt} 소송 휘말려…{party} "{prod} 특허 침해"',
            "{n} {prod} 특허 소송 1심 패소…배상액 {amt}",
        ),
        (
            "{party_i} {n}({code})를 상대로 {amt} 규모의 손해배상 소송을 냈다. 청구액은 자기자본의 {pct}% 수준이다.",
            "{n_i} {prod} 관련 특허 분쟁으로 {amt} 규모의 소송에 휘말렸다. 회사는 대응하겠다고 밝혔다.",
        ),
    ),
    EventType(
        "buy_back",
        2.8,
        14,
        (
            "{n}, {amt} 규모 자사주 매입 결정",
            "{n} {amt} 자기주식 취득 후 전량 소각",
            "{n}, 자사주 {amt}어치 사들인다…주주환원 강화",
        ),
        (
            "{n}({code})는 {amt} 규모의 자기주식을 취득한다고 공시했다. 발행주식의 {pct}%로 전량 소각할 계획이다.",
            "{n_i} 주주가치를 높이기 위해 {amt} 규모의 자사주를 매입한다.",
        ),
    ),
    EventType(
        "convertible_bond",
        0.0,
        5,
        (
            "{n}, {amt} 규모 전환사채 발행 결정",
            "{n} CB {amt} 발행…표면이율 {pct}%",
            "{n}, {prod} 투자 위해 전환사채 {amt} 찍는다",
        ),
        ("{n}({code})는 운영자금 조달을 위해 {amt} 규모의 무기명식 전환사채를 발행한다고 공시했다.",),
    ),
    EventType(
        "dividend",
        0.0,
        8,
        (
            "{n}, 주당 {won}원 현금배당 결정",
            "{n} 분기배당 주당 {won}원…시가배당률 {pct}%",
            "{n}, 결산배당 {won}원 확정",
        ),
        ("{n}({code})는 보통주 1주당 {won}원의 현금배당을 결정했다고 공시했다. 시가배당률은 {pct}%다.",),
    ),
    EventType(
        "recall",
        0.0,
        5,
        (
            "{n}, {prod} {num}대 자발적 리콜",
            '{n} {prod} 결함에 {num}개 회수…"무상 교체"',
            "국표원, {n} {prod} {num}개 리콜 명령",
        ),
        ("{n_i} {prod} 일부 제품에서 결함이 확인돼 {num}개를 자발적으로 회수한다고 밝혔다.",),
    ),
    EventType(
        "rating",
        0.0,
        9,
        (
            "{n}, 목표주가 {won}원으로 상향-{broker}",
            '{broker} "{n} 목표가 {won}원…투자의견 매수"',
            '"{n}, {prod} 기대감 유효" 목표가 {won}원-{broker}',
            '{n} 목표주가 {won}원으로 하향…{broker} "{q} 눈높이 낮춰야"',
        ),
        ("{broker_eun} {n}({code})에 대해 목표주가를 {won}원으로 제시했다. {q} 실적 전망을 반영했다는 설명이다.",),
    ),
    EventType(
        "merger",
        0.0,
        6,
        (
            "{n}, {party} 지분 {pct}% {amt}에 인수 추진",
            "{n} M&A 나선다…{party} 인수가 {amt}",
            "{n}, {party} 인수 우선협상대상자로 선정",
        ),
        ("{n_i} {party} 지분 {pct}%를 {amt}에 인수하는 방안을 추진한다. R&D 역량을 키우려는 M&A다.",),
    ),
    EventType(
        "ceo_change",
        0.0,
        5,
        (
            "{n}, 신임 대표이사에 {person} 내정",
            "{n} 대표 교체…{person} 사장 선임",
            "{n} 정기 임원인사…{person} 부사장 승진",
        ),
        ("{n_eun} 이사회를 열고 {person} 사장을 신임 대표이사로 내정했다고 밝혔다.",),
    ),
    EventType(
        "product",
        0.0,
        12,
        (
            '{n}, {prod} 공개…"성능 {pct}% 개선"',
            "{n} {prod} 출시…{year}년 양산",
            "{n}, {prod} 사업 확대…R&D에 {amt} 투입",
            "{n} {prod} 시제품 첫선",
        ),
        (
            "{n_i} {prod_eul} 공개했다. 회사는 기존 제품보다 성능을 {pct}% 높였다고 설명했다.",
            "{n_eun} {prod} 사업을 키우기 위해 연구개발(R&D)에 {amt}을 투입한다고 밝혔다.",
        ),
    ),
    EventType(
        "other",
        0.0,
        6,
        (
            "{n}, 지역 청소년 장학금 {amt} 기탁",
            "{n} ESG 보고서 발간…탄소 배출 {pct}% 감축",
            "{n}, 협력사 {num}곳과 상생 협약",
            "{n} 하반기 신입사원 {num}명 공채",
        ),
        ('{n_i} 사회공헌 활동을 이어간다고 밝혔다. 관계자는 "지속가능한 성장에 힘쓰겠다"고 말했다.',),
    ),
)
EVENT_WEIGHTS: Final = tuple(event.weight for event in EVENT_TYPES)
SPLIT_EVENT: Final = EventType(
    "split",
    0.0,
    0,
    ("{n}, 5대 1 액면분할…오늘 변경상장", "{n} 액면분할 후 첫 거래"),
    ("{n}({code})의 보통주 1주가 5주로 나뉘어 오늘부터 거래된다.",),
)
PARTIES: Final = (
    "엔비디아", "테슬라", "GM", "애플", "북미 완성차업체", "유럽 제약사", "AT&T", "마이크로소프트",
    "한화에어로스페이스", "글로벌 빅테크", "폭스바겐", "사우디 아람코",
)  # fmt: skip
BROKERS: Final = ("키움증권", "미래에셋증권", "NH투자증권", "삼성증권", "KB증권", "한국투자증권", "하나증권")
PEOPLE: Final = ("김민준", "이서연", "박도윤", "최지우", "정하준", "강수아", "조은우", "윤지호")
INDUSTRIES: Final = ("2차전지", "반도체", "바이오", "자동차", "인터넷", "은행", "로봇", "철강")
GROUPS: Final = ("삼성", "현대", "LG", "SK그룹", "포스코그룹")
# Letters of cp949 that EUC-KR lacks: a feed that declares EUC-KR carries them all the same.
CP949_ONLY: Final = ("똠방각하", "펲시", "뷁", "쓩")
