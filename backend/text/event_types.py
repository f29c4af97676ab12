"""Event type of a headline by regular expressions, and the materiality of the type (0..3).

The first pattern that matches wins. Materiality is a prior by type only, not by how large a story becomes, so it is
known as soon as the first headline is.
"""

import re
from typing import Final

from backend.domain.news import NewsKind
from backend.text.cleaning import fold

OTHER: Final = "other"
MATERIALITY: Final = {
    "halt": 3,
    "merger": 3,
    "rights_issue": 3,
    "supply_contract": 2,
    "results_beat": 2,
    "results_miss": 2,
    "convertible_bond": 2,
    "buy_back": 2,
    "lawsuit": 2,
    "recall": 2,
    "dividend": 1,
    "rating": 1,
    "ceo": 1,
    "product": 1,
    OTHER: 0,
}
_RESULTS = r"(?:실적|영업이익|영업익|매출|순이익|순익|어닝|분기)"
_PATTERNS: Final = tuple(
    (event_type, re.compile(pattern))
    for event_type, pattern in (
        ("halt", r"거래\s?정지|매매\s?거래\s?정지|상장\s?폐지|관리\s?종목|매매\s?정지"),
        ("rights_issue", r"유상\s?증자|유증"),
        (
            "convertible_bond",
            r"전환\s?사채|신주인수권부\s?사채|교환\s?사채|(?<![a-z])(?:cb|bw|eb)(?![a-z]).*발행|메자닌",
        ),
        ("buy_back", r"자사주|자기\s?주식"),
        ("dividend", r"배당"),
        (
            "merger",
            r"합병|인수\s?(?:합병|전|추진|계약|완료|결정|한다|우선|$)|m&a|지분\s?(?:인수|매각|취득)|경영권|(?:인적|물적|회사)\s?분할",
        ),
        ("recall", r"리콜|결함|회수\s?조치"),
        ("lawsuit", r"소송|피소|제소|고소|고발|압수\s?수색|기소|과징금|특허\s?침해|배상"),
        ("supply_contract", r"수주|공급\s?계약|납품|계약\s?체결|공급한다|공급\s?(?:개시|시작)"),
        ("rating", r"목표\s?(?:주)?가|투자\s?의견|신용\s?등급"),
        (
            "results_miss",
            rf"어닝\s?쇼크|{_RESULTS}.*(?:하회|부진|감소|급감|적자|쇼크|뚝|↓|줄|밑돌|후퇴)|적자\s?(?:전환|지속|확대)",
        ),
        (
            "results_beat",
            rf"어닝\s?서프라이즈|깜짝\s?실적|{_RESULTS}.*(?:상회|호조|증가|급증|최대|흑자|껑충|↑|늘|웃돌|개선|서프라이즈)|흑자\s?(?:전환|지속)",
        ),
        (
            "ceo",
            r"대표\s?이사|신임\s?(?:대표|사장|회장|ceo)|\bceo\b|사장\s?(?:선임|내정|교체|사임)|회장\s?(?:선임|사임)|경영진|임원\s?인사|대표\s?교체",
        ),
        ("product", r"출시|신제품|신약|임상|품목\s?허가|양산|공개|개발\s?(?:성공|완료)|선보|시제품|첫선"),
    )
)


def classify(title: str, kind: NewsKind = NewsKind.ARTICLE) -> tuple[str, int]:
    """(event type, materiality 0..3). A filing with an event type has a materiality one higher than an article."""
    text = fold(title)
    event_type = next((name for name, pattern in _PATTERNS if pattern.search(text)), OTHER)
    extra = int(kind is NewsKind.FILING and event_type != OTHER)
    return event_type, min(3, MATERIALITY[event_type] + extra)
