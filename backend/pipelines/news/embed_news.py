"""Embeddings for texts of stories without one: after each crawl and once a day, until none is left or time is short.

The names of the linked companies are masked, so that texts are near by what happened and not by whom it happened to.
Stories whose heads turn out to tell one event are merged.
"""

from backend.db.recording import take_recording_moment
from backend.domain.runs import Counts, RunReason
from backend.domain.understanding.encoders import NEUTRAL_NAME
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.news import merge_stories
from backend.services.news import embeddings
from backend.text.linking.shipped import names_of
from backend.text.stories.wording import mask

BATCH_SIZE = 128  # takes the model process 3 to 6 s; other callers get their turn in between
_RESERVE_S = 15  # seconds: a batch is not begun with less time left


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    embedder = context.models.embedder_name
    async with context.read() as session:
        total = await embeddings.count_unembedded(session, embedder)
    if not total:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    read = written = merged = 0
    while context.seconds_left() > _RESERVE_S:
        async with context.read() as session:
            batch = await embeddings.list_unembedded(session, embedder, BATCH_SIZE)
        if not batch:
            break
        names = [{*item.names, *names_of(item.codes)} for item in batch]
        masked = [mask(item.text, sorted(own), NEUTRAL_NAME) for item, own in zip(batch, names, strict=True)]
        vectors = await context.models.embed(masked)
        async with context.write() as session:
            recorded_at = await take_recording_moment(session)
            written += await embeddings.upsert_embeddings(
                session, embedder, zip(batch, vectors, strict=True), recorded_at=recorded_at
            )
        merged += await merge_stories.merge(context, {item.news_id for item in batch})
        read += len(batch)
        context.report(read / max(total, read), f"{read} of {max(total, read)} texts embedded")
    return Counts(read=read, written=written, detail={"stories_merged": merged})
