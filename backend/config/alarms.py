"""The settings of what tells people (AZAK_WATCHDOG_*) and programs (AZAK_WEBHOOK_*)."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from backend.config.groups import Group
from backend.config.web_address import SecretWebAddress, WebAddress


class WatchdogSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_WATCHDOG_")

    webhook: SecretWebAddress | None = Field(
        None, description="URL that gets one line of JSON when azak needs a look, and when it is well again."
    )
    webhook_secret: SecretStr | None = Field(
        None, min_length=16, description="Secret that signs what the webhook gets (docs/webhooks.md); empty: unsigned."
    )
    slack: SecretWebAddress | None = Field(
        None, description="Incoming webhook of Slack, told the same as a sentence each."
    )
    discord: SecretWebAddress | None = Field(None, description="Webhook of Discord, told the same.")
    telegram_token: SecretStr | None = Field(None, description="Token of a Telegram bot; needs the chat, too.")
    telegram_chat: str | None = Field(None, description="Chat that the Telegram bot writes to (number or @name).")
    telegram_url: WebAddress = Field("https://api.telegram.org", description="Base URL of Telegram's bot API.")
    ntfy: SecretWebAddress | None = Field(
        None, description="Topic of ntfy as a URL, for example https://ntfy.sh/my-topic."
    )
    ntfy_token: SecretStr | None = Field(None, description="Access token of that ntfy server, if it asks for one.")
    ping: SecretWebAddress | None = Field(
        None,
        description="Dead man's switch: URL asked once a minute while all is well or told; its silence is the alarm.",
    )
    private_addresses: bool = Field(
        False, description="True: channels and ping may be on loopback and private networks, too."
    )
    every_s: float = Field(10, gt=0, description="Seconds between two looks; what two in a row saw is told.")
    disk_free_mb: int = Field(500, ge=0, description="Free space of the data directory below which health says so.")


class WebhookSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_WEBHOOK_")

    url: SecretWebAddress | None = Field(
        None, description="URL that is told of each new forecast, outcome, report and article; needs the secret."
    )
    secret: SecretStr | None = Field(
        None, min_length=16, description="Secret that signs it, as whsec_ and base64 or any text (docs/webhooks.md)."
    )
    events: str = Field(
        "prediction,outcome,report,news", description="What it is told of, separated by commas; also: run."
    )
