"""How far an event is, from the words of a title."""

import re
from typing import Final

from backend.domain.events import Sign, Stage

_CALLED_OFF = re.compile(r"철회|해지|취소|무산|백지화|포기|파기|결렬|없던\s?일|불발|중단|반환|취하|접었|기각|중지|결별|좌초")
_RUMOURED = re.compile(
    r"추진|검토|임박|협상(?!\s?대상)|예고|설(?:[에은\s'\"]|$)|가능성|초읽기|거론|물망|저울질|타진|모색|논의|유력|나선다|나설|찾는다|할까|하나\?|만지작|계획(?!안)|전망|관측|뛰어드나|되나|검토"
)
_COMPLETED = re.compile(
    r"완료|마무리|종결|종료|출시|획득|취득(?!\s?(?:결정|신탁))|준공|완공|타결|졸업|통과|첫날|성공|론칭|납입|오픈|수령"
)
_DECIDED = re.compile(
    r"결정|확정|체결|선정|지정|승인|선고|내정|의결|인가|계약(?!금|\s?(?:규모|해지))|낙찰|허가|유지\s?결정|부결|가결|합의|선임|판결"
)
_BY_ITSELF: Final = frozenset("results guidance target_price price_move accident inquiry other meeting report".split())
_STATES: Final = frozenset("halt market_warning managed_issue delisting production_halt disclosure_violation".split())
_COMPLETES: Final = frozenset(
    "product trial approval patent investment contract rights_issue bonus_issue convertible_bond bond buy_back share_disposal"
    " share_cancellation capital_reduction merger spin_off acquisition stake_sale tender_offer lawsuit insolvency strike".split()
)
_DECIDES: Final = frozenset(
    "contract licence partnership investment rights_issue bonus_issue convertible_bond bond buy_back share_disposal"
    " share_cancellation dividend capital_reduction share_split merger spin_off acquisition stake_sale ownership_change"
    " lawsuit insolvency delisting halt market_warning managed_issue disclosure_violation ceo index_change approval trial"
    " listing".split()
)
_PLANS: Final = _COMPLETES | _DECIDES - frozenset("lawsuit insolvency halt managed_issue ceo".split())


def read_stage(event_type: str, sign: Sign, text: str) -> Stage:
    if event_type in _BY_ITSELF:
        return Stage.ANNOUNCED
    if sign is Sign.REVERSED and event_type not in _STATES and _CALLED_OFF.search(text):
        return Stage.CANCELLED
    if event_type in _PLANS and _RUMOURED.search(text):
        return Stage.RUMOURED
    if event_type in _COMPLETES and _COMPLETED.search(text):
        return Stage.COMPLETED
    if event_type in _DECIDES and _DECIDED.search(text):
        return Stage.DECIDED
    return Stage.ANNOUNCED
