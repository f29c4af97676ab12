"""Addresses of the web as settings name them: what is none is refused at start, since it would never be reached."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

_NOT_IN_ONE: Final = re.compile(r"[\s\x00-\x1f\x7f]")


def check_web_address(url: str) -> str:
    """The same URL. Raises ValueError, which does not show it: many hold a secret."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        is_one = False
    if not is_one or _NOT_IN_ONE.search(url):
        raise ValueError("give a whole address, which begins with https:// (or http://) and a host")
    return url


def _check_secret(url: SecretStr) -> SecretStr:
    check_web_address(url.get_secret_value())
    return url


WebAddress = Annotated[str, AfterValidator(check_web_address)]
SecretWebAddress = Annotated[SecretStr, AfterValidator(_check_secret)]
