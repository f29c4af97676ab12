"""Whether a text gives instructions to a language model: a headline must not, and neither must what is written."""

import re
from typing import Final

from backend.reports.llm.spelling import fold

_INSTRUCTIONS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|above|prior|earlier|instructions?|rules?|prompt)\b"
    r"|(?:^|[\s\"'\[(<])(?:system|assistant|developer)\s*(?:prompt\b|:)"
    r"|\b(?:you are (?:now|an?)|act as|respond with|reply with|answer with|output only|new instructions?|jailbreak)\b"
    r"|\b(?:write|say|state|print|report)\s+that\b|</?\s*(?:facts|system|user|assistant)\b"
    r"|(?:지시|명령|규칙|프롬프트|설정).{0,10}(?:무시|잊|따르지)|(?:무시|잊어).{0,6}(?:하고|버리고).{0,30}(?:써|적|말|출력|답)"
    r"|시스템\s*(?:프롬프트|메시지|:)|프롬프트|(?:라고|다고)\s*(?:써|적어|말해|답해|출력)|(?:출력|작성|답변)\s*(?:하라|해라|하세요|하시오|해줘)"
    r"|너는\s*이제|당신은\s*이제|인공지능.{0,6}에게",
    re.IGNORECASE | re.DOTALL,
)


def gives_instructions(text: str) -> bool:
    """Errs on the side of yes: a headline withheld costs a sentence, one obeyed costs trust."""
    return _INSTRUCTIONS.search(fold(text)) is not None
