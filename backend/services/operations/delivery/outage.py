"""Troubles while the database cannot be written: told past the outbox, remembered in a file, written when it is back.

Each process of a machine sees that the database is away; the one that holds the lock on the file tells it, once a
channel. The file outlives the process, so that another one goes on where it stopped. Processes on several machines
tell it once a machine: only the database could make them agree.
"""

import contextlib
import fcntl
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from backend import clock
from backend.channels import post
from backend.channels.kinds import Channel
from backend.channels.message import Message
from backend.channels.request import NotDeliveredError
from backend.db.session import Session
from backend.domain.operations import Reason
from backend.log import get_logger
from backend.services.operations.delivery import alarms, outbox

_log = get_logger(__name__)
FILE: Final = "outage.json"
_PAUSE_S: Final = 15.0


@dataclass
class _Told:
    """A trouble of this outage, when it began (Unix time) and which channels took it."""

    reason: Reason
    began: float
    channels: set[str] = field(default_factory=set)


class Outage:
    """`look` while the database cannot be written, `store` once it can."""

    def __init__(self, data_dir: Path, channels: Sequence[Channel], name: str, *, private: bool) -> None:
        self._path = data_dir / FILE
        self._channels = channels
        self._name = name
        self._private = private
        self._file: IO[str] | None = None
        self._told: dict[str, _Told] = {}
        self._not_before: dict[str, float] = {}  # channel -> monotonic

    @property
    def is_on(self) -> bool:
        """Whether there is something to store."""
        return bool(self._told)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another process of this machine has told an outage that it has not stored yet."""
        try:
            return self._file is None and self._path.stat().st_size > len("[]")
        except OSError:
            return False

    async def look(self, found: Sequence[Reason]) -> None:
        """Tell every channel what it has not been told, if this process is the one of its machine that tells."""
        if not self._take_lock():
            return
        for reason in found:
            self._told.setdefault(reason.key, _Told(reason, clock.now().timestamp()))
        for channel in self._channels:
            await self._tell(channel)
        self._write()

    async def _tell(self, channel: Channel) -> None:
        new = [told for told in self._told.values() if channel.name not in told.channels]
        if not new or time.monotonic() < self._not_before.get(channel.name, 0):
            return
        try:
            await post.send(channel.request(self._message(new)), private=self._private)
        except NotDeliveredError as error:
            _log.warning("not_delivered", channel=channel.name, error=error.detail)
            self._not_before[channel.name] = time.monotonic() + max(_PAUSE_S, error.pause_s or 0)
            return
        for told in new:
            told.channels.add(channel.name)

    def _message(self, new: Sequence[_Told]) -> Message:
        sentences = [told.reason.sentence for told in self._told.values()]
        body = {
            "service": "azak",
            "status": "degraded",
            "reasons": sentences,
            "began": [
                {
                    "phase": "began", "code": told.reason.code, "subject": told.reason.subject,
                    "sentence": told.reason.sentence,
                }
                for told in new
            ],
            "ended": [],
            "at": clock.now().isoformat(),
            "from": self._name,
        }  # fmt: skip
        lines = [told.reason.sentence for told in new]
        return Message(_identity(new), "azak needs a look", lines, is_urgent=True, body=body)

    async def store(self, session: Session) -> None:
        """Store what was told; ends are told by the outbox then. Call `forget` after the commit."""
        for told in self._told.values():
            ago_s = max(0.0, clock.now().timestamp() - told.began)
            await alarms.begin(session, [told.reason], ago_s=ago_s)
        names = {channel.name for channel in self._channels}
        await alarms.record(session, [], gone=(), channels=names)
        for row in await alarms.list_open(session):
            known = self._told.get(f"{row.code}:{row.subject}")
            for channel in sorted(known.channels if known else ()):
                await outbox.mark_told(session, channel, [alarms.key_of_begin(row.id)])

    def forget(self) -> None:
        """The outage is stored: empty the file and let go of its lock."""
        self._told, self._not_before = {}, {}
        self._write()
        self.close()

    def close(self) -> None:
        """Let go of the lock: another process goes on with what the file holds."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def resume(self) -> None:
        """At the start of a process: take over an outage whose process ended, if nobody else holds it."""
        if self._path.exists() and self._take_lock() and not self._told:
            self.forget()

    def _take_lock(self) -> bool:
        """Whether this process tells. On a disk that cannot be written every process does."""
        if self._file is not None:
            return True
        try:
            self._path.touch(mode=0o600)
            file = self._path.open("r+")
        except OSError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        self._read()
        return True

    def _read(self) -> None:
        assert self._file is not None
        try:
            rows: list[dict[str, Any]] = json.load(self._file)
            for row in rows:
                reason = Reason(str(row["code"]), str(row["subject"]), str(row["sentence"]))
                self._told.setdefault(reason.key, _Told(reason, float(row["began"]), set(map(str, row["channels"]))))
        except (ValueError, TypeError, KeyError, OSError):  # empty, or half written by a process that was killed
            return

    def _write(self) -> None:
        if self._file is None:
            return
        rows = [
            {
                "code": told.reason.code, "subject": told.reason.subject, "sentence": told.reason.sentence,
                "began": told.began, "channels": sorted(told.channels),
            }
            for told in self._told.values()
        ]  # fmt: skip
        with contextlib.suppress(OSError):
            self._file.seek(0)
            self._file.truncate()
            json.dump(rows, self._file)  # as ASCII: half of a surrogate pair could not be written otherwise
            self._file.flush()


def _identity(new: Sequence[_Told]) -> str:
    """The same in each try of the same troubles, and another with one more: a receiver drops what it knows."""
    named = json.dumps([[told.reason.key, told.began] for told in new])
    return f"outage:{hashlib.sha256(named.encode()).hexdigest()[:32]}"
