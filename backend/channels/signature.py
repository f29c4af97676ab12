"""The signature of a webhook, by the rules of standardwebhooks.com: HMAC-SHA256 of id, time and the bytes sent.

A receiver makes it anew with the shared secret, and refuses what is older than a few minutes (docs/webhooks.md).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

from backend import clock

_PREFIX: Final = "whsec_"


def signer(secret: str, message_id: str) -> Callable[[bytes], Mapping[str, str]]:
    """What makes the headers of one message; each try has a time, and so a signature, of its own."""
    key = _key(secret)

    def sign(content: bytes) -> Mapping[str, str]:
        moment = str(int(clock.now().timestamp()))
        return {
            "webhook-id": message_id,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{signature(key, message_id, moment, content)}",
        }

    return sign


def signature(key: bytes, message_id: str, moment: str, content: bytes) -> str:
    """Base64 of the HMAC of `id.timestamp.body`."""
    digest = hmac.new(key, f"{message_id}.{moment}.".encode() + content, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    """The bytes after whsec_, which are base64; of any other secret its text."""
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
