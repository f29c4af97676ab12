"""What stands around a name and tells what it means there: patterns over folded texts, data of meaning.py."""

import re
from typing import Final


def _any(*lines: str) -> str:
    """One pattern for all words in these lines; blanks part them, `_` is a blank that may be left out."""
    return "|".join(word.replace("_", r"\s?") for line in lines for word in line.split())


# The name as a word, before or behind which these stand. The first word is the name.
HOMONYMS: Final = {
    "농심": _any(
        r"농심_(?:달래|잡기|잡으|들끓|이반|폭발|흔들|속출)",
        r"(?:성난|타들어_가는|뿔난|타는|들끓는|애타는|멍든)_농심",
        r"쌀값 직불금? 가뭄 농민 농가 추수 작황 민심 천심",
    ),
    "기아": _any(
        r"난민 아프리카 굶주 식량 빈곤 기근 유엔 구호 전쟁과_기아",
        r"기아_(?:대책|체험|선상|퇴치|문제|종식|해방|위기) 기아에_(?:내몰|시달|허덕)",
    ),
    "네이버": _any(r"네이버_(?:뉴스|구독|채널|포스트|카페|블로그|tv|지도|검색창|밴드|지식|날씨) [-|]_네이버_$"),
    "naver": _any(r"naver_(?:뉴스|구독|tv|news) [-|]_naver_$"),
    "카카오": _any(r"카카오_(?:열매|콩|농장|가격|파우더|원두|값) 코코아 초콜릿"),
    "피노": _any(r"피노_(?:누아|그리|느와르) 와인"),
    "인바디": _any(r"인바디_(?:측정|검사|결과|체중계)"),
    "오리온": _any(r"오리온_(?:자리|성운|우주선)"),
    "하림": _any(r"하림_(?:각|미) 모회사 새_주인"),
    "삼바": _any(r"브라질 축제 축구 댄스 리듬 카니발 삼바_군단 삼바춤"),
    "클리오": _any(r"클리오_(?:광고|어워)"),
    "한올": _any(r"한올_한올"),
    "빙그레": _any(r"빙그레_(?:웃|미소)"),
    "신세계": _any(r"신세계_(?:교향곡|질서) (?:새로운|또_다른)_신세계"),
}
TEAMS: Final = _any(
    "타이거즈 위즈 트윈스 이글스 베어스 다이노스 자이언츠 라이온즈 랜더스 히어로즈 소닉붐",
    "세이커스 피버스 점보스 스카이워커스",
    "롤스터 레드포스 이스포츠 e스포츠 프로미 페가수스 블루윙즈 힐스테이트 하이패스 빅스톰 볼파크",
)
TEAM: Final = re.compile(rf"\s?(?:{TEAMS}|구단|야구단|농구단|배구단|축구단|선수단)")
TEAM_BEFORE: Final = re.compile(r"(?:디플러스|울산|전북|수원|고양|창원)\s$")
SPORT: Final = re.compile(
    _any(
        TEAMS.replace("|", " "),
        "프로야구 프로농구 프로배구 여자배구 남자배구 챔프전 세터 역전승 선발승 완투",
        "한국시리즈 가을야구 스프링캠프 마운드 투수 타자 타선 홈런 연타석",
        "이닝 끝내기 등판 불펜 포수 내야 외야수",
        "완봉 안타 타점 k리그 v리그 롤드컵 플레이오프 포스트시즌 사이영 골든글러브 신인왕 외국인_선수",
        "(?<![a-z])(?:kbo|kbl|wkbl|kovo|lck)(?![a-z])",
    )
)
SPONSORING: Final = re.compile(_any("후원 스폰서 협찬 마케팅 출시 한정판 협업 판매 굿즈"))
INSTITUTION: Final = re.compile(
    r"\s?(?:[가-힣]{2,8}\s)?(?:"
    + _any(
        "(?:문화|장학|복지)?재단 장학회 미술관 아트홀 아트센터 박물관 사회공헌상 문학상 음악회 골프단",
        "배구단 농구단 봉사단",
    )
    + r")(?![가-힣]{2})"
)
# Right beside a name: it is the stock that is meant.
STOCK_AFTER: Final = re.compile(
    r"(?:은|는|이|가|의|도|,)?\s?(?:"
    + _any(r"주가 株 목표가 목표주가 \([0-9]{4}[0-9a-z]{2}\) \(주\) 주식(?!회사)")
    + ")"
)
STOCK_BEFORE: Final = re.compile(r"(?:\(주\)\s?|(?:주식회사|상장사|코스닥\s?(?:상장\s?)?(?:사|기업|업체)?)\s)$")
# Where the name of a subject stands in a headline, and what follows it there.
HEAD: Final = re.compile(r"(?:^|[\])>}]|\.\.\.|[\"'])\s?$")
TOPIC: Final = re.compile(r"\s?(?:\([^()]{1,20}\))?,")
COMPANY: Final = re.compile(
    _any(
        "주가 株 특징주 목표가 목표주가 실적 영업익 영업이익 매출 순이익 순익 흑자 적자 공시 수주",
        "공급 계약 자사주 배당 증자 유증",
        "전환사채 상한가 하한가 급등 급락 강세 약세 신제품 출시 리콜 소송 합병 인수 상장 공장 착공",
        "준공 양산 수출 납품 출자 지분",
        "임상 허가 특허 신약 시총 분기 대표이사 회사채 신용등급 주총 이사회 최대주주 코스닥 코스피",
        "상반기 하반기 연간 거래정지",
        "관리종목 투자 진출 협약 mou 선임 증설 개발 확보 사업 제휴 맞손 수요 공개 참가 체결 부문 플랫폼",
    )
)
_HOLDING: Final = _any(
    "지주 자사주 유상증자 유증 무상증자 배당 주가 株 목표가 목표주가 투자의견 영업이익 영업익",
    "순이익 흑자 적자 매출 실적 자회사",
    "지분 주주 주총 이사회 밸류업 지배구조 할인율 출자 회사채 전환사채 신용등급 신고가 공시 분할",
    "합병 계열사_매각",
)
HOLDING: Final = re.compile(_HOLDING)
# A comma, a subject's particle, or at once what only a listed company has.
HOLDING_AFTER: Final = re.compile(
    rf"(?:은|는|이|가)?(?:,|\.\.\.)|(?:은|는|이|가)\s|의?\s(?:[0-9]분기\s)?(?:{_HOLDING})|지주(?![가-힣])"
)
_GROUP: Final = "(?:" + _any("삼성 롯데 현대 한화 두산 신세계 cj gs lg sk") + ")"
GROUP_BEFORE: Final = re.compile(rf"(?<![가-힣a-z]){_GROUP}\s?[·/&]\s?$")
GROUP_AFTER: Final = re.compile(rf"\s?[·/&]\s?{_GROUP}(?![가-힣a-z])")
