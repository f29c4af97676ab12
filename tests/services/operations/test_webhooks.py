"""What is new is told to the program of AZAK_WEBHOOK_URL: signed, in order, each event once."""

import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend import clock
from backend.channels.kinds import event_channel
from backend.channels.signature import signature
from backend.config import Settings, WebhookSettings
from backend.db.session import Database
from backend.loops.registry import Loops
from backend.services.operations.delivery.sender import Sender
from tests.factories import (
    SAMSUNG,
    add_news,
    add_outcome,
    add_prediction,
    add_report,
    add_stock,
    add_version,
)
from tests.services.operations.receiver import Receiver, Told, receiving

DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
KEY = b"0123456789abcdef01234567"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@pytest.fixture
async def program() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def told(settings: Settings, program: Receiver) -> Settings:
    settings.webhook.url = SecretStr(program.url("/azak"))
    settings.webhook.secret = SecretStr(SECRET)
    settings.watchdog.private_addresses = True
    return settings


def sender_of(settings: Settings, database: Database) -> Sender:
    return Sender(settings, database, "api seoul", Loops().expect("outbox"))


def is_signed(told: Told, sent: bytes, *, later_s: float = 0) -> bool:
    """By the recipe of docs/webhooks.md, run as it stands there."""
    (recipe,) = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(), flags=re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(recipe, names)
    return bool(names["verify"](SECRET, told.headers, sent, clock.now().timestamp() + later_s))


async def add_everything(database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        version = await add_version(session)
        await add_news(session, SAMSUNG)
        prediction = await add_prediction(session, version, ago_s=90_000)
        await add_prediction(session, version, mode="backtest")
        await add_outcome(session, prediction)
        await add_report(session, version)


async def test_each_kind_of_news_is_told_once_and_signed(told: Settings, database: Database, program: Receiver) -> None:
    first, second = sender_of(told, database), sender_of(told, database)
    await first.turn()  # from here on
    await add_everything(database)
    await second.turn()
    await first.turn()
    (sent,) = program.told
    assert (sent.path, sent.body["service"]) == ("/azak", "azak")
    events = {event["type"]: event["data"] for event in sent.body["events"]}
    assert set(events) == {"news", "prediction", "outcome", "report"}
    assert all(event["count"] == len(event["ids"]) == 1 for event in events.values())
    assert events["prediction"] == events["outcome"]  # of the live forecast alone, and by its id
    assert events["report"]["stock_codes"] == [SAMSUNG]
    assert is_signed(sent, (json.dumps(sent.body, ensure_ascii=False) + "\n").encode())
    assert not is_signed(sent, json.dumps(sent.body).encode())
    assert not is_signed(sent, (json.dumps(sent.body, ensure_ascii=False) + "\n").encode(), later_s=301)
    assert abs(int(sent.headers["webhook-timestamp"]) - clock.now().timestamp()) < 60


async def test_what_was_refused_is_sent_again_with_what_came_since(
    told: Settings, database: Database, program: Receiver
) -> None:
    sender = sender_of(told, database)
    await sender.turn()
    program.status = 503
    async with database.write() as session:
        await add_stock(session)
        await add_news(session)
    await sender.turn()
    program.status = 204
    async with database.write() as session:
        await add_news(session, title="second")
    await database_is_due(database)
    await sender.turn()
    failed, taken = program.told
    ids = [event["id"] for event in taken.body["events"]]
    assert [event["id"] for event in failed.body["events"]] == ids[:1]
    assert len(set(ids)) == 2
    assert failed.headers["webhook-id"] != taken.headers["webhook-id"]
    # A database that was made anew counts from 1 again, and a full stop separates what is signed.
    assert re.fullmatch(r"20[0-9]{6}T[0-9]{12}/1-2", taken.headers["webhook-id"])


async def database_is_due(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE deliveries SET due_at = now()"))


async def test_only_the_kinds_that_are_wanted_are_told(told: Settings, database: Database, program: Receiver) -> None:
    told.webhook.events = "report"
    sender = sender_of(told, database)
    await sender.turn()
    await add_everything(database)
    await sender.turn()
    assert [event["type"] for told in program.told for event in told.body["events"]] == ["report"]


def test_without_a_secret_nothing_is_sent() -> None:
    assert event_channel(WebhookSettings(url=SecretStr("https://x.example"))) is None


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification's libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    content = b'{"test": 2432232314}'
    found = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", content)
    assert found == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
