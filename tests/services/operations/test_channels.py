"""What Slack, Discord, Telegram and ntfy are sent, in what they take; and addresses that nothing is sent to."""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from backend import clock
from backend.channels import addresses
from backend.channels.addresses import is_public, take_turns
from backend.channels.kinds import list_channels
from backend.channels.message import Message, utf8_bytes, utf16_units
from backend.channels.post import send
from backend.channels.request import NotDeliveredError, Request
from backend.config import WatchdogSettings
from tests.services.operations.receiver import Receiver, receiving

MESSAGE = Message(
    "7", "azak needs a look", ["The feed <!channel> & @everyone\nis *away*.", "Only 12 MB are free."], is_urgent=True,
    body={"service": "azak", "status": "degraded"},
)  # fmt: skip


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def every_channel(receiver: Receiver) -> WatchdogSettings:
    return WatchdogSettings(
        webhook=SecretStr(receiver.url("/hook")),
        slack=SecretStr(receiver.url("/services/T0/B0/x")),
        discord=SecretStr(receiver.url("/api/webhooks/1/x")),
        telegram_token=SecretStr("1:abc"),
        telegram_chat="-100200",
        telegram_url=receiver.url(""),
        ntfy=SecretStr(receiver.url("/push/my-topic")),
        ntfy_token=SecretStr("tk_1"),
    )


async def test_each_service_gets_what_its_manual_asks_for(receiver: Receiver) -> None:
    lines = "- The feed <!channel> & @everyone is *away*.\n- Only 12 MB are free."
    for channel in list_channels(every_channel(receiver)):
        await send(channel.request(MESSAGE), private=True)
    assert [(told.method, told.path, told.body) for told in receiver.told] == [
        ("POST", "/hook", {"service": "azak", "status": "degraded"}),
        ("POST", "/services/T0/B0/x", {
            "text": "azak needs a look\n- The feed &lt;!channel&gt; &amp; @everyone is *away*.\n- Only 12 MB are free.",
            "mrkdwn": False, "unfurl_links": False, "unfurl_media": False,
        }),
        ("POST", "/api/webhooks/1/x", {
            "content": f"azak needs a look\n{lines}", "allowed_mentions": {"parse": []}, "flags": 4,
        }),
        ("POST", "/bot1:abc/sendMessage", {
            "chat_id": "-100200", "text": f"azak needs a look\n{lines}", "link_preview_options": {"is_disabled": True},
        }),
        ("POST", "/push/", {"topic": "my-topic", "title": "azak needs a look", "message": lines, "priority": 4}),
    ]  # fmt: skip
    assert receiver.told[0].headers["idempotency-key"] == "7"
    assert receiver.told[4].headers["authorization"] == "Bearer tk_1"
    assert {told.headers["host"] for told in receiver.told} == {f"127.0.0.1:{receiver.port}"}


async def test_a_hundred_long_sentences_fit_into_every_service(receiver: Receiver) -> None:
    """Emoji are one character, two UTF-16 units and four bytes; Hangul three bytes."""
    long = Message("7", "azak needs a look", [f"{n}: 삼성전자 😀 {'<' * 60}" for n in range(100)], is_urgent=False)
    for channel in list_channels(every_channel(receiver))[1:]:
        await send(channel.request(long), private=True)
    slack, discord, telegram, ntfy = (told.body for told in receiver.told)
    assert len(slack["text"]) <= 4000
    assert utf16_units(discord["content"]) <= 2000
    assert utf16_units(telegram["text"]) <= 4096
    assert utf8_bytes(ntfy["message"]) <= 4096
    for text in (slack["text"], discord["content"], telegram["text"], ntfy["message"]):
        assert text.endswith(" more: GET /api/health.")
    one = Message("8", "x" * 5000, ["a"], is_urgent=False)
    await send(list_channels(every_channel(receiver))[2].request(one), private=True)
    assert receiver.told[-1].body["content"] == "x" * 2000


def test_a_telegram_bot_without_a_chat_is_no_channel() -> None:
    assert list_channels(WatchdogSettings(telegram_token=SecretStr("1:abc"))) == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("2002:a01:203::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("ff0e::1", False),
    ],
)
def test_an_address_is_judged_with_the_one_that_it_carries(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"])
async def test_nothing_is_sent_to_a_private_address_however_it_is_written(receiver: Receiver, host: str) -> None:
    with pytest.raises(NotDeliveredError) as refused:
        await send(Request(f"http://{host}:{receiver.port}/hook?key=s3cret", {}))
    assert refused.value.is_refusal
    assert "AZAK_WATCHDOG_PRIVATE_ADDRESSES=true" in refused.value.detail
    assert "s3cret" not in refused.value.detail
    assert receiver.told == []


@pytest.mark.parametrize(
    ("answered", "is_refusal", "pause_s"),
    [
        ((500, "", ""), False, None),
        ((503, "Retry-After: 30\r\n", ""), False, 30),
        ((429, "Retry-After: Wed, 07 Oct 2026 04:03:00 GMT\r\n", ""), False, 60),
        ((429, "Retry-After: 99999999999999999999\r\n", ""), False, 3600),
        ((429, "Retry-After: soon\r\n", ""), False, None),
        ((429, "", json.dumps({"retry_after": 1.5})), False, 1.5),
        ((429, "", json.dumps({"ok": False, "parameters": {"retry_after": 7}})), False, 7),
        ((429, "", "[" * 5000), False, None),
        ((302, "Location: http://169.254.169.254/\r\n", ""), True, None),
        ((404, "", "no_service"), True, None),
        ((410, "", ""), True, None),
    ],
)
async def test_what_a_channel_answers_says_when_it_is_tried_again(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    answered: tuple[int, str, str],
    is_refusal: bool,
    pause_s: float | None,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 7, 4, 2, tzinfo=UTC))
    receiver.status, receiver.more, receiver.answer = answered
    with pytest.raises(NotDeliveredError) as refused:
        await send(Request(receiver.url(), {}), private=True)
    assert (refused.value.is_refusal, refused.value.pause_s) == (is_refusal, pause_s)
    assert str(answered[0]) in refused.value.detail


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "file:///etc/passwd", "http://", "hook", "http://[::1", "http://\x00"]
)
async def test_an_address_that_is_none_is_a_refusal(url: str) -> None:
    with pytest.raises(NotDeliveredError) as refused:
        await send(Request(url, {}), private=True)
    assert refused.value.is_refusal


async def test_a_channel_that_never_answers_is_left_after_its_time(receiver: Receiver) -> None:
    async with receiving(silent=True) as silent:
        with pytest.raises(NotDeliveredError, match=r"No answer within 0\.2 s"):
            await send(Request(silent.url(), {}), private=True, timeout_s=0.2)


@contextmanager
def swallowing(address: str, port: int) -> Iterator[None]:
    """A listener whose queue is full: what comes in is neither taken nor refused, as on a broken line."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


async def test_an_address_that_swallows_packets_leaves_time_for_the_next_one(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line whose IPv6 is broken: no message was ever delivered."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.3", "127.0.0.1"]

    monkeypatch.setattr(addresses, "resolve", resolve)
    with swallowing("127.0.0.2", receiver.port), swallowing("127.0.0.3", receiver.port):
        await send(Request(receiver.url(), {}), private=True, timeout_s=2)
    assert len(receiver.told) == 1


def test_the_families_of_addresses_take_turns() -> None:
    found = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"]
    turns = ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"]
    assert take_turns(found) == turns
    assert take_turns(["192.0.2.1"]) == ["192.0.2.1"]
    assert take_turns([]) == []


async def test_half_of_a_surrogate_pair_is_replaced_in_every_service(receiver: Receiver) -> None:
    """A source may send one in its JSON, and a name of a file hold one."""
    odd = Message("7", "azak needs a look", ["The feed said \ud800."], is_urgent=True, body={"reasons": ["\ud800"]})
    for channel in list_channels(every_channel(receiver)):
        await send(channel.request(odd), private=True)
    assert receiver.bodies()[0] == {"reasons": ["?"]}
    assert [str(body).count("The feed said ?.") for body in receiver.bodies()[1:]] == [1] * 4


@pytest.mark.parametrize(("host", "key"), [(f"{'a' * 64}.example", "k"), ("127.0.0.1", "비밀")], ids=["host", "key"])
async def test_what_cannot_be_sent_is_a_refusal_that_shows_nothing(receiver: Receiver, host: str, key: str) -> None:
    with pytest.raises(NotDeliveredError) as refused:
        await send(Request(f"http://{host}:{receiver.port}/", {}, {"Authorization": key}), private=True)
    assert refused.value.is_refusal
    assert key not in refused.value.detail.split()
