"""Messages between the scheduler and its model process: a length of 4 bytes (big-endian) and a body of JSON.

They go over a socket pair and not over stdout, where what a library prints would land among them.
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
