"""Handle of the model subprocess in its parent: start it, call it, kill it.

Requests carry an id, so that the late reply to a caller who gave up is dropped instead of being
taken for the answer to the next one.
"""

import asyncio
import itertools
import os
import socket
import sys
from typing import Any

import structlog

from backend.config import Settings
from backend.errors import ModelProcessError
from backend.models.process import frames

READY_ID = 0  # the message the child sends unasked, once its weights are loaded


def _environment(settings: Settings) -> dict[str, str]:
    """What the child needs to know, whatever these settings were made from."""
    groups = {"AZAK_MODELS_": settings.models, "AZAK_": settings.general}
    given = {
        f"{prefix}{name.upper()}": str(value)
        for prefix, group in groups.items() for name, value in group.model_dump().items() if value is not None
    }  # fmt: skip
    # Waiting threads sleep instead of spinning: 2 threads beside 2 busy processes embed 27/s, not 9/s (measured).
    # OpenBLAS (numpy, scipy) has threads of its own, and ours are small matrices: a regression on 2,000 rows takes
    # 0.2 s of CPU with two of them and 0.01 s with one, 20,000 rows 0.22 and 0.05 (measured, all cores busy).
    threads = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **threads, **given}


def _trace() -> dict[str, str]:
    """The ids of the request and run that ask: the child's lines carry them, too."""
    bound = structlog.contextvars.get_contextvars()
    return {name: str(bound[name]) for name in ("request_id", "run_id", "job") if bound.get(name)}


class Child:
    """A running child. `ready` completes with what it says about itself, or fails with the reason.

    `ended` completes when it can serve no more calls, and always before the callers hear of it.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.process = process
        self.ready: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer = writer
        self._ids = itertools.count(READY_ID + 1)
        self._pending: dict[int, asyncio.Future[Any]] = {READY_ID: self.ready}
        self._reading = asyncio.create_task(self._read(reader))

    @classmethod
    async def spawn(cls, settings: Settings) -> "Child":
        """Start the child from this thread: the kernel kills it when the thread that made it ends."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "backend.models.process.main", str(theirs.fileno()), str(os.getpid()),
                    stdin=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()], env=_environment(settings),
                    start_new_session=True,  # else its niceness is the scheduler's (backend.priority)
                )  # fmt: skip
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            ours.close()  # a child that was started after all ends with it
            raise
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def request(self, operation: str, payload: Any) -> Any:
        """The result of one operation; raises ModelProcessError if it fails or the child dies."""
        identity = next(self._ids)
        reply = self._pending[identity] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(
                frames.pack({"id": identity, "operation": operation, "payload": payload, "trace": _trace()})
            )
            await self._writer.drain()
            return await reply
        except ConnectionError as error:
            raise ModelProcessError("The model process died; the call can be tried again.") from error
        except asyncio.CancelledError:
            if not self._writer.is_closing():
                self._writer.write(frames.pack({"id": identity, "operation": "forget"}))
            raise
        finally:
            self._pending.pop(identity, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                (length,) = frames.HEADER.unpack(await reader.readexactly(frames.HEADER.size))
                self._receive(frames.parse(await reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            self._end("The model process died; the call can be tried again.")

    def _receive(self, message: frames.Message) -> None:
        future = self._pending.pop(message["id"], None)
        if future is None or future.done():
            return
        if "error" in message:
            _fail(future, message["error"])
        else:
            future.set_result(message["result"])

    def _end(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        for future in self._pending.values():
            if not future.done():
                _fail(future, reason)

    async def kill(self, reason: str = "The model process was stopped.") -> None:
        """End the child at once and fail its callers with `reason`; it holds nothing worth saving."""
        self._end(reason)
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        self._reading.cancel()
        self._writer.close()
        await asyncio.gather(self._reading, self._writer.wait_closed(), return_exceptions=True)


def _fail(future: asyncio.Future[Any], reason: str) -> None:
    future.set_exception(ModelProcessError(reason))
    future.exception()  # read here: nobody may be waiting, which asyncio would report as an error
