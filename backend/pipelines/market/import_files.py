"""Imports files of prices, news or listings that people hold (`azak import`), or says what it would do (`dry_run`).

Each file is taken for itself. A second import of the same file writes nothing, and of a grown one its new rows, so a
run that was interrupted starts again. Refused rows stop no others: each is counted, and the first of them are in a CSV.
"""

from dataclasses import replace

from backend.domain.runs import Counts
from backend.errors import InvalidInputError
from backend.internal import ImportArguments
from backend.pipelines.context import RunContext
from backend.pipelines.market import bar_checks
from backend.pipelines.market.imports import listed, news, paths, prices
from backend.pipelines.market.imports.file_import import FileImport
from backend.pipelines.market.imports.outcome import Outcome, RejectFile
from backend.services.market import imported

Arguments = ImportArguments
_IMPORTERS = {"prices": prices.import_file, "news": news.import_file, "listed": listed.import_file}
_MOST_LINES = 400  # of the run's log: one a file
_WRITTEN = {"prices": "daily_bars", "news": "news", "listed": "listings"}


async def run(context: RunContext, arguments: Arguments) -> Counts:
    """Raises InvalidInputError when a file could not be read as a whole; what the others held is stored."""
    found = [_check(context, path) for path in arguments.files]
    rejects = RejectFile(context.settings.data_dir / "imports", str(context.run_id))
    for number, outcome in enumerate(found):
        part = context.part(number / len(found), (number + 1) / len(found))
        if outcome.fault is None:
            try:
                path = paths.check_path(outcome.path, context.settings.data_dir)
                await _IMPORTERS[arguments.kind](FileImport(part, path, arguments, outcome))
            except InvalidInputError as error:
                outcome.fault = error.detail
        rejects.add(outcome.path, outcome.waiting)
        outcome.waiting = []
        if number < _MOST_LINES:
            level = "warning" if outcome.fault else "info"
            await context.log("file", level=level, **outcome.as_data())
    total = _sum(found)
    flaws = await _check_bars(context, found)
    await context.log("result", dry_run=arguments.dry_run, counts=total, refused=_sum_refused(found), flaws=flaws,
                      rejects=str(rejects.path) if rejects.is_begun else None)  # fmt: skip
    if faults := [f"{one.path}: {one.fault}" for one in found if one.fault]:
        more = f" And {len(faults) - 1} more files." if len(faults) > 1 else ""
        raise InvalidInputError(f"{len(found) - len(faults)} of {len(found)} files were read. {faults[0]}{more}")
    counts = _counts(arguments, total)
    return replace(counts, detail={**counts.detail, **flaws})


def _check(context: RunContext, path: str) -> Outcome:
    """All wrong paths are told at once."""
    outcome = Outcome(path)
    try:
        paths.check_path(path, context.settings.data_dir)
    except InvalidInputError as error:
        outcome.fault = error.detail
    return outcome


async def _check_bars(context: RunContext, found: list[Outcome]) -> dict[str, int]:
    """Bars that lie are looked for once, when all files are stored: the whole market tells them."""
    days = [day for one in found for day in one.since.values()]
    if not days:
        return {}
    async with context.write() as session:
        await imported.refresh_statistics(session)
    return (await bar_checks.check_bars(context, {code for one in found for code in one.since}, min(days))).detail


def _sum(found: list[Outcome]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in found:
        for name, number in one.counts.items():
            total[name] = total.get(name, 0) + number
        total["refused"] = total.get("refused", 0) + one.refused.total()
    return total


def _sum_refused(found: list[Outcome]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in found:
        for kind, number in one.refused.items():
            total[kind] = total.get(kind, 0) + number
    return dict(sorted(total.items(), key=lambda item: -item[1]))


def _counts(arguments: ImportArguments, total: dict[str, int]) -> Counts:
    rows = total.get("new", 0) + total.get("changed", 0)
    left = {name: total.get(name, 0) for name in ("same", "merged", "refused")}
    if arguments.dry_run:
        return Counts(read=total.get("rows", 0), skipped=sum(left.values()), detail={"would_write": rows, **left})
    more = {name: total[name] for name in ("stocks", "links", "stories", "companies", "named") if total.get(name)}
    return Counts(
        read=total.get("rows", 0),
        written=rows + sum(more.values()),
        skipped=sum(left.values()),
        detail={_WRITTEN[arguments.kind]: rows, **more, **left},
    )
