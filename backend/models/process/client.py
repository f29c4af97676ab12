"""Client of the model process: starts it, restarts it when it dies or hangs, and runs one call at a time.

Loads no torch, transformers or numpy. Calls run in the order asked; a call that takes
too long, a silent child or a dead one costs that call and a restart, never the scheduler. Settings:
AZAK_MODELS_CALL_TIMEOUT_S, AZAK_MODELS_START_TIMEOUT_S, AZAK_MODELS_BATCH_SIZE.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from backend import clock, codec
from backend.config import Settings
from backend.domain.forecasts import Forecast, PredictionItem, TrainedModel
from backend.errors import ModelProcessError
from backend.log import get_logger
from backend.loops.registry import NOBODY, Loops
from backend.models.encoder.engine import embedder_name
from backend.models.process.child import Child

_log = get_logger(__name__)
_FIRST_BACKOFF_S, _LAST_BACKOFF_S = 0.5, 30.0
LOOP = "model process"  # name of its loop
_RECENT_S = 600.0
_REMEMBERED_RESTARTS = 100
_BATCHES_A_CALL = 4  # long lists are cut, so that other callers get their turn in between


class ModelClient:
    """`ping_s` and `silence_s`: how often an idle child is asked, and how long it may owe the answer."""

    def __init__(self, settings: Settings, *, ping_s: float = 5, silence_s: float = 30, loops: Loops = NOBODY) -> None:
        self._settings = settings
        self._ping_s, self._silence_s = ping_s, silence_s
        self.embedder_name = embedder_name(settings.models)
        self._turn = asyncio.Lock()
        self._child: Child | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[Child] | None = None
        self._about: dict[str, Any] = {}
        self._restarts = 0
        self._restarts_since_ready = 0
        self._restarted: deque[float] = deque(maxlen=_REMEMBERED_RESTARTS)  # monotonic
        self._not_ready_since: datetime | None = clock.now()
        self._loops = loops
        self._enter("stopped")

    def _enter(self, state: str, error: str | None = None) -> None:
        """A new state. Only readiness ends the time without models: a restart does not begin it anew."""
        self._state, self._since, self._error = state, clock.now(), error
        if state == "ready":
            self._not_ready_since, self._restarts_since_ready = None, 0
        elif self._not_ready_since is None:
            self._not_ready_since = self._since

    async def start(self) -> None:
        """Start the child and return at once; it loads its weights meanwhile. Call from the main thread."""
        if self._supervisor is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._not_ready_since = None  # a standby had none
            self._enter("loading")
            self._supervisor = asyncio.create_task(self._supervise())
            self._loops.tend(LOOP, self._supervisor)

    async def wait_ready(self) -> None:
        """Return when the weights are loaded; raises ModelProcessError if that failed or takes too long."""
        await self._ready_child()

    async def stop(self) -> None:
        """Kill the child; calls under way and calls to come fail with ModelProcessError."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._refuse_waiting("The model process was stopped.")
            self._supervisor = self._ready = None
            self._loops.release(LOOP)
            self._enter("stopped")

    def state(self) -> dict[str, Any]:
        """What health reports show; `error` is why the last child ended."""
        return {
            "state": self._state,
            "engine": self._about.get("engine"),
            "embedder": self.embedder_name,
            "pid": self._child.pid if self._child else None,
            "rss_mb": _resident_mb(self._child.pid) if self._child else None,
            "restarts": self._restarts,
            "recent_restarts": self._recent_restarts(),
            "restarts_since_ready": self._restarts_since_ready,
            "since": self._since.isoformat(),
            "not_ready_since": self._not_ready_since and self._not_ready_since.isoformat(),
            "error": self._error,
        }

    def _recent_restarts(self) -> int:
        return sum(at > time.monotonic() - _RECENT_S for at in self._restarted)

    async def call(self, operation: str, payload: dict[str, Any], *, timeout_s: float | None = None) -> Any:
        """Run a named operation of backend.models.process.operations; JSON both ways.

        `timeout_s` counts from this call's turn. Raises ModelProcessError: dead, hung (then killed) or refused.
        """
        limit_s = self._settings.models.call_timeout_s if timeout_s is None else timeout_s
        async with self._turn:
            child = await self._ready_child()
            try:
                async with asyncio.timeout(limit_s):
                    return await child.request(operation, payload)
            except TimeoutError as error:
                reason = (
                    f"The model process did not finish '{operation}' within {limit_s:g} s and was killed; "
                    "ask for less at once or raise AZAK_MODELS_CALL_TIMEOUT_S."
                )
                await child.kill(reason)
                raise ModelProcessError(reason) from error

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors, one a text."""
        size = self._settings.models.batch_size * _BATCHES_A_CALL
        vectors: list[list[float]] = []
        for start in range(0, len(texts), size):
            result = await self.call("embed", {"texts": list(texts[start : start + size])})
            vectors += codec.decode_vectors(result)
        return vectors

    async def predict(
        self, models: Sequence[TrainedModel], items: Sequence[PredictionItem]
    ) -> tuple[list[Forecast], dict[str, str]]:
        """Of each item one forecast a model, and by name why models were set aside, which have none."""
        payload = {"models": codec.dump(TrainedModel, models), "items": codec.dump(PredictionItem, items)}
        result = await self.call("predict", payload)
        return codec.load(Forecast, result["forecasts"]), result["failed"]

    async def train(self, payload: dict[str, Any]) -> tuple[list[TrainedModel], dict[str, str]]:
        """Model versions fitted on `payload` (see backend.models.predictor.training), and who failed and why."""
        result = await self.call("train", payload)
        return codec.load(TrainedModel, result["models"]), result["failed"]

    async def _ready_child(self) -> Child:
        if self._ready is None:
            raise ModelProcessError("The model process is not running; start the scheduler.")
        limit_s = self._settings.models.start_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                # Shielded: one caller who gives up must not take the future from the others.
                return await asyncio.shield(self._ready)
        except TimeoutError as error:
            raise ModelProcessError(
                f"The model process was not ready within {limit_s:g} s; see the scheduler's log "
                "or raise AZAK_MODELS_START_TIMEOUT_S.",
            ) from error

    async def _supervise(self) -> None:
        backoff_s = _FIRST_BACKOFF_S
        while True:
            was_ready, reason = await self._live()
            _log.warning("model_process_ended", reason=reason, restarts=self._restarts)
            self._restarts += 1
            self._restarts_since_ready += 1
            self._restarted.append(time.monotonic())
            self._enter("restarting", reason)
            if was_ready:
                backoff_s = _FIRST_BACKOFF_S
            else:
                self._refuse_waiting(reason)
                backoff_s = min(_LAST_BACKOFF_S, backoff_s * 2)
            await asyncio.sleep(backoff_s)

    async def _live(self) -> tuple[bool, str]:
        """Start a child and watch it until it ends: whether it got ready, and why it ended."""
        try:
            child = self._child = await Child.spawn(self._settings)
        except OSError as error:
            return False, f"The model process cannot be started ({error}); free memory or processes on this machine."
        was_ready, reason = False, "The model process was stopped."
        try:
            async with asyncio.timeout(self._settings.models.start_timeout_s):
                self._about = await child.ready
            self._enter("ready")
            _log.info("model_process_ready", pid=child.pid, **self._about)
            self._offer(child)
            was_ready = True
            reason = await self._watch(child)
        except ModelProcessError as error:
            reason = error.detail
        except TimeoutError:
            reason = "The model process did not load its weights in time; raise AZAK_MODELS_START_TIMEOUT_S."
        finally:
            # Expected until the next one is ready: health names a frozen one from its silence to its successor.
            self._loops.find(LOOP).fail(reason)
            await child.kill(reason)
            self._child = None
        return was_ready, reason

    async def _watch(self, child: Child) -> str:
        """Ping the child; returns why it must go. One that is silent over a call has that call's time."""
        loop = self._loops.expect(LOOP)
        while True:
            try:
                async with asyncio.timeout(self._ping_s):
                    await asyncio.shield(child.ended)
            except TimeoutError:
                pass
            else:
                return "The model process died; the call can be tried again."
            try:
                async with asyncio.timeout(self._silence_s):
                    await child.request("ping", None)
                loop.turn()
            except TimeoutError:
                loop.fail("it does not answer")
                if not self._turn.locked():
                    return f"The model process was silent for {self._silence_s:g} s and was killed."

    def _offer(self, child: Child) -> None:
        """Let calls use the child until it ends; later ones wait for the next child."""
        assert self._ready is not None
        self._ready.set_result(child)
        child.ended.add_done_callback(lambda _: self._withdraw())

    def _withdraw(self) -> None:
        if self._ready is not None:
            self._ready = asyncio.get_running_loop().create_future()

    def _refuse_waiting(self, reason: str) -> None:
        """Fail the callers that wait for a child that could not be loaded; later ones wait for the next."""
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ModelProcessError(reason))
            self._ready.exception()  # read here: nobody may be waiting
            self._withdraw()


def _resident_mb(pid: int) -> int | None:
    """Resident memory of a process; None where there is no /proc."""
    statm = Path(f"/proc/{pid}/statm")
    if not statm.exists():
        return None
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20
