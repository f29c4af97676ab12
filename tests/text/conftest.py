"""Fixtures that these tests share with those of the sources."""

from tests.sources.conftest import outside, quick_retries

__all__ = ["outside", "quick_retries"]
