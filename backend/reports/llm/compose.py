"""Puts the checked words of a language model above the sections of the template's report, or leaves that as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from backend.domain.reports import ReportText
from backend.reports.fact_sheet import FactSheet
from backend.reports.llm.answer import Answer
from backend.reports.llm.facts import list_facts
from backend.reports.llm.review import Line, Review, Reviewed, review
from backend.reports.report_markdown import citation, escape

_LENGTH: Final = 500
_MODEL_LENGTH: Final = 60
_SECTION: Final = "\n## "
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "title": "AI 요약", "changes": "달라진 점", "drivers": "요인", "risks": "위험", "watch": "지켜볼 것",
        "note": "언어 모델({model})이 아래 자료만 보고 쓴 글이에요. 숫자, 방향, 인용은 azak이 자료와 대조했어요.",
    },
    "en": {
        "title": "AI summary", "changes": "Changed", "drivers": "Driver", "risks": "Risk", "watch": "Watch",
        "note": "Written by the language model {model} from the data below alone; azak checked its numbers, directions"
        " and citations against them.",
    },
}  # fmt: skip


def compose(sheet: FactSheet, template: ReportText, answer: Answer, *, model: str = "llm") -> ReportText:
    """The template's report with the answer's words above its sections; the template itself if too many are wrong."""
    return compose_reviewed(template, review(list_facts(sheet), answer), model=model)


def compose_reviewed(template: ReportText, checked: Review, *, model: str) -> ReportText:
    """The same of an answer that has been checked."""
    if not checked.is_usable:
        return template
    cited = {
        int(one[1:]) for part in checked.languages.values() for line in (*part.drivers, *part.risks)
        for one in line.cites if one[1:].isdigit()
    }  # fmt: skip
    return replace(
        template,
        korean=_insert(template.korean, _section(checked.languages["ko"], "ko", model)),
        english=_insert(template.english, _section(checked.languages["en"], "en", model)),
        citations=sorted(cited | set(template.citations)),
        writer=f"{template.writer}+{model[:_MODEL_LENGTH]}",
    )


def _insert(text: str, section: str) -> str:
    head, mark, rest = text.partition(_SECTION)
    return f"{head.rstrip()}\n\n{section}\n{mark}{rest}"


def _section(prose: Reviewed, language: str, model: str) -> str:
    words = WORDS[language]
    parts = [f"## {words['title']}"]
    if prose.headline:
        parts.append(f"**{escape(prose.headline, limit=_LENGTH)}**")
    if prose.why:
        parts.append(escape(prose.why, limit=_LENGTH))
    items = "\n".join(_items(prose, words))
    note = words["note"].format(model=escape(model, limit=_MODEL_LENGTH))
    return "\n\n".join([*parts, *([items] if items else []), f"_{note}_"])


def _items(prose: Reviewed, words: Mapping[str, str]) -> Iterator[str]:
    for name in ("drivers", "changes", "risks", "watch"):
        lines: tuple[Line, ...] = getattr(prose, name)
        for line in lines:
            news = " ".join(citation(int(one[1:])) for one in line.cites if one[1:].isdigit())
            yield f"- {words[name]}: {escape(line.text, limit=_LENGTH)}{' ' + news if news else ''}"
