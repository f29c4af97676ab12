"""A transaction pooler before the database: pgbouncer of the system, run for one test (`--pooler`)."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.chaos.world import World, die_with_parent
from tests.fixtures.database import free_port, wait_until_ready

_INI = """
[databases]
azak = host=127.0.0.1 port={port} dbname=azak
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
server_login_retry = 1
user = nobody
"""


@contextmanager
def pooled(world: World) -> Iterator[None]:
    """While the block runs, the processes of `world` reach the database through pgbouncer, and directly for LISTEN."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        raise SystemExit("--pooler needs pgbouncer: apt-get install pgbouncer")
    url, listen = urlsplit(world.url), free_port()
    users, ini = world.home / "users.txt", world.home / "pgbouncer.ini"
    users.write_text(f'"{url.username}" "{url.password}"\n')
    ini.write_text(_INI.format(port=url.port, listen=listen, users=users))
    for path in (users, ini):
        path.chmod(0o644)
    through = world.url.replace(f":{url.port}/", f":{listen}/")
    with (world.home / "pgbouncer.log").open("ab") as log:
        pooler = subprocess.Popen([program, str(ini)], stdout=log, stderr=log, preexec_fn=die_with_parent)  # noqa: PLW1509
    try:
        wait_until_ready(through, pooler)
        world.environment |= {
            "AZAK_DATABASE_URL": through, "AZAK_DATABASE_POOLER": "true", "AZAK_DATABASE_DIRECT_URL": world.url,
        }  # fmt: skip
        yield
    finally:
        pooler.terminate()
        pooler.wait(10)
