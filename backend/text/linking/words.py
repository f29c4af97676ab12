"""Names that mean something else as well, and the words that tell which is meant: data of backend/text/linking/meaning.py.

Names are keys: folded, without blanks.
"""

import re
from typing import Final

# Groups without a listed company of that name.
GROUPS: Final = frozenset({"삼성", "현대", "롯데", "신세계그룹", "포스코그룹", "범현대", "범삼성"})
# Names that a group shares with its listed holding.
HOLDINGS: Final = frozenset({
    "sk", "lg", "한화", "두산", "cj", "ls", "gs", "hd현대", "롯데지주", "효성", "dl", "db", "코오롱", "hdc", "bgf", "에스케이",
    "엘지", "씨제이", "지에스", "엘에스", "디엘", "대웅",
})  # fmt: skip
# Words of the language, places, first names, Latin letters that stand for something else.
COMMON_WORDS: Final = frozenset({
    # two letters
    "대상", "동서", "서남", "태양", "선진", "레이", "미래", "국보", "나노", "동방", "동양", "전방", "신원", "진도", "남성",
    "성우", "국전", "대모", "노을", "레몬", "캐리", "핑거", "카스", "보령", "서산", "유신", "삼진", "오공", "한창", "대교",
    "서원", "서한", "진영", "율촌", "상보", "조비", "화신", "삼일", "코디", "배럴", "러셀", "포톤", "테스", "금비", "신흥",
    "대동", "흥국", "태광", "대덕", "하스", "야스", "원익", "베셀", "대현", "혜인", "웹스", "더즌", "알트", "무학", "웅진",
    "오아", "디오", "한독", "영흥", "우진", "우성", "대원", "동원", "서연", "힘스",
    # longer ones
    "유니온", "나무가", "우리로", "우리넷", "우리기술", "좋은사람들", "자연과환경", "손오공", "오로라", "사람인", "정다운",
    "유니크", "파라다이스", "모나리자", "제우스", "스피어", "자비스", "패션플랫폼", "데이터솔루션", "이지스", "비비안", "삼천리",
    "빛과전자", "모비스", "이글루", "코메론", "파이온", "그래피", "링크드", "캔버스엔",
    "나이스", "미래반도체", "블루콤", "바이오플러스", "하이퍼코퍼레이션", "유니슨",
    "체리부로", "아티스트컴퍼니", "어보브", "플레이디", "네이블", "라이콤",
    # Latin letters
    "new", "nice", "npc", "npx", "3s", "e1", "e8", "m83", "cs", "eg", "kd", "kx", "sg", "tp", "yw", "nc", "aps", "csa",
    "dgi", "gst", "hrs", "jtc", "kbg", "grt", "pkc", "sdn", "shd", "stx", "sbs", "ytn", "knn", "dms", "dsr", "sy", "kal",
})  # fmt: skip
# Companies that headlines also write for their group; in a list of groups ('롯데·신세계') the group is meant.
LIKE_GROUPS: Final = frozenset({"신세계", "하림", "한진", "농심", "카카오", "코오롱", "셀트리온", "교보", "동국제강", "세아"})
# A context, before or behind, in which a name is the word and not the company.
HOMONYMS: Final = {
    name: re.compile(pattern)
    for names, pattern in (
        ("농심", r"농심\s?(?:달래|잡기|잡으|들끓|이반|폭발|민심|천심|흔들|속출)|(?:성난|타들어\s?가는|뿔난|타는|들끓는|애타는|멍든)\s?농심"
                r"|쌀값|직불금?|가뭄|농민|농가|추수|벼\s|작황|민심"),
        ("기아", r"난민|아프리카|굶주|식량|빈곤|기근|유엔|구호|기아\s?(?:대책|체험|선상|퇴치|문제|종식|해방|위기)|기아에\s?(?:내몰|시달|허덕)|전쟁과\s기아"),
        ("네이버 naver", r"(?:네이버|naver)\s?(?:뉴스|구독|채널|포스트|카페|블로그|tv|지도|검색창|밴드|지식in|지식인|날씨)|[-|]\s*(?:네이버|naver)\s*$"),
        ("카카오", r"카카오\s?(?:열매|콩|농장|가격|파우더|선물|원두|값)|코코아|초콜릿"),
        ("피노", r"피노\s?(?:누아|그리|느와르)|와인"),
        ("인바디", r"인바디\s?(?:측정|검사|결과|체중계)"),
        ("오리온", r"오리온\s?(?:자리|성운|우주선)"),
        ("한샘", r"한샘\s?(?:플래그십)?재단"),
        ("하림", r"하림\s?(?:각|미)|모회사|새\s?주인"),
        ("삼바", r"브라질|축제|축구|댄스|리듬|카니발|삼바\s?(?:군단|춤)"),
        ("카이", r"뮤지컬|배우|엑소"),
        ("한올", r"한올\s?한올"),
        ("kai kt", r"kai\s?(?:wa|havertz)"),
        ("빙그레", r"빙그레\s?(?:웃|미소)"),
        ("신세계", r"신세계\s?(?:교향곡|질서)|(?:새로운|또\s?다른)\s신세계"),
        ("오뚜기", r"오뚜기\s?(?:정신|처럼)"),
        ("하이브", r"하이브리드"),
    )
    for name in names.split()
}  # fmt: skip

TEAMS: Final = (
    r"타이거즈|위즈|트윈스|이글스|베어스|다이노스|자이언츠|라이온즈|랜더스|히어로즈|소닉붐|세이커스|피버스|점보스|스카이워커스|롤스터"
    r"|레드포스|이스포츠|e스포츠|프로미|페가수스|이지스함대|스타즈|블루윙즈|모터스fc|힐스테이트|하이패스|빅스톰|오케이금융|볼파크"
)
TEAM_BEFORE: Final = re.compile(r"(?:디플러스|울산|전북|수원|고양|창원|한국시리즈|kbo|kbl)\s$")
TEAM: Final = re.compile(rf"\s?(?:{TEAMS}|구단|야구단|농구단|배구단|축구단|팬들|선수단)")
SPORT: Final = re.compile(
    rf"{TEAMS}|프로야구|프로농구|프로배구|한국시리즈|가을야구|스프링캠프|마운드|투수|타자|타선|홈런|연타석|이닝|끝내기|등판|불펜|포수|내야|외야수"
    r"|완봉|안타|타점|(?<![a-z])(?:kbo|kbl|wkbl|lck|fa시장)(?![a-z])|k리그|v리그|롤드컵|플레이오프|포스트시즌|사이영|골글|골든글러브|신인왕|외국인\s?선수"
)
SPONSORING: Final = re.compile(r"후원|스폰서|협찬|마케팅|출시|한정판|협업|판매|굿즈")
# Companies with a team that headlines call by their name.
SPONSORS: Final = frozenset({
    "기아", "kt", "케이티", "lg", "sk", "한화", "두산", "nc", "엔씨", "농심", "키움증권", "현대모비스", "모비스", "대한항공",
    "한국전력", "한전", "한국가스공사", "가스공사", "현대건설", "db", "kcc", "삼성화재", "삼성생명", "한화생명", "현대차",
    "흥국생명", "하나은행", "기업은행", "ibk기업은행", "db손해보험", "롯데", "신세계", "이마트",
})  # fmt: skip
INSTITUTION: Final = re.compile(
    r"\s?(?:[가-힣]{2,8}\s)?(?:재단|문화재단|장학재단|장학회|미술관|아트홀|아트센터|박물관|복지재단|사회공헌상|문학상|음악회|볼파크|골프단|배구단"
    r"|농구단|봉사단)(?![가-힣]{2})"
)
# Directly after a name: it is the stock that is meant.
STOCK_AFTER: Final = re.compile(r"(?:은|는|이|가|의|도|,)?\s?(?:주가|株|목표가|목표주가|\([0-9]{4}[0-9a-z]{2}\)|\(주\)|주식(?!회사))")
STOCK_BEFORE: Final = re.compile(r"(?:\(주\)\s?|주식회사\s|상장사\s|코스닥\s?(?:상장\s?)?(?:사|기업|업체)?\s)$")
# Where the name of a subject stands in a headline, and what follows it there.
HEAD: Final = re.compile(r"(?:^|[\])>}]|\.\.\.|[\"'])\s?$")
TOPIC: Final = re.compile(r"\s?(?:\([^()]{1,20}\))?,")
COMPANY: Final = re.compile(
    r"주가|株|특징주|목표가|목표주가|실적|영업익|영업이익|매출|순이익|순익|흑자|적자|공시|수주|공급|계약|자사주|배당|증자|유증|전환사채|상한가|하한가"
    r"|급등|급락|강세|약세|신제품|출시|리콜|소송|합병|인수|상장|공장|착공|준공|양산|수출|납품|출자|지분|임상|허가|특허|신약|시총|분기|대표이사"
    r"|회사채|신용등급|주총|이사회|최대주주|코스닥|코스피|상반기|하반기|연간|거래정지|관리종목|투자|진출|협약|mou|선임|증설|개발|확보|사업|제휴|맞손|수요|공개|참가|체결|부문|플랫폼"
)
HOLDING: Final = re.compile(
    r"지주|자사주|유상증자|유증|무상증자|배당|주가|株|목표가|목표주가|투자의견|영업이익|영업익|순이익|흑자|적자|매출|실적|자회사|지분|주주|주총|이사회|밸류업"
    r"|지배구조|할인율|출자|회사채|전환사채|신용등급|신고가|공시|분할|합병|계열사\s?매각"
)
HOLDING_AFTER: Final = re.compile(
    rf"(?:은|는|이|가)?(?:,|\.\.\.)|(?:은|는|이|가|의)?\s(?:[0-9]분기\s)?(?:{HOLDING.pattern})|지주(?![가-힣])|(?:은|는|이|가)\s"
)
PORTALS: Final = frozenset({"네이버", "naver", "카카오"})
