"""The parts of a report that tell what happened: its claim, corrections, why it moved, events, and their like."""

from collections.abc import Iterator
from typing import Final

from backend.domain.figures import change, compare, fixed, percent, signed
from backend.domain.understanding.event_studies import LARGE_FROM, StudyVerdict
from backend.domain.understanding.event_types import weighs_on
from backend.domain.understanding.events import NO_TYPE, Sign
from backend.domain.understanding.moves import USUAL_SIGMAS
from backend.reports.event_phrases import has_amount
from backend.reports.fact_sheet import MoveFacts, PriceFacts, StoryFacts
from backend.reports.report_markdown import citation, day, escape, krw, short_moment, table
from backend.reports.report_page import Page, fitting_stories
from backend.reports.report_words import EVENTS, SIGNS, STAGES, STUDIES, WORLD
from backend.reports.sheet_parts import StudyFacts, WrongFact

# Sigmas from which a volume is more than usual, and rare.
LARGE: Final = 1.0
RARE: Final = 2.0
HORIZONS: Final = (1, 3, 5)
_Lines = Iterator[str]


def claim(page: Page) -> str:
    """The one thing the report says: the event that explains the move or matters most, else how the stock moved."""
    sheet = page.sheet
    story = leading_story(page)
    if story is not None:
        return _claim_of_event(page, story)
    if sheet.price is not None:
        return _claim_of_price(page, sheet.price)
    if sheet.stories:
        return page.say("claim_news", stories=page.counted("story", len(sheet.stories)))
    return page.say("claim_nothing")


def _claim_of_event(page: Page, story: StoryFacts) -> str:
    """The event beside the day's move: because of it where it fits, against it where its side is the other one."""
    event = page.event(story)
    if has_amount(story) and story.value_share is not None and story.value_share >= LARGE_FROM:
        event = page.say("claim_large", event=event, share=percent(story.value_share, 0))
    moved = page.sheet.price.day_return if page.sheet.price else None
    if moved is None:
        return page.say("claim_event", event=event)
    side = "up" if story.sign == Sign.POSITIVE else "down" if weighs_on(story.event_type, story.sign) else "flat"
    key = "claim_event_move"
    if story in fitting_stories(page.sheet):
        key = "claim_cause"
    elif {side, _side(moved)} == {"up", "down"}:
        key = "claim_despite"
    return page.say(key, event=event, move=change(moved))


def leading_story(page: Page) -> StoryFacts | None:
    """The event that fits the move, else the most material one; None without an event of a known type."""
    causes = [found for found in fitting_stories(page.sheet) if found.event_type != NO_TYPE]
    known = [story for story in page.sheet.stories if story.event_type != NO_TYPE and story.materiality]
    best = max(known, key=lambda story: (story.materiality, story.known_at), default=None)
    return causes[0] if causes else best


def _claim_of_price(page: Page, price: PriceFacts) -> str:
    if price.day_return is None:
        if "recent" in page.sheet.gaps and price.bars_to is not None:
            return page.say("claim_old", last=day(price.bars_to))
        return page.say("claim_price", price=krw(price.last_krw))
    move, market = change(price.day_return), price.market_day_return
    if market is None:
        return page.say("claim_alone", move=move)
    side = {"better": "ahead", "worse": "behind", "same": "level"}[compare(price.day_return, market)]
    return page.say(f"claim_{side}", move=move, market=change(market))


def corrections(page: Page) -> _Lines:
    """What earlier reports said, and what is so: each error once, of the newest report that has it."""
    newest = {(wrong.kind, wrong.news_id): wrong for wrong in sorted(page.sheet.wrong, key=lambda wrong: wrong.asof)}
    for wrong in newest.values():
        at = short_moment(wrong.asof)
        cited = "" if wrong.news_id is None else citation(wrong.news_id)
        said, now = (_told(page, wrong, text) for text in (wrong.said, wrong.now))
        yield page.say(f"wrong_{wrong.kind}", at=at, citation=cited, said=said, now=now)


def _told(page: Page, wrong: WrongFact, text: str) -> str:
    if wrong.kind == "event":
        return page.kind(*text.split(" ", 1))
    return krw(int(text)) if wrong.kind == "price" else text


def why(page: Page) -> _Lines:
    """The parts of the move in a table, then the events that fit it; or that no cause is known."""
    move = page.sheet.move
    if move is not None:
        yield from table(page.heading("part_head"), [_parts(page, move)])
        yield ""
    causes = _causes(page)
    if move is None or not causes:
        yield page.say("no_cause")
        return
    own, times = move.parts.get("own", move.move), page.say("times", times=fixed(abs(move.own_sigmas), 1))
    volume = page.say("and_volume", volume=volume_word(page)) if _has_volume(page) else page.say("no_volume")
    yield page.say(
        "cause", stories=", ".join(causes), market=page.say(f"market_{_side(move.parts.get('market', 0.0))}"),
        own=page.say(f"own_{_side(own)}", share=percent(abs(own)), times=times), volume=volume,
    )  # fmt: skip


def _has_volume(page: Page) -> bool:
    return page.sheet.price is not None and page.sheet.price.volume_z is not None


def _causes(page: Page) -> list[str]:
    told = fitting_stories(page.sheet)
    named = {news_id for story in told for news_id in (story.news_id, *story.also)}
    causes = [page.cited(story) for story in told]
    for story in page.sheet.move.stories if page.sheet.move else ():
        if story.news_id not in named:
            title = page.say("original", title=escape(story.title))
            causes.append(f"{citation(story.news_id)} {title}")
    return causes


def _parts(page: Page, move: MoveFacts) -> list[str]:
    usual = "times_usual" if abs(move.own_sigmas) < USUAL_SIGMAS else "times_large"
    world = [f"{escape(page.name(WORLD, found.symbol))} {change(found.move)}" for found in page.sheet.world]
    return [
        change(move.move),
        *(_or_dash(move.parts.get(part)) for part in ("market", "industry", "own")),
        page.say(usual, times=fixed(abs(move.own_sigmas), 1)),
        ", ".join(world) or "-",
    ]


def _side(share: float) -> str:
    """up, down, or flat where no digit shows."""
    shown = signed(100 * share, 1)
    return "flat" if not float(shown.lstrip("+−")) else "up" if share > 0 else "down"


def volume_word(page: Page) -> str:
    """How unusual the volume is, with its sigmas; "-" where unknown."""
    price = page.sheet.price
    if price is None or price.volume_z is None:
        return "-"
    return page.say(_size(price.volume_z), sigma=signed(price.volume_z, 1))


def _size(sigmas: float) -> str:
    """Key of the word for a volume so many sigmas from its usual one."""
    if sigmas <= -LARGE:
        return "volume_small"
    return "volume_usual" if sigmas < LARGE else "volume_large" if sigmas < RARE else "volume_rare"


def events(page: Page) -> _Lines:
    """Each event once: those that fit the move first, then by how much they matter."""
    causes = fitting_stories(page.sheet)
    ranked = sorted(page.sheet.stories, key=lambda story: (story not in causes, -story.materiality))
    for story in ranked:
        yield " · ".join([f"**{page.event(story)}** {citation(story.news_id)}", *_details(page, story)])


def _details(page: Page, story: StoryFacts) -> _Lines:
    if has_amount(story) and story.value_share is not None and percent(story.value_share) != percent(0):
        yield page.say("value_share", share=percent(story.value_share))
    if story.share is not None:
        yield page.say("share_contract" if story.event_type == "contract" else "share", share=percent(story.share))
    if story.surprise is not None and story.event_type != "results":
        yield page.say("surprise", change=change(story.surprise))
    if story.event_type != NO_TYPE:
        yield page.name(SIGNS, story.sign)
        yield page.name(STAGES, story.stage)
    publisher = escape(story.publisher) if page.language == "ko" or story.publisher.isascii() else ""
    yield page.say("source_of", publisher=publisher, at=short_moment(story.known_at)).strip()
    yield page.counted("article", story.size)
    if story.also:
        yield page.say("also", citations=", ".join(map(citation, story.also)))
    yield page.say("original", title=escape(story.title))


def studies(page: Page) -> _Lines:
    """What such events did before, a row for each kind in this report; then past stories that are alike."""
    kinds = dict.fromkeys((story.event_type, story.sign) for story in page.sheet.stories if story.event_type != NO_TYPE)
    if kinds:
        yield from table(page.heading("study_head"), [_study_row(page, *kind) for kind in kinds])
    if page.sheet.cases:
        yield ""
        yield from _cases(page)


def _study_row(page: Page, event_type: str, sign: str) -> list[str]:
    found = {s.horizon: s for s in page.sheet.studies if (s.type, s.sign) == (event_type, sign)}
    said = [study.verdict for study in found.values()]
    verdict = StudyVerdict.EFFECT if StudyVerdict.EFFECT in said else said[0] if said else StudyVerdict.TOO_FEW
    n = max((study.n for study in found.values()), default=0)
    cells = [_effect(found.get(horizon)) for horizon in HORIZONS]
    return [page.kind(event_type, sign), *cells, page.counted("case", n), page.name(STUDIES, verdict)]


def _effect(study: StudyFacts | None) -> str:
    if study is None:
        return "-"
    if study.low is None or study.high is None:
        return change(study.mean)
    return f"{change(study.mean)} ({change(study.low)} – {change(study.high)})"


def _cases(page: Page) -> _Lines:
    about = next((story for story in page.sheet.stories if story.story_id == page.sheet.told_story), None)
    event = page.name(EVENTS, NO_TYPE) if about is None else page.cited(about)
    rows = [
        [
            _case_name(page, case.news_id, case.title), _stock(page, case.stock_name, case.stock_code),
            day(case.known_at), fixed(case.similarity, 2), _or_dash(case.return_1), _or_dash(case.return_5),
        ]
        for case in page.sheet.cases
    ]  # fmt: skip
    yield from table(page.heading("case_head", event=event), rows)


def _case_name(page: Page, news_id: int, title: str) -> str:
    return f"{citation(news_id)} {escape(title, limit=60)}" if page.language == "ko" else citation(news_id)


def _stock(page: Page, name: str, code: str) -> str:
    return escape(name) if page.language == "ko" else escape(code)


def _or_dash(share: float | None) -> str:
    return "-" if share is None else change(share)
