"""Style, layers and the lock file are checked by the one test command."""

import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from tests.architecture.commands import ROOT, module, run

PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def test_ruff_finds_nothing() -> None:
    module("ruff", "check", "--quiet")


def test_every_file_is_formatted() -> None:
    module("ruff", "format", "--check", "--quiet")


def test_layers_hold() -> None:
    run(str(Path(sys.executable).with_name("lint-imports")))


def test_the_lock_file_names_public_hosts_only() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    hosts = {"pypi.org"}
    for package in lock["package"]:
        source = package["source"]
        assert source.keys() <= {"registry", "editable", "virtual"}, package["name"]
        assert source.get("editable", ".") == "."
        hosts |= {urlsplit(source["registry"]).netloc} if "registry" in source else set()
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        hosts |= {urlsplit(file["url"]).netloc for file in files}
    assert hosts == PUBLIC_HOSTS
