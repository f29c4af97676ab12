"""Words of which a title and its opposite have one each: the guard where no event was read from a title.

Two titles are opposite if one has only the first and the other only the second word of a row, or one alone has a word
of undoing.
"""

import re
from typing import Final

_ROWS: Final = (
    (r"상회|웃돌|웃돈|서프라이즈", r"하회|밑돌|밑돈|쇼크|미달|못 ?미"),
    (r"상향|올려|올린|높여", r"하향|내려|내린|낮춰"),
    (r"승소|이겼", r"패소|졌다"),
    (r"무죄|무혐의|기각", r"유죄|실형|구속"),
    (r"체결|수주|따냈", r"해지|취소|파기"),
    (r"자사주 ?(?:\d+\S* ?){0,3}(?:규모 ?)?(?:매입|취득)", r"자사주 ?(?:\d+\S* ?){0,3}(?:규모 ?)?(?:처분|매각)"),
    (r"성공|입증|충족", r"실패|미충족|좌절"),
    (r"돌입|강행|가결", r"철회|유보|부결|종료"),
    (r"결정|추진|착수|선정", r"철회|무산|포기|취소|백지화|결렬"),
    (r"재개|해제|복구|정상화", r"중단|정지(?! ?해제)|멈춰|멈춘"),
    (r"취항|증편|출범", r"운항 ?중단|단항|감편|해체"),
    (r"허가|승인|통과|적정", r"불허|반려|거절|불승인|탈락"),
    (r"급등|강세|상승|반등|오름세|상한가|급상승", r"급락|약세|하락|폭락|내림세|하한가|추락"),
    (r"인상", r"인하|동결"),
    (r"확대|늘려|늘린", r"축소|줄여|줄인"),
    (r"증가|늘어|늘었|급증", r"감소|줄어|줄었|급감"),
    (r"흑자", r"적자"),
    (r"호조|최대|개선", r"부진|악화"),
    (r"순매수", r"순매도"),
    (r"편입", r"편출|제외"),
    (r"지정(?! ?해제)", r"지정 ?해제"),
    (r"발행|상장(?! ?폐지)", r"상환|상장 ?폐지|상폐"),
    (r"합의|타결|수용", r"결렬|거부"),
    (r"오전|개장|장 ?초반|출발", r"오후|마감|장 ?막판"),
    (r"저평가|매수 ?추천", r"고평가|매도 ?추천"),
    (r"완화|면제", r"강화|부과"),
)
# A title with one of these undoes, or says of the same plan that it failed; one without does not.
_UNDONE = re.compile(
    r"철회|취소|무산|포기|중단|연기(?!금)|불발|실패|반환|무효|기각|무혐의|졸업|해지|해제|백지화|결렬|부결|거절|반려|파기|미지정"
    r"|보류|유보|접는다|접었|접기로|멈춰|멈춘|세운다|세웠다|불허|탈락|미매각|좌초"
)
_COMPILED: Final = tuple((re.compile(one), re.compile(other)) for one, other in _ROWS)
Sides = tuple[int, int]  # a bit a row: of which a title has the first words, and of which the second


def read_sides(text: str) -> Sides:
    """The rows of which folded `text` has the first words, and the second; one with both words is on neither side."""
    undone = bool(_UNDONE.search(text))
    first, second = int(not undone), int(undone)
    for row, (one, other) in enumerate(_COMPILED, start=1):
        is_first, is_second = bool(one.search(text)), bool(other.search(text))
        if is_first != is_second:
            first |= is_first << row
            second |= is_second << row
    return first, second


def are_opposite(one: Sides, other: Sides) -> bool:
    """Whether two titles are on the two sides of any row."""
    return bool(one[0] & other[1] or one[1] & other[0])
