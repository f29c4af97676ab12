"""Azak's processes over their own cables to the database, and what reads the log of one of them through a pipe."""

import subprocess
import sys
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.fleet import Fleet, Member
from tests.chaos.proxy import Cable
from tests.chaos.wide.ground import Ground
from tests.fixtures.database import free_port

ROLES: Final = ("scheduler", "scheduler", "worker", "api")
MODULE: Final = "tests.chaos.wide.process"


@dataclass
class Reader:
    """Whoever reads a process's standard output, as a supervisor does."""

    process: "subprocess.Popen[bytes]"
    of: int = field(default=0)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


class WideFleet(Fleet):
    """Azak's processes. Schedulers and API log into files, a worker into a pipe. `module` runs a role."""

    def __init__(
        self, ground: Ground, cables: list[Cable], roles: tuple[str, ...] = ROLES, module: str = MODULE
    ) -> None:
        self._ground = ground
        self._cables = dict(zip((f"{role}-{n}" for n, role in enumerate(roles)), cables, strict=True))
        self._module = module
        self.ports = {name: free_port() for name in self._cables}
        self.reader: Reader | None = None
        super().__init__(ground.world, roles)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port_of('api')}"

    def _port_of(self, role: str) -> int:
        """The port of the first of a role, which the others ask."""
        return next(port for name, port in self.ports.items() if name.startswith(role))

    def cable_of(self, member: Member) -> Cable:
        return self._cables[member.name]

    def _spawn(self, name: str, role: str) -> "subprocess.Popen[bytes]":
        environment = self._environment(name, role)
        with (self._world.home / f"{name}.log").open("ab") as log:
            output = log if role != "worker" else subprocess.PIPE
            process = subprocess.Popen(
                [sys.executable, "-m", self._module, role], env=environment,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            if process.stdout is not None:
                self._read(process, log.fileno())
        return process

    def _read(self, process: "subprocess.Popen[bytes]", into: int) -> None:
        if self.reader is not None:
            self.reader.end()
        assert process.stdout is not None
        self.reader = Reader(subprocess.Popen(["cat"], stdin=process.stdout, stdout=into))
        process.stdout.close()

    def _environment(self, name: str, role: str) -> dict[str, str]:
        port = self._world.settings.database.port
        own = {
            "AZAK_DATA_DIR": str(self._ground.azak_disk.path),
            "AZAK_DATABASE_URL": self._world.url.replace(f":{port}/", f":{self._cables[name].port}/"),
            "CHAOS_ACTS_URL": self._world.url,
            "AZAK_SCHEDULER_PORT": str(self.ports[name] if role == "scheduler" else self._port_of("scheduler")),
            "AZAK_API_PORT": str(self._port_of("api")),
            "AZAK_API_INSTANCES": "1",
        }
        if role != "worker":
            own["AZAK_LOG_FILE"] = str(self._ground.azak_disk.path / "logs" / f"{name}.jsonl")
        return {**self._ground.environment, **own}

    def stop(self, within_s: float = 30) -> None:
        super().stop(within_s)
        if self.reader is not None:
            self.reader.end()
