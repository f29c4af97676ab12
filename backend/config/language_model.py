"""The settings of a language model of one's own choice. Without a URL none is called."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from backend.config.groups import Group
from backend.config.web_address import check_web_address


class LlmSettings(Group):
    """The dollars of a call are reserved before it, at the dearest that it can be; `is_on`: whether any may be made."""

    model_config = SettingsConfigDict(env_prefix="AZAK_LLM_")

    url: str | None = Field(
        None,
        description="Base URL of an OpenAI-compatible endpoint with its /v1, or of Anthropic's API; empty: no model.",
    )
    model: str | None = Field(None, max_length=100, description="Name of the model at that endpoint.")
    api_key: SecretStr | None = Field(None, description="Key of that endpoint, if it wants one.")
    protocol: Literal["auto", "openai", "anthropic"] = Field(
        "auto", description="auto: Anthropic's messages at its own host, else OpenAI's chat completions."
    )
    timeout_s: float = Field(45, gt=0, le=600, description="Seconds one text may take, with retries and repair.")
    context_tokens: int = Field(
        4096, ge=2048, description="Tokens the endpoint holds; an answer that fills them is taken for a cut one."
    )
    usd_per_million_in: float = Field(
        5, ge=0, description="Price of a million tokens sent, in US dollars; 0 for a model of your own."
    )
    usd_per_million_out: float = Field(
        25, ge=0, description="Price of a million tokens answered, in US dollars; 0 for a model of your own."
    )
    forecasts: bool = Field(
        True,
        description="Whether it also forecasts new stories, in a record of its own that reaches no other forecast.",
    )
    usd_per_call: float = Field(0.15, ge=0, description="US dollars one call may cost at most; 0 calls nothing.")
    usd_per_run: float = Field(1, ge=0, description="US dollars one run may spend on calls; 0 calls nothing.")
    usd_per_day: float = Field(3, ge=0, description="US dollars a Korean day may spend on calls; 0 calls nothing.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and any(mark in check_web_address(url) for mark in "@?#"):
            raise ValueError("give an address such as https://host/v1, without user, key or query")
        return url

    @property
    def is_on(self) -> bool:
        return self.url is not None and min(self.usd_per_call, self.usd_per_run, self.usd_per_day) > 0

    @property
    def forecaster(self) -> str | None:
        """The language model that forecasts; None: there is none, or it may not."""
        return self.model if self.is_on and self.forecasts else None
