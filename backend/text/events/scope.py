"""Whom a title is about: funds, the market, an industry, public bodies, or a company."""

import re
from typing import Final

from backend.domain.events import Scope

_FUND = re.compile(
    r"(?<![a-z])et(?:[fnp]s?(?![a-z])|…|$)|(?<!사모)(?<!헤지)(?<!주의)(?<!벤처)(?<!성장)(?<!사모 )(?<!헤지 )(?<!주의 )(?<!벤처 )펀드|레버리지|인버스|곱버스|커버드콜|(?<![a-z])tdf(?![a-z])|분배금|분배율|분배락|총보수"
    r"|(?<![가-힣])(?:tiger|kodex|rise|kbstar|hanaro|arirang|timefolio|koact|plus)\s[가-힣a-z0-9]|운용사|[가-힣]{2,8}운용(?![가-힣])|자산운용,|운용\s?순자산|순자산[^,…]{0,14}(?:돌파|조|억)|패시브|액티브\s?(?:상품|펀드)|연금저축|ira|isa(?![a-z])|적립식"
)
_LIST = re.compile(
    r"\d+\s?選|인기\s?검색|(?:순매수|순매도|상승률|하락률|수익률|거래대금)\s?(?:상위|톱|1위|top)|주간\s?추천주|추천\s?종목|추천주|주요\s?공시|기업\s?공시|공시\s?(?:모음|요약)|\[표\]|특징주\s?모음|시황(?!\s?변동)|브리핑|초고수|서울데이터랩|마켓\s?ing|장\s?마감\s?후|오늘의\s?(?:증시|주목|종목)|오늘뉴스|뉴스\s?종합|어제장|오늘장|주요\s?종목|관심\s?종목|주간\s?전망|신문\s?브리핑|주요\s?뉴스|단신|스타워즈"
)
_MARKET = re.compile(
    r"코스피(?!\s?(?:200|상장|이전|입성|시장\s?(?:상장|이전)|\d{3}\s?편))|코스닥(?!\s?(?:150|상장|이전|입성|시장\s?(?:상장|이전)|기업|사))|증시|뉴욕|다우|s&p\s?500|닛케이|사이드카|서킷|환율|원·달러|연준|fomc|기준금리|국채|국고채|물가|상장사(?!\s[a-z가-힣]+\s)"
    r"|상장\s?(?:기업|법인)|상장주|밸류업\s?(?:지수|프로그램)|상법|머니무브|결산\s?법인|실적\s?시즌|어닝\s?시즌|비트코인|가상자산|국제\s?유가|금값|은값|ipo\s?시장|공모주\s?시장|회사채\s?시장|분리과세|유가증권시장|국민성장펀드|국장(?![가-힣])"
)
_MARKET_PEOPLE = re.compile(
    r"개미|서학|동학|외국인(?!\s?(?:매출|관광|고객|환자|근로|직원|이용|지분))|투자자\s?예탁금|빚투|신용융자|거래소|공매도|시총|증권가|금리|관세|나스닥(?!\s?상장|100)|따상|투자자"
)
_SECTOR_WORD = (
    r"\d대\s?(?:금융지주|은행|그룹|증권|손보|생보)|업계|업종|업황|관련주|테마주|수혜주|소부장|은행권|금융권|금융사|증권사|증권가|보험사|보험업|제약사|제약업|(?<![가-힣])바이오텍|건설사|건설업|조선업|조선사|가전업|게임사|게임업|유통가|유통업|식품업|뷰티업|정유사|정유\s?\d사|조선\s?\d사|이통\s?\d?사|통신사|카드사|저축은행|항공사|배터리사|철강업|해운업|화학업|엔터\s?\d사|빅테크|[가-힣]{2,8}기업(?:들|\s?(?:잇|줄줄이|속속))|대기업|중견기업|중소기업|스타트업들|기업들|공기업|[가-힣]{1,6}\s?빅\s?[3-5]|빅\s?[3-5]사?|vc|2차전지주|이차전지주|로봇주|방산주|조선주|반도체주|바이오주|은행주|증권주|자동차주|화장품주|게임주|엔터주|건설주|원전주|정유주|철강주|항공주|태양광주|콘텐츠주|지주사들|(?<![a-z])k-?[가-힣]{2,6}(?:,|\s|$|·)"
)
_SECTOR = re.compile(_SECTOR_WORD + r"|(?<![a-z가-힣])[가-힣·a-z]{1,10}\s?株|[가-힣]{2,6}(?<!우선)(?<!자사)(?<!공모)(?<!대주)(?<!특징)(?<!배당)주(?:\s?(?:일제히|동반|줄줄이|들썩|강세|약세|급등|급락))")
_SECTOR_HEAD: Final = frozenset(
    "반도체 조선 철강 정유 은행 증권 보험 제약 바이오 제약·바이오 제약바이오 건설 자동차 게임 엔터 항공 해운 화학 석유화학 방산 로봇 원전 배터리 이차전지 2차전지 유통 식품 화장품 통신 카드 리츠 건설현장"
    " 편의점 백화점 면세점 대형마트 의료기기 휴머노이드 플랫폼 메모리 디스플레이 태양광 수소 전력기기 전기차 에너지 헬스케어 콘텐츠 스타트업 중소기업 대기업 제약사 보험사 건설사 증권사 은행권 금융권 업계 유통가 재계"
    " 저축은행 카드사 가전 호텔 여행 물류 철도 담배 주류 가구 패션 의류 제지 시멘트 전선 타이어 국내 글로벌 국산 토종 전통 대형 중소 韓 k뷰티 k푸드 k방산 k바이오 k조선 k배터리 k콘텐츠 k-바이오 k-뷰티 k-푸드".split()
)
_PUBLIC = re.compile(
    r"^(?:[李尹文朴]\s?(?:대통령|정부|가|측)?\s|(?:한국)?(?:정부|국회|대통령실?|여야|민주당|국민의힘|서울시|부산시|대구시|인천시|광주시|대전시|울산시|세종시|경기도|강원도|전남도|제주도|국토부|산업부|기재부|과기부|복지부|환경부|국방부|농식품부|중기부|고용부|교육부|외교부|금융위|금감원|한은|국세청|관세청|조달청|방사청|경찰청?|검찰|법원|공정위|식약처|특허청|질병청|산림청|소방청|예탁원|코트라|kotra|무보|수은|기보|신보|수출입은행|산업은행|산은|캠코|lh|대한상의|경총|한경협|중기중앙회|무협|거래소|한국거래소|금투협|생보협회|손보협회|협회|학회)"
    r"|[가-힣]{2,5}(?:시|군|구|도|청|부)(?:,|\s|청|의회)|[가-힣]{2,8}(?:위원회|진흥원|연구원|공단|협회|학회|재단|대학교?|대|교육청|병원|박물관|도서관)(?:,|\s|[·은는이가]\s)"
    r"|트럼프|이재명|바이든|시진핑|푸틴|fifa|국가대표|손흥민|이강인|아파트|오피스텔|집값|전셋값|장마|태풍|날씨|내일\s?(?:전국|날씨)|[가-힣]{2,4}\s?(?:의원|지사|장관))"
)
_BODIES_ACT: Final = frozenset(  # what public bodies do to companies: the company is the one it is about
    {"investigation", "recall", "lawsuit", "delisting", "halt", "market_warning", "managed_issue", "disclosure_violation", "inquiry", "credit_rating", "merger", "approval", "audit_opinion", "index_change", "embezzlement"}
)  # fmt: skip
_PROFILE = re.compile(
    r"\[[^\]]{0,20}(?:ceo|인터뷰|르포|기고|칼럼|사설|포럼|라이프|재테크|인사이트|사람|who|오피니언|만평|기자수첩|데스크|시론|특별기고|쉬운|주년|히트상품|소비자|브랜드|위클리|핫템|주말|책|여행|부고|인사|동정|게시판|카드뉴스|퇴직연금|ask|단신|생활)[^\]]{0,12}\]|인터뷰|르포"
)
_SEVERAL = re.compile(r"^[\"'\s]*[가-힣a-z0-9&]{2,14}(?:·[가-힣a-z0-9&]{2,14}){1,4}(?:[,\s…]|$)|^[가-힣a-z0-9&]{2,14}-[가-힣a-z&]{2,14},")
_HEAD = re.compile(r"^['\"(\s]*[^,…]{0,24}[,…]")
MANY: Final = 6  # companies: a title that names so many is a roundup


def is_fund(text: str) -> bool:
    return _FUND.search(text) is not None


def is_list(text: str) -> bool:
    return _LIST.search(text) is not None


def is_market(text: str) -> bool:
    return _MARKET.search(text) is not None


def is_of_investors(text: str) -> bool:
    """Whether a ready title speaks of those who trade: of the market, unless it names a company."""
    return _MARKET_PEOPLE.search(text) is not None


def head(body: str) -> str:
    """What a ready title without its tags says before its first comma or dots; all of it without any."""
    found = _HEAD.match(body)
    return found[0][:-1] if found else body


def is_sector(text: str) -> bool:
    """Whether a ready title without its tags speaks of an industry, in its first words or as a group of shares."""
    first = _first_word(text)
    return first in _SECTOR_HEAD or _SECTOR.search(text) is not None


def is_public(text: str) -> bool:
    """Whether a ready title without its tags begins with a public body, a politician or the like."""
    return _PUBLIC.match(text.lstrip("'\" ")) is not None


def is_profile(text: str) -> bool:
    """Whether a ready title is marked as a portrait, an interview, an opinion or advice."""
    return _PROFILE.search(text) is not None


def names_several(text: str) -> bool:
    return _SEVERAL.match(text) is not None


def bodies_act(event_type: str) -> bool:
    """Whether authorities and agencies do this to companies."""
    return event_type in _BODIES_ACT


def company_scope(text: str, companies: int | None) -> Scope:
    """COMPANIES where the title begins with two names or more; a counterparty does not count."""
    if companies is not None and companies >= MANY:
        return Scope.MARKET
    return Scope.COMPANIES if names_several(text) else Scope.COMPANY


def _first_word(text: str) -> str:
    words = text.lstrip("'\"").replace(",", " ").split(maxsplit=1)
    return words[0] if words else ""
