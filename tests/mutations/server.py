"""A PostgreSQL server with the template, in a process of its own: `python -m tests.mutations.server`.

It prints its URL, and ends when its standard input does. The runner starts it so, because a process that imports the
backend itself cannot fork one that imports a broken backend.
"""

import shutil
import sys

from tests.fixtures.database import build_template, new_server_home, running_server


def main() -> None:
    home = new_server_home("azak-mutations-")
    try:
        with running_server(home) as url:
            build_template(url)
            sys.stdout.write(url + "\n")
            sys.stdout.flush()
            sys.stdin.read()
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
