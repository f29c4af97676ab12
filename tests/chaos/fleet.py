"""The processes under test: started, killed, frozen, and started again when they are gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.world import World

ROLES = ("scheduler", "scheduler", "worker", "worker", "worker")


@dataclass
class Member:
    """One place of the fleet; its process changes, its name stays."""

    name: str
    role: str
    process: "subprocess.Popen[bytes]"
    frozen: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Only to a process that we started and that is still ours to reap."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def model_pid(self) -> int | None:
        """Its model process, if it has one."""
        with suppress(OSError):
            for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
                if b"backend.models.process.main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None


class Fleet:
    """Two schedulers (one of them standing by) and three workers."""

    def __init__(
        self, world: World, roles: tuple[str, ...] = ROLES, environments: Sequence[Mapping[str, str]] = ()
    ) -> None:
        self._world = world
        # What a place has of its own, such as its own way to the database.
        self._own = {f"{role}-{n}": own for n, (role, own) in enumerate(zip(roles, environments, strict=False))}
        self.exits: list[tuple[str, int]] = []
        self.members = [Member(f"{role}-{n}", role, self._spawn(f"{role}-{n}", role)) for n, role in enumerate(roles)]

    def _spawn(self, name: str, role: str) -> "subprocess.Popen[bytes]":
        with (self._world.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.process", role],
                env={**self._world.environment, **self._own.get(name, {})}, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def revive(self) -> None:
        """Start again what has ended, as PM2 does."""
        for member in self.members:
            if member.process.poll() is not None:
                self.revive_one(member)

    def revive_one(self, member: Member) -> None:
        self.exits.append((member.name, member.process.returncode))
        member.process, member.frozen = self._spawn(member.name, member.role), False

    def thaw(self, member: Member) -> None:
        member.frozen = False
        member.signal(signal.SIGCONT)

    def stop(self, within_s: float = 20) -> None:
        """End every process: gently, and by SIGKILL to its pid if it does not follow."""
        for member in self.members:
            self.thaw(member)
            member.signal(signal.SIGTERM)
        for member in self.members:
            try:
                member.process.wait(within_s)
            except subprocess.TimeoutExpired:
                os.kill(member.pid, signal.SIGABRT)  # its code then says that it had to be ended
                member.process.wait(10)
            self.exits.append((member.name, member.process.returncode))
