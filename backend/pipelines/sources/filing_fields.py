"""Reads what DART's fields say of new filings of watched stocks: one request a filing, before it is stored.

A filing that OpenDART's list has told of before is never asked for again. Whatever goes wrong here, the list stays as
it was read: the event is then read from the form's words, and the run's log says so.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from backend.domain.news import Article
from backend.errors import SourceError
from backend.pipelines.sources.visits import Visit
from backend.services.news import versions
from backend.sources import dart, dart_decisions
from backend.sources.dart_decisions import Question

WITHIN_S: Final = 10  # of the half minute that a source has


async def read_fields(
    visit: Visit, filings: Sequence[Article], companies: Mapping[str, str], watched: frozenset[str]
) -> list[Article]:
    """`filings` with what their fields say; `companies`: DART's number of each one's company by url_key."""
    asked = {
        filing.url_key: question
        for filing in filings
        if filing.url_key in companies
        and not watched.isdisjoint(filing.feed_codes)
        and (question := dart_decisions.question_of(filing)) is not None
    }
    if not asked:
        return list(filings)
    async with visit.context.read() as session:
        seen = await versions.list_seen(session, dart.LIST, asked.keys())
    new = [filing for filing in filings if filing.url_key in asked.keys() - seen]
    told: dict[str, Article] = {}
    trouble = ""
    try:
        async with asyncio.timeout(WITHIN_S):
            for filing in new:
                told[filing.url_key] = await _ask(visit, filing, asked[filing.url_key], companies[filing.url_key])
    except SourceError as error:
        trouble = error.detail
    except TimeoutError:
        trouble = f"{dart.LIST} took more than {WITHIN_S} s."
    if trouble:
        left = len(new) - len(told)
        await visit.context.log(
            f"The fields of {left} filings were not read, their events come from the forms' words: {trouble}",
            level="warning",
            source=dart.LIST,
        )
    return [told.get(filing.url_key, filing) for filing in filings]


async def _ask(visit: Visit, filing: Article, question: Question, company: str) -> Article:
    key = visit.settings.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    answer = await dart_decisions.fetch_decision(visit.client, key, question, company)
    return replace(filing, told=dart_decisions.parse_decision(answer, question))
