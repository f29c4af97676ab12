# ruff: noqa: E501  (one event a line)
"""Invented events of invented companies, as a day's news tells them: data for bench.reports.

Each row: type, sign, stage, title, amount in KRW, counterparty, share, surprise. "{name}" is the company.
"""

from typing import Final

Row = tuple[str, str, str, str, int | None, str, float | None, float | None]

COMPANIES: Final = (
    "한빛정밀", "누리반도체", "대선중공업", "가온제약", "미래푸드", "동백바이오", "서린화학", "유진해운", "태백에너지",
    "새한전자", "오름소프트", "청운건설", "다온로보틱스", "남해조선", "금강소재", "이룸게임즈", "백두항공", "아람화장품",
    "제일금속", "소백텔레콤", "나래엔터", "한결은행", "우솔배터리", "보람유통", "진성기계", "하늘물산", "도담의료기",
    "명륜교육", "산들식품", "해오름증권", "빛가람전력", "고운패션", "세움보험", "온누리디스플레이", "별빛위성", "큰솔제지",
    "신명자동차", "두레물류", "참빛가스", "늘봄여행",
)  # fmt: skip
ROWS: Final[tuple[Row, ...]] = (
    ("contract", "+", "decided", "{name}, 북미 배터리 업체에 2,340억 규모 장비 공급", 234_000_000_000, "올리언 에너지", 0.182, None),
    ("contract", "+", "decided", "[공시] {name}, 580억원 선박 블록 수주", 58_000_000_000, "동해조선해양", 0.064, None),
    ("contract", "reversed", "cancelled", "{name} 중동 플랜트 계약 해지 통보 받아", 410_000_000_000, "알자리르", 0.225, None),
    ("contract", "+", "announced", "{name}, 데이터센터 냉각설비 첫 해외 납품", None, "노르딕 서버팜", None, None),
    ("results", "+", "announced", "{name} 3분기 영업익 1,120억…컨센서스 18% 웃돌아", 112_000_000_000, "", None, 0.18),
    ("results", "-", "announced", "{name}, 원가 부담에 3분기 영업익 반토막", 21_300_000_000, "", None, -0.48),
    ("results", "+", "announced", "{name} 흑자 전환…판가 인상 효과", 8_700_000_000, "", None, 0.31),
    ("results", "-", "announced", "비수기 못 넘은 {name}, 분기 적자 96억", 9_600_000_000, "", None, -0.22),
    ("guidance", "+", "announced", "{name}, 내년 매출 목표 15% 올려 잡아", None, "", None, 0.15),
    ("target_price", "+", "announced", "“재고 조정 끝났다”…{name} 목표가 올린 증권사", None, "", None, None),
    ("target_price", "-", "announced", "{name}, 수요 둔화에 목표가 9만원으로 낮아져", None, "", None, None),
    ("product", "+", "announced", "{name}, 접는 태블릿용 힌지 양산 시작", None, "", None, None),
    ("trial", "+", "completed", "{name} 비만 치료제 2상, 1차 평가변수 충족", None, "", None, None),
    ("trial", "-", "announced", "{name} 치매 신약 3상 유의성 확보 실패", None, "", None, None),
    ("approval", "+", "completed", "{name} 보툴리눔 제제, 유럽 품목허가 획득", None, "", None, None),
    ("licence", "+", "decided", "{name}, 항체 플랫폼 7,900억에 기술수출", 790_000_000_000, "베리타스 파마", None, None),
    ("patent", "+", "completed", "{name} 전고체 전해질 미국 특허 등록", None, "", None, None),
    ("investment", "+", "decided", "{name}, 새만금에 3,200억 들여 공장 신설", 320_000_000_000, "", 0.21, None),
    ("partnership", "+", "announced", "{name}, 자율주행 물류로봇 공동 개발 협약", None, "코스모 오토", None, None),
    ("rights_issue", "-", "decided", "{name} 1,500억 주주배정 유상증자 결정…할인율 20%", 150_000_000_000, "", 0.24, None),
    ("convertible_bond", "-", "decided", "{name}, 운영자금 300억 전환사채 발행", 30_000_000_000, "한결투자조합", 0.08, None),
    ("buy_back", "+", "decided", "{name} 이사회, 자사주 500억 매입 의결", 50_000_000_000, "", None, None),
    ("share_cancellation", "+", "decided", "{name}, 보유 자사주 전량 소각한다", 84_000_000_000, "", 0.031, None),
    ("dividend", "+", "decided", "{name} 분기배당 첫 도입, 주당 350원", None, "", None, None),
    ("capital_reduction", "-", "decided", "{name} 결손 보전 위해 5대1 무상감자", None, "", None, None),
    ("merger", "0", "decided", "{name}, 물적 자회사 흡수합병…신주 없이 진행", None, "가온테크", None, None),
    ("acquisition", "0", "announced", "{name}, 폐배터리 재활용사 지분 51% 인수", 67_000_000_000, "리코버리", None, None),
    ("stake_sale", "0", "decided", "{name} 판교 사옥 매각, 2,050억 현금 확보", 205_000_000_000, "한강리츠", None, None),
    ("ownership_change", "0", "announced", "{name} 경영권 매각설에 최대주주 “검토한 바 있다”", None, "", None, None),
    ("lawsuit", "-", "announced", "{name}, 특허 침해 소송 1심 패소…배상액 240억", 24_000_000_000, "리브웰", None, None),
    ("lawsuit", "+", "completed", "{name} 담합 과징금 취소 소송 대법 승소", 13_200_000_000, "", None, None),
    ("investigation", "-", "announced", "공정위, {name} 하도급 대금 후려치기 조사 착수", None, "", None, None),
    ("embezzlement", "-", "announced", "{name} 재무팀장 115억 횡령 혐의 고소", 11_500_000_000, "", 0.057, None),
    ("market_warning", "-", "announced", "{name} 투자경고종목 지정 예고", None, "", None, None),
    ("inquiry", "0", "announced", "{name} “인수설 사실무근” 조회공시 답변", None, "", None, None),
    ("accident", "-", "announced", "{name} 울산 2공장 화재…인명 피해 없어", None, "", None, None),
    ("recall", "-", "announced", "{name} 전기차 4만대 제동장치 시정조치", None, "", None, None),
    ("strike", "-", "announced", "{name} 노조, 임단협 결렬에 부분파업 예고", None, "", None, None),
    ("credit_rating", "+", "completed", "{name} 신용등급 A+로 한 단계 상향", None, "", None, None),
    ("index_change", "+", "announced", "{name}, 코스피200 정기변경서 신규 편입", None, "", None, None),
    ("meeting", "0", "announced", "{name} 임시주총서 사외이사 2명 선임", None, "", None, None),
    ("ceo", "0", "announced", "{name} 새 대표에 생산총괄 부사장 내정", None, "", None, None),
    ("other", "0", "announced", "{name} 임직원, 지역 아동센터에 김장 나눔", None, "", None, None),
    ("other", "0", "announced", "[현장] {name} 스마트공장을 가다", None, "", None, None),
    ("other", "0", "announced", "{name}이 청년 채용 박람회에 부스 연 까닭", None, "", None, None),
)  # fmt: skip
PUBLISHERS: Final = ("한강경제", "서울증권신문", "데일리마켓", "산업타임즈", "전자공시")
