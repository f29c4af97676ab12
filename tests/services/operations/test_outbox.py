"""What begins is told once to each channel and what ends once, by whoever sees it, and is kept until it is taken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.channels.kinds import list_channels
from backend.config import Settings
from backend.db.session import Database
from backend.domain.operations import Reason
from backend.loops.registry import Loops
from backend.services.operations.delivery import alarms, outbox
from backend.services.operations.delivery.outage import Outage
from backend.services.operations.delivery.sender import Sender
from backend.services.operations.health import get_health
from backend.services.operations.watching.watchdog import Watchdog
from tests.factories import add_heartbeat
from tests.fixtures.database import free_port, settings_for
from tests.fixtures.page_words import list_unworded
from tests.services.operations.receiver import Receiver, receiving

DISK = Reason("disk-low", "seoul /data", "Only 12 MB are free where /data is; free some space there.")

LATE = Reason("job-late", "crawl_news", "The job crawl_news is late; look at its runs.")


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def slack() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        receiver.status, receiver.answer = 200, "ok"
        yield receiver


@pytest.fixture
def told(settings: Settings, hook: Receiver, slack: Receiver, tmp_path: Path) -> Settings:
    """Settings with two channels."""
    settings.general.data_dir = tmp_path
    settings.watchdog.webhook = SecretStr(hook.url("/hook?key=s3cret"))
    settings.watchdog.slack = SecretStr(slack.url("/services/T/B/x"))
    settings.watchdog.private_addresses = True
    return settings


class Process:
    """A watchdog and a sender, as in an API instance; `own`: what it knows of itself."""

    def __init__(self, settings: Settings, database: Database, name: str) -> None:
        loops = Loops()
        self.own: list[Reason] = []
        self.watchdog = Watchdog(settings, database, name, loops.expect("watchdog"), lambda: self.own)
        self.sender = Sender(settings, database, name, loops.expect("outbox"))

    async def turn(self) -> None:
        await self.watchdog.look()
        await self.sender.turn()


@pytest.fixture
async def well(database: Database) -> Database:
    async with database.write() as session:
        await add_heartbeat(session)
    assert (await get_health(database, silent_after_s=30)).list_reasons() == []
    return database


async def execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await session.execute(text(statement))


async def make_due(database: Database) -> None:
    await execute(database, "UPDATE deliveries SET due_at = now() - interval '1 s' WHERE delivered_at IS NULL")


async def count_waiting(database: Database) -> int:
    async with database.read() as session:
        query = "SELECT count(*) FROM deliveries WHERE delivered_at IS NULL AND dropped_at IS NULL"
        return int(await session.scalar(text(query)) or 0)


async def test_a_reason_is_told_once_to_each_channel_and_ended_once_by_whoever_sees_it(
    told: Settings, well: Database, hook: Receiver, slack: Receiver
) -> None:
    several = [Process(told, well, name) for name in ("api 1", "api 2", "scheduler 3")]

    async def turn(times: int) -> None:
        for _ in range(times):
            await asyncio.gather(*(one.turn() for one in several))

    await turn(3)
    assert hook.told == slack.told == []
    await execute(well, "DELETE FROM heartbeats WHERE component = 'scheduler'")
    await turn(1)
    assert hook.told == []  # seen once: it may be a restart
    await turn(5)
    (begun,) = hook.bodies()
    assert (begun["service"], begun["status"]) == ("azak", "degraded")
    assert begun["reasons"] == [begun["began"][0]["sentence"]]
    assert (begun["began"][0]["code"], begun["ended"]) == ("scheduler-unavailable", [])
    assert begun["reasons"][0].startswith("No scheduler is active: unknown")
    async with well.write() as session:
        await add_heartbeat(session)
    await turn(5)
    over = hook.bodies()[1]
    assert (over["status"], over["reasons"], over["began"]) == ("ok", [], [])
    assert over["ended"][0]["alarm"] == begun["began"][0]["alarm"]
    assert len(hook.told) == len(slack.told) == 2
    assert slack.bodies()[1]["text"].startswith("azak is well again\n- Over after 1 min: No scheduler is active")


async def test_a_look_that_differs_from_the_one_before_tells_nothing(
    told: Settings, well: Database, hook: Receiver
) -> None:
    one = Process(told, well, "api 1")
    for own in ([DISK], [], [DISK], []):
        one.own = own
        await one.turn()
    assert hook.told == []
    one.own = [DISK]
    await one.turn()
    await one.turn()
    for own in ([], [DISK], [], [DISK]):  # not seen once is not over
        one.own = own
        await one.turn()
    assert [[event["code"] for event in body["began"]] for body in hook.bodies()] == [["disk-low"]]


async def test_a_sentence_that_counts_is_the_same_reason(told: Settings, well: Database, hook: Receiver) -> None:
    one = Process(told, well, "api 1")
    for free_mb in (12, 11, 10, 9):
        one.own = [Reason(DISK.code, DISK.subject, f"Only {free_mb} MB are free.")]
        await one.turn()
    assert [body["reasons"] for body in hook.bodies()] == [["Only 11 MB are free."]]


async def test_a_channel_that_answers_500_for_an_hour_gets_everything_once_and_delays_no_other(
    told: Settings, well: Database, hook: Receiver, slack: Receiver
) -> None:
    hook.status = 500
    one = Process(told, well, "api 1")
    one.own = [DISK]
    for _ in range(3):
        await one.turn()
    one.own = []
    for _ in range(3):
        await one.turn()
    assert [len(slack.told), len(hook.told), await count_waiting(well)] == [2, 1, 2]
    tried = len(hook.told)
    await one.sender.turn()
    assert len(hook.told) == tried  # it waits for its pause
    await execute(well, "UPDATE deliveries SET created_at = created_at - interval '1 hour'")
    found = (await get_health(well, silent_after_s=30)).list_reasons()
    assert list_unworded(found) == []
    reasons = [reason.sentence for reason in found]
    assert reasons == ["The channel webhook does not take 1 messages; check AZAK_WATCHDOG_WEBHOOK. (It answered 500.)"]
    for _ in range(4):
        await make_due(well)
        await one.sender.turn()
    hook.status, tried = 204, len(hook.told)
    await make_due(well)
    await one.sender.turn()
    await one.sender.turn()
    (taken,) = hook.bodies()[tried:]
    assert [event["phase"] for event in taken["began"] + taken["ended"]] == ["began", "ended"]
    assert await count_waiting(well) == 0


async def test_a_young_delivery_is_tried_again_within_twenty_seconds(
    told: Settings, well: Database, hook: Receiver
) -> None:
    hook.status = 503
    one = Process(told, well, "api 1")
    one.own = [DISK]
    await one.turn()
    await one.turn()
    pauses = []
    for _ in range(7):
        async with well.read() as session:
            pause = await session.scalar(
                text("SELECT extract(epoch FROM due_at - now()) FROM deliveries WHERE channel = 'webhook'")
            )
        pauses.append(round(float(pause or 0)))
        await make_due(well)
        await one.sender.turn()
    assert pauses == [2, 4, 8, 16, 20, 20, 20]


async def test_a_pause_that_a_channel_asks_for_is_kept_and_a_moment_of_another_clock_is_not(
    told: Settings, well: Database, hook: Receiver
) -> None:
    hook.status, hook.more = 429, "Retry-After: 900\r\n"
    one = Process(told, well, "api 1")
    one.own = [DISK]
    await one.turn()
    await one.turn()
    await execute(well, "UPDATE deliveries SET due_at = due_at - interval '890 s'")
    await one.sender.turn()
    assert len(hook.told) == 1
    hook.status = 204
    ahead = "due_at = now() + interval '10 hours', claimed_until = now() + interval '9 hours'"
    await execute(well, f"UPDATE deliveries SET {ahead}")
    await one.sender.turn()
    assert (len(hook.told), await count_waiting(well)) == (2, 0)


async def test_a_channel_is_not_told_that_it_fails_and_a_new_one_hears_of_what_lasts(
    told: Settings, well: Database, hook: Receiver, slack: Receiver
) -> None:
    fails = Reason("channel-failing", "webhook", "The channel webhook does not take 3 messages.")
    told.watchdog.slack = None
    one = Process(told, well, "api 1")
    one.own = [fails, DISK]
    await one.turn()
    await one.turn()
    assert [event["code"] for event in hook.bodies()[0]["began"]] == ["disk-low"]
    told.watchdog.slack = SecretStr(slack.url())
    other = Process(told, well, "api 1")
    other.own = [fails, DISK]
    await other.turn()
    await other.turn()
    assert [len(hook.told), len(slack.told)] == [1, 1]
    assert "- The channel webhook does not take" in slack.bodies()[0]["text"]
    assert "- Only 12 MB are free" in slack.bodies()[0]["text"]


async def test_a_sender_that_died_with_its_claim_loses_nothing(told: Settings, well: Database, hook: Receiver) -> None:
    one = Process(told, well, "api 1")
    async with well.write() as session:
        await alarms.record(session, [DISK], gone=(), channels=["webhook"])
        assert len(await outbox.claim(session, "webhook")) == 1
    await one.sender.turn()
    assert hook.told == []  # another process seems to be sending
    await execute(well, "UPDATE deliveries SET claimed_until = now() - interval '1 s'")
    await one.sender.turn()
    assert len(hook.told) == 1


async def test_a_database_that_is_away_is_told_once_a_machine_and_ended_when_it_is_back(
    told: Settings, well: Database, hook: Receiver, slack: Receiver
) -> None:
    slack.status = 500
    nowhere = settings_for(f"postgresql://azak:none@127.0.0.1:{free_port()}/azak")
    nowhere.watchdog, nowhere.general = told.watchdog, told.general
    away = Database(nowhere, "test")
    processes = [Process(nowhere, away, name) for name in ("api 1", "api 2", "scheduler 3")]
    for _ in range(4):
        await asyncio.gather(*(one.watchdog.look() for one in processes))
    await away.close()
    assert [body["status"] for body in hook.bodies()] == ["degraded"]
    assert [event["code"] for event in hook.bodies()[0]["began"]] == ["database-unavailable"]
    slack.status = 200
    for one in processes:  # the database is back
        one.watchdog._database = one.sender._database = well
    for _ in range(4):
        await asyncio.gather(*(one.turn() for one in processes))
    assert [(body["status"], len(body["ended"])) for body in hook.bodies()[1:]] == [("ok", 1)]
    text_of_slack = [body["text"] for body in slack.bodies()]
    assert sum("- The database does not answer" in one for one in text_of_slack[1:]) == 1
    assert sum("Over after" in one for one in text_of_slack) == 1
    assert (told.data_dir / "outage.json").read_text() == "[]"


async def test_what_another_process_has_told_of_an_outage_is_not_told_again_by_the_first_that_can_write(
    told: Settings, well: Database, hook: Receiver
) -> None:
    """It still believes in the trouble that it saw in the look before, and knows nothing of what was told."""
    nowhere = settings_for(f"postgresql://azak:none@127.0.0.1:{free_port()}/azak")
    nowhere.watchdog, nowhere.general = told.watchdog, told.general
    away = Database(nowhere, "test")
    teller, other = Process(nowhere, away, "api 1"), Process(nowhere, away, "scheduler 2")
    for one in (teller, other, teller, other):
        await one.watchdog.look()
    await away.close()
    assert len(hook.told) == 1
    for one in (teller, other):
        one.watchdog._database = one.sender._database = well
        one.own = [Reason("database-unavailable", "", "The database does not answer; start it.")]
    await other.turn()
    await teller.turn()
    teller.own = other.own = []
    for _ in range(4):
        await asyncio.gather(teller.turn(), other.turn())
    assert [(len(body["began"]), len(body["ended"])) for body in hook.bodies()] == [(1, 0), (0, 1)]


async def test_an_outage_outlives_the_process_that_told_it(told: Settings, well: Database, hook: Receiver) -> None:
    nowhere = settings_for(f"postgresql://azak:none@127.0.0.1:{free_port()}/azak")
    nowhere.watchdog, nowhere.general = told.watchdog, told.general
    nowhere.watchdog.slack = None
    away = Database(nowhere, "test")
    first = Process(nowhere, away, "api 1")
    await first.watchdog.look()
    await first.watchdog.look()
    assert len(hook.told) == 1
    assert first.watchdog._outage._file is not None
    first.watchdog._outage._file.close()  # as its death does
    second = Process(nowhere, away, "api 2")
    for _ in range(3):
        await second.watchdog.look()
    await away.close()
    assert len(hook.told) == 1
    second.watchdog._database = second.sender._database = well
    for _ in range(3):
        await second.turn()
    assert [body["status"] for body in hook.bodies()] == ["degraded", "ok"]


async def test_a_dead_mans_switch_is_asked_while_all_is_well_or_told(
    told: Settings, well: Database, hook: Receiver, slack: Receiver
) -> None:
    told.watchdog.webhook, told.watchdog.ping = None, SecretStr(hook.url("/ping/uuid"))
    several = [Process(told, well, name) for name in ("api 1", "api 2")]

    async def turn() -> int:
        before = len(hook.told)
        await execute(well, "UPDATE heartbeats SET ts = ts - interval '61 s' WHERE component = 'watchdog'")
        await asyncio.gather(*(one.turn() for one in several))
        return len(hook.told) - before

    await turn()
    assert [await turn(), await turn()] == [1, 1]
    assert (hook.told[0].method, hook.told[0].path) == ("GET", "/ping/uuid")
    slack.status = 500
    for one in several:
        one.own = [DISK]
    assert [await turn(), await turn(), await turn()] == [0, 0, 0]  # nobody was told: silence raises the alarm
    slack.status = 200
    await make_due(well)
    await turn()
    assert await turn() == 1


def ids_of(receiver: Receiver) -> list[str]:
    return [told.headers["idempotency-key"] for told in receiver.told]


async def test_a_message_with_a_line_more_is_another_one_for_who_drops_doubles(
    told: Settings, well: Database, hook: Receiver
) -> None:
    """The receiver took the first and its answer was lost: it would drop the longer one by the same id, for good."""
    hook.status = 503
    one = Process(told, well, "api 1")
    for own in ([DISK], [DISK], [DISK, LATE], [DISK, LATE]):
        one.own = own
        await make_due(well)
        await one.turn()
    lines = [len(body["began"]) for body in hook.bodies()]
    assert lines == [1, 1, 2]
    first, again, longer = ids_of(hook)
    assert first == again != longer


async def test_an_outage_with_a_trouble_more_is_another_one_as_well(told: Settings, hook: Receiver) -> None:
    hook.status = 503
    outage = Outage(told.data_dir, list_channels(told.watchdog)[:1], "api 1", private=True)
    for found in ([DISK], [DISK], [DISK, LATE]):
        await outage.look(found)
        outage._not_before.clear()
    outage.close()
    first, again, longer = ids_of(hook)
    assert first == again != longer
    hook.status = 204
    taking_over = Outage(told.data_dir, list_channels(told.watchdog)[:1], "scheduler 2", private=True)
    await taking_over.look([])
    taking_over.close()
    assert ids_of(hook)[-1] == longer  # what another process goes on with is the same, too


async def test_an_outage_is_told_and_kept_with_letters_that_are_no_utf_8(told: Settings, hook: Receiver) -> None:
    odd = Reason("disk-low", "seoul /data\udcff", "Only 12 MB are free where /data\udcff is.")
    outage = Outage(told.data_dir, list_channels(told.watchdog)[:1], "api 1", private=True)
    await outage.look([odd])
    outage.close()
    assert hook.bodies()[0]["reasons"] == ["Only 12 MB are free where /data? is."]
    other = Outage(told.data_dir, list_channels(told.watchdog)[:1], "api 2", private=True)
    await other.look([odd])
    other.close()
    assert len(hook.told) == 1
