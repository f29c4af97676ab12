"""A process whose event loop stands still ends by itself and says where it stood; one that works goes on."""

import subprocess
import sys

PROGRAM = """
import asyncio, time
from backend.loops.watch import watch_loop

async def main():
    async with watch_loop(2.0):
        for _ in range(10):
            await asyncio.sleep(0.3)
        print("worked", flush=True)
        {then}

def stand_still():
    time.sleep(60)

asyncio.run(main())
"""


def run(then: str) -> "subprocess.CompletedProcess[str]":
    program = PROGRAM.format(then=then)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


def test_a_blocked_loop_ends_its_process_with_the_stack_that_blocks() -> None:
    done = run("stand_still()")
    assert (done.returncode, done.stdout) == (1, "worked\n")
    assert "in stand_still" in done.stderr


def test_a_loop_that_turns_is_left_alone_and_so_is_the_time_after() -> None:
    done = run("pass")
    assert (done.returncode, done.stdout, done.stderr) == (0, "worked\n", "")
