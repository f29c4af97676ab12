"""Whether a title names a company, told from how names look and where they stand; links may tell it better."""

import re
from typing import Final

from backend.text.events import scope

_ENDINGS = (
    r"전자|화학|제약|바이오|파마|약품|증권|건설|중공업|重|에너지|소재|시스템|시스템즈|홀딩스|금융|지주|은행|카드|손보|생명|화재|해상|엔터|게임즈|게임|소프트|로보틱스|로봇|모빌리티|항공|해운|통신|텔레콤|쇼핑|백화점"
    r"|식품|제과|반도체|산업|물산|상사|그룹|컴퍼니|솔루션|솔루션즈|메디칼|메디|랩|랩스|젠|셀|팜|오토|모터스|스틸|제철|철강|조선|정밀|기계|전기|가스|전력|테크|텍|디스플레이|배터리|유통|리츠|캐피탈|인베스트|벤처스|벤처투자"
    r"|네트웍스|데이터|미디어|스튜디오|페이|뱅크|통운|타이어|시멘트|제지|코스메틱|코스메카|헬스케어|바이오텍|바이오로직스|사이언스|케미칼|머티리얼즈|퓨처엠|이앤씨|일렉|일렉트릭|전선|시큐리티|인더스트리|호텔|투어|맥주|푸드|오션|물류"
    r"|로직스|글로비스|모비스|위아|로템|스퀘어|하이닉스|닉스|공사|플러스|차|화장품|홀딩|메카|옵틱스|이노텍|머트리얼즈|토건|양행|약업|철도|ai|방직|코퍼레이션|파트너스|아이엔씨|모바일|서비스|제강|석화|에스디아이|에스디에스|마린|엔진|뷰티|글로벌|홈쇼핑|텔|넷|온|샵|투자증권|종금|생건|생활건강|웨이|맥스|파크|월드"
)
_BY_ENDING = re.compile(rf"(?<![가-힣a-z0-9])[가-힣a-z0-9&]{{1,9}}(?:{_ENDINGS})(?=[\s,·…'\"()\[\]\-]|$|[이가은는을를와과의도에로만]|에서|에게|株|證|發|측|\d)")
_KNOWN = re.compile(
    r"(?<![가-힣a-z])(?:삼성|현대|lg|sk|kt|cj|gs|hd현대|롯데|카카오|네이버|기아|한전|포스코|두산|한화|효성|코오롱|oci|kcc|ls|dl|gc녹십자|hl|f&f|농심|오리온|쿠팡|토스|하이브|크래프톤|넥슨|엔씨|넷마블|셀트리온|에코프로|엘앤에프"
    r"|한미|대웅|유한|신세계|이마트|아모레|삼전|하닉|삼바|알테오젠|루닛|hmm|hlb|s-oil|에쓰오일|kai|jyp|nhn|bgf|cu|naver|posco|홈플러스|홈플|코웨이|미래에셋|메리츠|키움|nh|kb|신한|하나|우리|db|ibk|bnk|jb|한진|금호|영풍|고려아연|태광|동원|하림|빙그레|웅진|교보|대한|아시아나|진에어|한샘|무신사|컬리|당근|티빙|웨이브|라인|배민|업비트|빗썸|두나무|kg|kh|dn|dgb|im|lx|lig|hj|hdc|gs샵|ok|sbi|ktg|kt&g|aj|bbq|bhc|spc|아반떼|쏘나타|그랜저|싼타페|투싼|아이오닉|제네시스|갤럭시|카니발|쏘렌토|스포티지|셀토스|팰리세이드|토레스|비스포크|테라|불닭|신라면|참이슬|리니지|배틀그라운드)[가-힣a-z0-9&+\-]{0,12}"
)
_GENERIC = re.compile(
    r"(?<![가-힣a-z0-9])(?:국내|국산|해외|글로벌|차세대|비메모리|첨단|온디바이스|전체|시스템반도체|인터넷은행|시중은행|지방은행|대형|중소형|상업용|우리나라|우리가|우리도|우리|하나|하나의|하나로|현대인|라인업|온라인|오프라인|가이드라인|파이프라인|한미 |대한민국|대한|신한류|현대적|지배기업|대기업|중소기업|중견기업|공기업|소기업|상장기업|피어그룹|우량기업|외국기업|벤처기업|개별기업|성장기업|자동차|전기차|수소차|신차|국산차|수입차|완성차|중고차|격차|절차|시차|주차|하차|승차|열차|1차|2차|3차|마차|휴머노이드로봇|산업용로봇|협동로봇|서비스로봇|금융|서비스|의료서비스|쇼핑|온라인쇼핑|생명|소비재|인공지능|재생에너지|신재생에너지|친환경에너지|태양광에너지|석유화학|사이언스|헬스케어|디지털헬스케어|미디어|빅데이터|글로벌금융|포스트|이차전지|슈퍼마켓|디스플레이|플라스틱|신소재|차세대소재|모바일|물류|스마트물류|인터넷|마켓|호텔|플러스|온|투어|월드|뷰티|k뷰티|k푸드|k방산|k-뷰티|k-바이오|k바이오|바이오|제약|제약바이오|k-반도체|k반도체|k게임|k-배터리|k배터리)(?:들|이|가|은|는|을|를|와|과|의|도|에|로|만)?(?=[\s,·…'\"]|$)"
)
_LEAD = re.compile(r"(?:^|…)['\"(\s]*((?:㈜|\(주\))?[^\s,·…'\"()]{1,16}(?:[\s·][^\s,·…'\"()]{1,12}){0,3})['\")]?\s?,")
_NO_NAME = re.compile(
    r"(?:에|에서|으로|하며|지만|는데|면서|라며|에도|까지|부터|보다|대로|니까|더니|려면|해도|해야|하고|하는|되는|있다|없다|했다|한다|된다|인가|인데|입니다|아니라|[0-9]월|[0-9]분기|오늘|내일|어제|올해|내년|작년|최근|이번|개인|기관|외국인|투자자|여름|겨울|코스피|코스닥|증시|환율|금값|유가|힘|위기|이유|시대|열풍|전쟁|속|뿐)$"
)
_TAGGED = re.compile(r"특징주|핫종목|\([0-9]{4}[0-9a-z]{2}\)|종목현미경|클릭\s?e종목|급등주|스타즈|공시pick|why\s?바이오")
_SPEAKS = re.compile(r"^[가-힣a-z0-9&]{2,12}\s['\"]")


def names_company(body: str) -> bool:
    """Whether a ready title without its tags names a company, listed or not."""
    return leads_with_name(body) or has_name(body) or _SPEAKS.match(body) is not None


def is_tagged(text: str) -> bool:
    """Whether a ready title bears a tag of columns on single stocks, or a stock's code."""
    return _TAGGED.search(text) is not None


def leads_with_name(body: str) -> bool:
    """Whether a ready title without its tags begins 'name, ...'."""
    found = _LEAD.search(body)
    if found is None or _NO_NAME.search(found[1]):
        return False
    if scope.is_sector(found[1]):
        return False
    words = found[1].split()
    return len(words) == 1 or has_name(found[1]) or words[-1].endswith(("대표", "회장", "사장", "노조", "대주주", "최대주주", "운용", "펀드", "주주", "연대"))


def has_name(text: str) -> bool:
    """Whether a word of a ready title looks like a company, or is one that everybody knows."""
    cleared: Final = _GENERIC.sub(" ", text)
    return _KNOWN.search(cleared) is not None or _BY_ENDING.search(cleared) is not None
