"""The report names of DART and KIND, each with its type of event, sign and stage (lexicon/forms.toml).

The longest name that stands in a filing's title decides. A name with a word that undoes (철회, 해지, 해제) is reversed,
also where only the correction of a filing says so.
"""

import re
from dataclasses import dataclass
from typing import Final

from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import Sign, Stage
from backend.text.events.patterns import read_words

_BLANK = re.compile(r"[\s·ㆍᆞ・‧,]+")
_UNDONE = re.compile(r"철회|해지|해제|취소|기각")
_CALLED_OFF = re.compile(r"철회|해지|취소|기각|중단")
_STAGES: Final = (
    (Stage.RUMOURED, re.compile(r"예고")),
    (Stage.COMPLETED, re.compile(r"완료|종료보고|결과보고|총회결과|획득|특허권취득")),
    (Stage.DECIDED, re.compile(r"결정|체결|지정(?!종목)|승인$|승인\)|인가|확정|결의|유지")),
)


@dataclass(frozen=True, slots=True)
class Form:
    """`sign` None: the usual one of its type, reversed by a word that undoes; given: it stands. `stage` likewise."""

    type: str
    sign: Sign | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class FormEvent:
    type: str
    sign: Sign
    stage: Stage


def _forms() -> dict[str, Form]:
    return {
        name: Form(
            entry["type"],
            Sign(entry["sign"]) if "sign" in entry else None,
            Stage(entry["stage"]) if "stage" in entry else None,
        )
        for entry in read_words("forms")["forms"]
        for name in entry["names"]
    }


FORMS: Final = _forms()
_LONGEST_FIRST: Final = sorted(FORMS, key=len, reverse=True)


def read_form(title: str) -> FormEvent | None:
    """The event of a filing by its report name; None for a name that is not known."""
    name = _BLANK.sub("", title)
    found = next((stem for stem in _LONGEST_FIRST if stem in name), None)
    if found is None:
        return None
    form = FORMS[found]
    undone = form.sign is None and _UNDONE.search(name) is not None
    sign = Sign.REVERSED if undone else form.sign if form.sign is not None else BY_ID[form.type].usual
    return FormEvent(form.type, sign, form.stage or _stage(name, sign))


def _stage(name: str, sign: Sign) -> Stage:
    if sign is Sign.REVERSED and _CALLED_OFF.search(name):
        return Stage.CANCELLED
    return next((stage for stage, words in _STAGES if words.search(name)), Stage.ANNOUNCED)
