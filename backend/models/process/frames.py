"""The wire between the scheduler and its model process: JSON in frames of a 4-byte length and a body.

A socket pair of its own carries it, so that what a library prints can never land in a frame.
"""

import json
import struct
from typing import Any, BinaryIO

HEADER = struct.Struct(">I")
Message = dict[str, Any]


def pack(message: Message) -> bytes:
    """One frame."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return HEADER.pack(len(body)) + body


def read(stream: BinaryIO) -> Message | None:
    """The next message of a blocking stream; None at its end, also when it ends inside a frame."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    return parse(body) if len(body) == length else None


def parse(body: bytes) -> Message:
    """The message of one frame's body."""
    message: Message = json.loads(body)
    return message
