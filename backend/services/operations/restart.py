"""The command that starts the scheduler again: it depends on what started this process."""

import os
from typing import Final

# `azak up` sets it for its processes to its own command line; PM2 numbers its processes in pm_id.
SUPERVISED_BY: Final = "SUPERVISED_BY"
_OF_PM2: Final = "pm_id"


def restart_command() -> str:
    """A shell command for the machine of this process."""
    if supervisor := os.environ.get(SUPERVISED_BY):
        return f"{supervisor.replace('azak up', 'azak stop', 1)} && {supervisor}"
    return "npx pm2 restart azak-scheduler" if _OF_PM2 in os.environ else "azak scheduler"
