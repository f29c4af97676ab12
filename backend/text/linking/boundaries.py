"""Where a name ends: before a particle, a mark of a share or the end of the word, never inside a longer word.

Particles follow the grammar: a case (에, 에서, 로, 와 ...) that may carry a topic or another case (는, 도, 만, 의), the
contracted forms of both (엔, 에선, 론), the quoting and the connecting endings of 이다 (라며, 이라는, 이자, 이며, 다).
"""

import re
from typing import Final

_CASES: Final = (
    "에게서|에게|에서|으로부터|로부터|으로서|로서|으로써|로써|까지|부터|보다|처럼|한테|께서|으로|에|로|와|과|만|도"
)
_CONTRACTED: Final = "에게선|에겐|에선|한텐|으론|까진|부턴|보단|엔|론|선"
_QUOTING: Final = "이?라(?:며|면서|면|는|고|던|도|서|지만)?"
_CONNECTING: Final = "이?란|이?나|이?든지?|이?랑|이?냐|이?다|이?자|이?며|이?고|이었다|였다|인"
_SIMPLE: Final = "은|는|이|가|을|를|의|하고|마저|조차|밖에|측|표|발|發|號|호|등"
_AFTER_CASE: Final = "는|은|도|만|의|을|를|이|가"
_AFTER_SIMPLE: Final = f"{_AFTER_CASE}|과|와|에|에서"
_PARTICLE: Final = (
    rf"(?:{_CONTRACTED}|(?:{_CASES})(?:{_AFTER_CASE})?|{_QUOTING}|{_CONNECTING}|(?:{_SIMPLE})(?:{_AFTER_SIMPLE})?)"
)
_SHARES: Final = "2?우b?|株|주가|주"
RIGHT: Final = re.compile(rf"(?:{_SHARES})?{_PARTICLE}?(?![0-9a-z가-힣&+硏研])")
# '현대차그룹' and '현대차 그룹' are no company.
GROUP: Final = re.compile(r"\s?그룹")
WORDS: Final = re.compile(r"[0-9a-z가-힣]+")
