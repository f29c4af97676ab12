"""The model process: `python -m backend.models.process.main FD PARENT`, started by backend.models.process.child only.

The only process that loads torch. Its first thread reads frames and answers pings at once; a second
one imports and loads the models and then runs one operation at a time, so a load is never raced and a
busy model still answers. It ends with its parent: the kernel kills it, and so does the end of the
socket. Settings: AZAK_MODELS_NICENESS, and those of the embedder.
"""

import contextvars
import ctypes
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from backend.config import GeneralSettings, ModelSettings
from backend.errors import AzakError
from backend.log import get_logger, log_as
from backend.models.encoder.engine import choose_engine, embedder_name
from backend.models.process import frames
from backend.models.process.child import READY_ID
from backend.priority import lower_priority

_log = get_logger(__name__)
_PR_SET_PDEATHSIG = 1
_ENGINE_MODULES = {"torch": "backend.models.encoder.embedder", "light": "backend.models.encoder.light_embedder"}


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when the thread that made it ends (Linux; elsewhere the socket tells)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        sys.exit("the scheduler that started this model process is gone")


def bound_memory(limit_mb: int) -> None:
    """A call that wants more fails with MemoryError; if the machine is short of memory, this process goes first.

    RLIMIT_DATA counts what is private and writable: not the address space, of which torch reserves a multiple.
    """
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (limit_mb * 2**20, resource.RLIM_INFINITY))
        Path("/proc/self/oom_score_adj").write_text("500")


class Server:
    """Serves one connection until its other end closes."""

    def __init__(self, connection: socket.socket, general: GeneralSettings, models: ModelSettings) -> None:
        self._connection = connection
        self._general, self._models = general, models
        self._sending = threading.Lock()
        self._requests: queue.SimpleQueue[frames.Message] = queue.SimpleQueue()
        self._forgotten: set[int] = set()

    def serve(self) -> None:
        context = contextvars.copy_context()  # of the log lines: a thread begins without one
        threading.Thread(target=context.run, args=(self._work,), name="models", daemon=True).start()
        with self._connection.makefile("rb") as stream:
            while (request := frames.read(stream)) is not None:
                self._receive(request)

    def _receive(self, request: frames.Message) -> None:
        if request["operation"] == "ping":
            self._send({"id": request["id"], "result": {}})
        elif request["operation"] == "forget":
            self._forgotten.add(request["id"])
        else:
            self._requests.put(request)

    def _send(self, message: frames.Message) -> None:
        with self._sending:
            self._connection.sendall(frames.pack(message))

    def _work(self) -> None:
        try:
            operations = self._load()
        except Exception as error:  # noqa: BLE001  (the edge of the process: the parent must hear every reason)
            _log.exception("models_not_loaded")
            self._send({"id": READY_ID, "error": _sentence("The models could not be loaded", error)})
            os._exit(1)
        while True:
            request = self._requests.get()
            if request["id"] not in self._forgotten:
                with structlog.contextvars.bound_contextvars(**request.get("trace", {})):
                    self._send(_run(operations, request))
            self._forgotten.discard(request["id"])

    def _load(self) -> dict[str, Any]:
        # Imported here and by name: only one engine may be installed, torch and transformers take 10 s to
        # import, and this process must answer pings, be nice and die with its parent from its first moment.
        started = time.monotonic()
        engine = choose_engine(self._models)
        embedder = import_module(_ENGINE_MODULES[engine]).load_embedder(self._models, self._general.data_dir)
        operations: dict[str, Any] = import_module("backend.models.process.operations").build_operations(embedder)
        about = {
            "engine": engine,
            "embedder": embedder_name(self._models),
            "dimension": embedder.dimension,
            "load_s": round(time.monotonic() - started, 1),
        }
        self._send({"id": READY_ID, "result": about})
        return operations


def _run(operations: dict[str, Any], request: frames.Message) -> frames.Message:
    operation, identity = request["operation"], request["id"]
    if operation not in operations:
        return {"id": identity, "error": f"The model process has no operation '{operation}'; restart the scheduler."}
    started = time.monotonic()
    try:
        result = operations[operation](request["payload"])
    except Exception as error:  # noqa: BLE001  (the edge of the process: one bad call must not end it)
        _log.exception("operation_failed", operation=operation)
        return {"id": identity, "error": _sentence(f"The operation '{operation}' failed", error)}
    _log.info("operation_ended", operation=operation, seconds=round(time.monotonic() - started, 3))
    return {"id": identity, "result": result}


def _sentence(what: str, error: Exception) -> str:
    if isinstance(error, AzakError):
        return f"{what}: {error.detail}"
    return f"{what} ({type(error).__name__}: {error}); see the scheduler's log."


def main() -> None:
    descriptor, parent = int(sys.argv[1]), int(sys.argv[2])
    die_with(parent)
    general, models = GeneralSettings(), ModelSettings()
    bound_memory(models.memory_mb)
    lower_priority(models.niceness)
    log_as("models", general, part="models")
    Server(socket.socket(fileno=descriptor), general, models).serve()
    os._exit(0)  # the other thread may be deep in C code, which an orderly exit would wait for


if __name__ == "__main__":
    main()
