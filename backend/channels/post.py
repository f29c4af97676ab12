"""Sends one request to a channel, within a time."""

from backend.channels.request import TIMEOUT_S, Request


async def send(request: Request, *, private: bool = False, timeout_s: float = TIMEOUT_S) -> None:
    """Return when the channel has answered 2xx. Raises NotDeliveredError.

    `private`: addresses of loopback and private networks are allowed, too.
    """
    from backend.channels import wire  # noqa: PLC0415  (with what it needs, when there is something to send)

    await wire.send(request, private=private, timeout_s=timeout_s)
