"""Fixtures that these tests share with those of the sources and of the models."""

from tests.models.conftest import light, light_settings
from tests.sources.conftest import outside, quick_retries

__all__ = ["light", "light_settings", "outside", "quick_retries"]
