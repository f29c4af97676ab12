"""`azak stop`: ends the `azak up` of this data directory, as Ctrl-C does in its terminal."""

import typer

from backend.cli.environment import DemoOption, open_settings
from backend.cli.output import say
from backend.cli.start.running import stop_running
from backend.cli.start.services import API_STOP_S, DATABASE_STOP_S, STANDIN_STOP_S, scheduler_stop_s

stop = typer.Typer(add_completion=False, rich_markup_mode=None)


@stop.command()
def end(demo: DemoOption = False) -> None:
    """End the running 'azak up' of this data directory and wait for its end."""
    settings = open_settings(demo)
    within_s = settings.api.instances * API_STOP_S + scheduler_stop_s(settings) + STANDIN_STOP_S + DATABASE_STOP_S
    if stop_running(settings.data_dir, within_s):
        say("'azak up' has ended.")
    else:
        other = "PM2: 'npx pm2 stop all'" if demo else "the demo: 'azak stop --demo', under PM2: 'npx pm2 stop all'"
        say(f"No 'azak up' runs in {settings.data_dir}; {other}.")
