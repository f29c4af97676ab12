"""A root folder made by debootstrap with Python, pip and git alone, and commands in it as one of its people.

Each command is a process group of its own, in a mount namespace whose /proc and /dev end with it. The network is this
machine's, and so is the way to the registries: proxies, indexes and certificates in the environment, never pip's cache.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "python3,python3-pip,git"
# Settings of the clients (pip, uv, npm, apt) that a machine needs to reach the registries at all.
_ON_THE_WAY = re.compile(r"(https?|all|no)_proxy|(pip|uv)_.*(index|timeout).*|npm_config_registry", re.IGNORECASE)
_CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_FILES = ("/etc/resolv.conf", "/etc/hosts")
_ENTER = """
mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount --rbind /sys "$1/sys"
folder=$1 person=$2 home=$3 && shift 3
exec chroot --userspec="$person:$person" --groups= "$folder" env -i "HOME=$home" "USER=$person" "LOGNAME=$person" "$@"
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has an account on the machine."""

    name: str

    @property
    def home(self) -> str:
        return "/root" if self.name == "root" else f"/home/{self.name}"

    @property
    def path(self) -> str:
        """PATH as Debian gives it at a first login."""
        places = "/usr/local/bin:/usr/bin:/bin"
        return f"/usr/local/sbin:/usr/sbin:/sbin:{places}" if self.name == "root" else places


class BareMachine:
    """A Debian in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, suite: str, mirror: str | None) -> None:
        """Install the suite ("bookworm") with an account "newcomer". Raises CalledProcessError."""
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(self.folder)]
        subprocess.run([*command, *filter(None, [mirror])], stdout=subprocess.DEVNULL, check=True)
        self.folder.chmod(0o755)
        self._copy(*_FILES, *filter(None, map(os.environ.get, _CERTIFICATES)))
        subprocess.run(["chroot", str(self.folder), "useradd", "-m", "newcomer"], check=True)

    def _copy(self, *files: str) -> None:
        for file in set(files):
            target = self.folder / file.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)

    def clone(self, checkout: Path, person: Person) -> str:
        """Clone what is committed in `checkout` into the person's home by the machine's git; returns the folder."""
        bundle = self.folder / "tmp" / "azak.bundle"
        subprocess.run(["git", "bundle", "create", "--quiet", str(bundle), "HEAD"], cwd=checkout, check=True)
        bundle.chmod(0o644)
        command = "git clone --quiet /tmp/azak.bundle azak"
        with self.start(command, person, person.home, Path(os.devnull)) as cloning:
            code = cloning.wait()
        if code != 0:
            raise RuntimeError(f"'{command}' ended with {code} for {person.name}.")
        return f"{person.home}/azak"

    def start(
        self, command: str, person: Person, folder: str, log: Path, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a line of shell in a folder of the machine; its output goes to `log`."""
        kept = {name: value for name, value in os.environ.items() if _ON_THE_WAY.fullmatch(name)}
        kept |= {name: os.environ[name] for name in _CERTIFICATES if name in os.environ}
        given = kept | {"PATH": person.path} | dict(settings or {})
        enter = ["unshare", "--mount", "sh", "-c", _ENTER, "sh", str(self.folder), person.name, person.home]
        line = ["bash", "-c", f"cd {folder} && {command}"]
        with log.open("wb") as output:
            return subprocess.Popen(
                [*enter, *(f"{name}={value}" for name, value in given.items()), *line],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def processes(self) -> dict[int, str]:
        """Command lines of what runs in the machine, by process id."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "root").readlink() == self.folder:
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it ended, or is a thread of the kernel
        return found

    def megabytes(self, path: str = "/") -> int:
        """What a folder of the machine takes on the disk; 0 when it is not there."""
        command = ["du", "-sxm", str(self.folder / path.lstrip("/"))]
        printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return int(printed.split()[0]) if printed else 0
