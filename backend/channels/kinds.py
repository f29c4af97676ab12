"""The kinds of channels, and those that the settings name: each makes of a message the request that its service takes.

Sentences may quote the outside world (errors of sources): no markup, no mentions, no previews of links.
Settings: AZAK_WATCHDOG_*, AZAK_WEBHOOK_*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from backend.channels.message import Message, fit, utf8_bytes, utf16_units
from backend.channels.request import Request
from backend.channels.signature import signer
from backend.config import WatchdogSettings, WebhookSettings

SLACK_CHARS: Final = 4_000  # it takes 40,000 and advises this
DISCORD_CHARS: Final = 2_000  # discord.com/developers/docs/resources/webhook: content
TELEGRAM_UNITS: Final = 4_096  # core.telegram.org/bots/api#sendmessage: after entities parsing
NTFY_BYTES: Final = 4_096  # docs.ntfy.sh/publish: longer ones become attachments
CHANNEL_SETTINGS: Final = {
    "events": "AZAK_WEBHOOK_URL",
    "webhook": "AZAK_WATCHDOG_WEBHOOK",
    "slack": "AZAK_WATCHDOG_SLACK",
    "discord": "AZAK_WATCHDOG_DISCORD",
    "telegram": "AZAK_WATCHDOG_TELEGRAM_TOKEN",
    "ntfy": "AZAK_WATCHDOG_NTFY",
}
_DISCORD_SUPPRESS_EMBEDS: Final = 4


@dataclass(frozen=True, slots=True)
class Channel:
    """A configured channel; its name is one of CHANNEL_SETTINGS."""

    name: str
    request: Callable[[Message], Request]


def list_channels(settings: WatchdogSettings) -> list[Channel]:
    """The channels that are configured, in a fixed order."""
    found = []
    if settings.webhook is not None:
        found.append(_webhook("webhook", settings.webhook, settings.webhook_secret))
    if settings.slack is not None:
        found.append(_slack(settings.slack.get_secret_value()))
    if settings.discord is not None:
        found.append(_discord(settings.discord.get_secret_value()))
    if settings.telegram_token is not None and settings.telegram_chat is not None:
        found.append(
            _telegram(settings.telegram_url, settings.telegram_token.get_secret_value(), settings.telegram_chat)
        )
    if settings.ntfy is not None:
        access = None if settings.ntfy_token is None else settings.ntfy_token.get_secret_value()
        found.append(_ntfy(settings.ntfy.get_secret_value(), access))
    return found


def event_channel(settings: WebhookSettings) -> Channel | None:
    """The program that is told of what is new; None without an address, or without a secret to sign it with."""
    if settings.url is None or settings.secret is None:
        return None
    return _webhook("events", settings.url, settings.secret)


def _webhook(name: str, url: SecretStr, secret: SecretStr | None) -> Channel:
    """One line of JSON; the header lets a receiver drop a second copy, the signature tells that it is of this azak."""

    def request(message: Message) -> Request:
        sign = None if secret is None else signer(secret.get_secret_value(), message.id)
        return Request(url.get_secret_value(), dict(message.body), {"Idempotency-Key": message.id}, sign)

    return Channel(name, request)


def _slack(url: str) -> Channel:
    def request(message: Message) -> Request:
        text = fit(message, SLACK_CHARS, lambda text: len(_escaped(text)))
        return Request(url, {"text": _escaped(text), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False})

    return Channel("slack", request)


def _escaped(text: str) -> str:
    """Slack's three control characters: <!channel> would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _discord(url: str) -> Channel:
    def request(message: Message) -> Request:
        content = fit(message, DISCORD_CHARS, utf16_units)
        return Request(url, {"content": content, "allowed_mentions": {"parse": []}, "flags": _DISCORD_SUPPRESS_EMBEDS})

    return Channel("discord", request)


def _telegram(base_url: str, token: str, chat: str) -> Channel:
    url = f"{base_url.rstrip('/')}/bot{token}/sendMessage"

    def request(message: Message) -> Request:
        text = fit(message, TELEGRAM_UNITS, utf16_units)
        return Request(url, {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}})

    return Channel("telegram", request)


def _ntfy(topic_url: str, token: str | None) -> Channel:
    """Published as JSON to the server's root, because headers (the title) may hold ASCII only."""
    url = urlsplit(topic_url)
    folder, _, topic = url.path.rstrip("/").rpartition("/")
    root = urlunsplit((url.scheme, url.netloc, f"{folder}/", "", ""))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def request(message: Message) -> Request:
        text = fit(message, NTFY_BYTES, utf8_bytes, with_title=False)
        body = {"topic": topic, "title": message.title, "message": text, "priority": 4 if message.is_urgent else 3}
        return Request(root, body, headers)

    return Channel("ntfy", request)
