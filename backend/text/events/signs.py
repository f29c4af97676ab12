"""The sign of an event: what undoes it, then the words of each type, then the usual sign of the type."""

import re
from collections.abc import Mapping
from typing import Final

from backend.domain.event_types import BY_ID
from backend.domain.events import Sign

_UP, _DOWN, _FLAT, _BACK = Sign.POSITIVE, Sign.NEGATIVE, Sign.NEUTRAL, Sign.REVERSED
_OFF = r"철회|해지|취소|무산|백지화|포기|파기|결렬|없던\s?일|불발|중단|접었|접는다|접나|물거품|해제|좌초|엎어|물러섰|거둬"
_DELAY = r"연기|지연|미뤄|미룬|미뤘|늦춰|늦춘|보류|차질|축소"
_LATE = r"연기|지연|미뤄|미룬|미뤘|늦춰|늦춘|보류|차질"

Words = tuple[tuple[Sign, re.Pattern[str]], ...]


def _words(*pairs: tuple[Sign, str]) -> Words:
    return tuple((sign, re.compile(pattern)) for sign, pattern in pairs)


_GREW: Final = (
    r"증가|(?<!하)늘[었어려린렸릴리고며]|늘$|급증|폭발|껑충|↑|상승|급등|성장|개선|확대|최대|최고|호조|호실적|[2-9]배|두\s?배|세\s?배|갑절|웃돌|웃돈|상회|돌파|반등|회복|신기록|경신|훌쩍|폭증|서프라이즈|선방|쑥|질주|깜짝|뛰어넘|뛰었|뛴|고공행진|훨훨|역대급|청신호|흑자|축소된?\s?적자|탈출|턴어라운드|맑음|好|날개|대박|잭팟|견조|기지개"
)
_FELL: Final = (
    r"감소|줄[었어여인였일이며고]|줄$|급감|뚝|↓|하락|반\s?토막|부진|하회|밑돌|밑돈|악화|적자|쇼크|추락|후퇴|위축|손실|급락|곤두박질|역성장|둔화|주춤|털썩|빨간불|못\s?미|미달|쪼그라|타격|먹구름|충격|울상|무너|최저|최악|직격탄|경고등|고전|↘|낮아|떨어"
)
_BEAT = r"(?:예상|기대|전망|컨센|눈높이|추정)[^,…]{0,14}(?:상회|웃돌|웃돈|웃도는|뛰어넘|넘어|넘는|넘긴|넘은)|예상\s?밖\s?호|어닝\s?서프|깜짝\s?(?:실적|흑자)"
_MISS = r"(?:예상|기대|전망|컨센|눈높이|추정)[^,…]{0,14}(?:하회|밑돌|밑돈|밑도는|못\s?미|미달|못\s?미친)|어닝\s?쇼크|실적\s?쇼크"
_MET = r"(?:예상|기대|전망|컨센|눈높이)[^,…]{0,8}(?:부합|수준)"
_LOSS_LESS = r"(?:적자|손실)\s?(?:폭)?[을를이가]?\s?(?:\d{1,3}%\s?)?(?:축소|줄|감소|개선|탈출|탈피|벗어)|적자\s?폭\s?(?:축소|줄)"
_PROFIT = r"(?:영업이익률|영업이익|영업익|영익|순이익|순익)"
_RESULTS = _words(
    (_UP, _BEAT),
    (_DOWN, _MISS),
    (_FLAT, _MET),
    (_UP, _LOSS_LESS + r"|흑자\s?(?:전환|지속|달성|기조|행진|시대|로)|만에\s?흑자|첫\s?흑자|흑자$"),
    (_DOWN, r"적자\s?(?:전환|지속|확대|늪|행진|폭|로|기록|수렁|[…,]|$)|영업손실|순손실|당기순손실"),
    (_DOWN, rf"{_PROFIT}[^,…·]{{0,24}}?(?:{_FELL})"),
    (_UP, rf"{_PROFIT}[^,…]{{0,28}}?(?:{_GREW})|(?:{_GREW})[^,…]{{0,8}}{_PROFIT}"),
    (_DOWN, rf"(?:{_FELL})[^,…]{{0,10}}{_PROFIT}"),
    (_FLAT, r"수준\s?유지|제자리|전년\s?수준|소폭\s?변동"),
    (_UP, r"(?:사상|역대|분기|창사|연간|반기)\s?(?:이래\s?)?(?:최대|최고)|호실적|역대급|신기록|최대\s?실적"),
    (_DOWN, _FELL),
    (_UP, _GREW),
)
_GUIDANCE = _words(
    (_DOWN, rf"적자\s?(?:예상|전망|전환|우려|지속|커|확대|불가피)|우려|눈높이\s?(?:낮|하향|↓)|하향|어닝\s?쇼크|하회\s?(?:전망|예상)|밑돌\s?(?:것|듯|전망)|역성장|{_PROFIT}[^,…]{{0,18}}(?:감소|줄|급감|부진|↓|하락)|부진\s?(?:전망|예상|지속)|먹구름|못\s?미칠"),
    (_UP, r"상향|눈높이[^,…]{0,10}(?:쑥|높여|높아|올|껑충)|흑자|턴어라운드|적자\s?(?:탈출|축소)|증가|개선|성장|최대|자신|시대|(?<!하)늘[었어려린렸릴리고며]|급증|상회|웃돌|기대감|호조|회복|호실적|서프라이즈|반등|↑|고공|순항|역대급|도약|청신호|사상"),
    (_DOWN, _FELL),
)
_TARGET = _words(
    (_DOWN, r"하향|낮춰|낮춘|낮췄|내려|내렸|↓|강등|하락\s?조정|비중\s?축소|매도\s?의견|깎|뚝"),
    (_UP, r"상향|올려|올렸|올린|높여|높였|높인|↑|껑충|줄상향|눈높이\s?[↑올높]"),
    (_FLAT, r"유지|제시|매수|."),
)
_CONTRACT = _words(
    (_BACK, rf"(?:계약|수주|공급|납품|선정|수출|시공권|사업|협상)[^,…]{{0,14}}(?:{_OFF}|종료|박탈)|(?:{_OFF})[^,…]{{0,8}}(?:계약|수주)"),
    (_DOWN, r"실패|고배|탈락|놓쳐|놓쳤|놓친|쓴잔|밀려|밀렸|제외|패배|유찰|감액|축소|지연|연기|뺏"),
)
_PRODUCT = _words(
    (_DOWN, rf"(?:{_LATE})|단종|서비스\s?종료|생산\s?종료|부진|참패|혹평|흥행\s?실패"),
    (_BACK, r"(?:판매|출시|개발|서비스|공급)[^,…]{0,6}(?:중단|철회|취소|포기|백지화)"),
)
_TRIAL = _words(
    (_BACK, r"(?:임상|개발|투약|시험)[^,…]{0,14}(?:중단|중지|포기|철회|취하|접)|중단|취하|철회"),
    (_DOWN, r"실패|미충족|입증\s?못|못\s?미|미달|유효성[^,…]{0,8}(?:못|실패|미)|지연|연기|보류|불발|부작용|사망|거절|반려|고배|쓴맛|좌절"),
)
_APPROVAL = _words(
    (_BACK, r"취하|철회|허가\s?취소|승인\s?취소|허가[^,…]{0,6}취소"),
    (_DOWN, r"불발|반려|거절|보완|실패|불허|지연|연기|미승인|좌절|고배|불승인|crl"),
)
_ISSUE = _words(
    (_BACK, r"철회|취소|무산|백지화|포기|없던\s?일|불발|중단|접"),
    (_UP, r"흥행|완판|실권주\s?없|초과\s?청약|청약률\s?1\d{2}|만기\s?전\s?(?:취득|사채)|조기\s?상환|상환\s?완료|(?:전환사채|cb|bw|eb)[^…]{0,20}소각|콜옵션\s?행사"),
)
SIGN_WORDS: Final[Mapping[str, Words]] = {
    "results": _RESULTS,
    "guidance": _GUIDANCE,
    "target_price": _TARGET,
    "contract": _CONTRACT,
    "product": _PRODUCT,
    "trial": _TRIAL,
    "approval": _APPROVAL,
    "licence": _words((_BACK, rf"반환|{_OFF}|종료"), (_DOWN, r"실패|지연|연기")),
    "patent": _words((_DOWN, r"무효|거절|취소|상실|만료")),
    "investment": _words((_BACK, r"철회|취소|무산|백지화|포기|중단|접었|없던\s?일|중지"), (_DOWN, _DELAY)),
    "partnership": _words((_BACK, rf"{_OFF}|결별|갈라|종료"), (_DOWN, r"난항|차질")),
    "rights_issue": _ISSUE,
    "bonus_issue": _words((_BACK, r"철회|취소|무산|백지화|포기|불발|없던\s?일")),
    "convertible_bond": _ISSUE,
    "bond": _words((_DOWN, r"미매각|실패|부진|미달|냉랭|외면"), (_UP, r"흥행|몰려|몰렸|몰린|완판|초과|뭉칫돈|오버부킹|증액|\d배")),
    "buy_back": _words((_BACK, rf"(?:{_OFF})")),
    "share_disposal": _words((_BACK, r"철회|취소|무산|백지화|포기|없던\s?일|불발")),
    "share_cancellation": _words((_BACK, r"철회|취소|무산|백지화|포기|없던\s?일|불발|보류|중단")),
    "dividend": _words(
        (_FLAT, r"기준일|배당락"),
        (_DOWN, r"무배당|중단|축소|줄[이인였여]|줄$|삭감|반토막|절반|감소|미지급|배당\s?컷|없[다이어]|끊|급감|↓|못\s?(?:한|해|하|받|줘)|인색"),
    ),
    "value_up": _words((_DOWN, r"축소|실망|후퇴|외면|미흡|철회")),
    "capital_reduction": _words((_BACK, r"철회|취소|무산|포기|백지화|부결")),
    "share_split": _words((_BACK, r"철회|취소|무산|포기|백지화|부결")),
    "merger": _words((_BACK, rf"{_OFF}|부결|불허|제동")),
    "spin_off": _words((_BACK, rf"{_OFF}|부결"), (_DOWN, r"물적|분사")),
    "acquisition": _words((_BACK, rf"{_OFF}|실패|고배|손\s?뗀|손\s?뗐")),
    "stake_sale": _words((_BACK, rf"{_OFF}|유찰|실패")),
    "ownership_change": _words((_BACK, rf"(?:매각|양도|양수|인수|계약|거래|이전|협상|입찰)[^,…]{{0,14}}(?:{_OFF}|유찰)|유찰")),
    "tender_offer": _words((_BACK, rf"{_OFF}"), (_DOWN, r"실패|저조|미달"), (_FLAT, r"결과")),
    "major_holding": _words(
        (_DOWN, r"블록딜|매도|매각|축소|줄|팔|처분|오버행|해제|하락|물량|풀린|↓|내놓|덜어"),
        (_UP, r"확대|늘|취득|매수|매입|매집|샀|사들|상승|5%|담|↑|주주로|올라"),
        (_FLAT, r"."),
    ),
    "lawsuit": _words(
        (_BACK, r"취하|철회"),
        (_UP, r"승소|이겼|이긴|기각|합의|화해|종결|마무리|승리|무혐의|인용\s?안|각하|일부\s?승"),
    ),
    "investigation": _words(
        (_BACK, r"(?:과징금|제재|처분|시정명령|벌금|징계|영업정지)[^,…]{0,16}(?:취소|철회|면제|감면|승소)"),
        (_UP, r"무혐의|무죄|불기소|기각|혐의\s?(?:벗|없)|불송치|리스크\s?(?:해소|털|벗)|무혐|면죄부|족쇄\s?풀"),
    ),
    "embezzlement": _words((_UP, r"무혐의|무죄|불기소|혐의\s?(?:벗|없)|불송치"), (_BACK, r"취하|철회")),
    "insolvency": _words(
        (_BACK, r"기각|취하|철회"),
        (_UP, r"인가|졸업|종결|탈출|벗어|해소|탈피|정상화|종료|조기\s?상환"),
    ),
    "audit_opinion": _words((_DOWN, r"비적정|부적정|거절|한정|지연|미제출|불확실"), (_UP, r"적정|해소|통과"), (_FLAT, r"제출")),
    "delisting": _words((_BACK, r"유지|모면|면했|면해|벗어|해소|탈출|제외|철회|피했|피해$")),
    "halt": _words((_BACK, r"재개|해제|풀린|풀려|풀렸|해소|정지\s?끝")),
    "listing": _words(
        (_BACK, r"철회|취소|무산|백지화|포기|중단|접었|접는|불발|없던\s?일|물거품"),
        (_DOWN, r"하단|미달|연기|부진|실패|지연|불승인|미승인|고배|저조|밑돈|밑돌|공모가\s?(?:아래|하회)|보류|급락|하락|제동|안갯속|논란|반발"),
    ),
    "market_warning": _words((_BACK, r"해제|벗어|풀려|풀린")),
    "managed_issue": _words((_BACK, r"해제|탈피|벗어|탈출|해소|제외|모면")),
    "disclosure_violation": _words((_BACK, r"미지정|유예|취소|철회")),
    "recall": _words((_BACK, r"철회|취소")),
    "accident": _words((_UP, r"혐의\s?없")),
    "production_halt": _words((_BACK, r"재개|재가동|취소|해제|정상\s?가동|철회|풀려")),
    "strike": _words((_BACK, r"타결|잠정\s?합의|합의안|철회|무분규|합의|취소|유보|종료|마무리|해소|복귀|(?:찬반투표|합의안)\s?(?:통과)")),
    "credit_rating": _words(
        (_DOWN, r"하향|낮춰|낮춘|낮췄|내려|내렸|강등|부정적|떨어|↓|적신호"),
        (_UP, r"상향|올려|올렸|올린|높여|높였|긍정적|상승|↑"),
    ),
    "index_change": _words((_DOWN, r"편출|제외|탈락|퇴출|불발|실패|빠진|빠져")),
    "ceo": _words((_BACK, r"내정\s?(?:철회|취소)|선임\s?(?:철회|취소)")),
}  # fmt: skip


def read_sign(event_type: str, text: str) -> Sign:
    for sign, pattern in SIGN_WORDS.get(event_type, ()):
        if pattern.search(text):
            return sign
    return BY_ID[event_type].usual
