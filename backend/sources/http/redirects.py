"""Checks redirects: to the same host or its www name only; never from https to http or to a private address.

Otherwise a feed could make azak send requests into its own network (SSRF), for example to 169.254.169.254.
"""

from collections.abc import Collection

import httpx

from backend.channels import addresses
from backend.errors import SourceChangedError


def other_names(host: str) -> frozenset[str]:
    """The host with and without www, which publishers redirect between."""
    bare = host.removeprefix("www.")
    return frozenset({bare, f"www.{bare}"})


async def check_redirect(source: str, current: httpx.URL, following: httpx.URL, allowed: Collection[str]) -> None:
    """Raise SourceChangedError unless the source may redirect from `current` to `following`."""
    if current.scheme == "https" and following.scheme != "https":
        raise SourceChangedError(f"{source} redirects from https to http; check its address in the settings.")
    if following.host == current.host and following.port == current.port:
        # http -> https of the same host changes the port only between the two defaults, which httpx shows as None.
        return
    if following.host not in allowed or following.port is not None:
        raise SourceChangedError(f"{source} redirects to another host; check its address in the settings.")
    if not await _is_public(following.host):
        raise SourceChangedError(f"{source} redirects to a private address; check its address in the settings.")


async def _is_public(host: str) -> bool:
    try:
        found = await addresses.resolve(host, 443)
    except OSError:
        return False
    return bool(found) and all(map(addresses.is_public, found))
