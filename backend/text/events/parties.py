"""The other side of a contract, licence or alliance, as a title names it."""

import re
from typing import Final

_NAME = r"(?:[美日中獨英佛印臺韓伊]\s)?[a-z가-힣0-9&][a-z가-힣0-9&.\-]{1,19}?"
_WHERE = r"(?:(?:북미|유럽|글로벌|미국|중국|일본|독일|해외|국내|사우디|인도)\s)?"
_WITH = re.compile(rf"(?:^|[\s,'\"])({_WHERE}{_NAME})(?:와|과)(?:의)?\s")
_TO = re.compile(rf"(?:^|[\s,'\"])({_WHERE}{_NAME})(?:에게|에|로부터|서)\s")
_NO_PARTY = re.compile(
    r"(?:규모|분기|반기|올해|내년|소식|이번|하반|상반|시장|영향|만|기대|공시|계약|공장|투자|조건|이유|결과|덕분"
    r"|때문|가운데|사이|수요|증설|투입|대비|\d[조억만원일월년%])$"
)
_TWO_SIDED: Final = frozenset({"contract", "licence", "partnership", "acquisition", "stake_sale", "merger"})
_GIVING: Final = frozenset({"contract", "licence", "stake_sale"})


def read_counterparty(event_type: str, text: str) -> str:
    """The name as the ready title spells it; "" where none is told."""
    if event_type not in _TWO_SIDED:
        return ""
    for pattern in (_WITH, _TO) if event_type in _GIVING else (_WITH,):
        for match in pattern.finditer(text):
            name = match[1].strip()
            if len(name) > 1 and not _NO_PARTY.search(name):
                return name
    return ""
