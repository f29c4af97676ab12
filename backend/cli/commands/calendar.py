"""`azak calendar`: list, set and remove special days of the exchange (ad-hoc closures, unusual hours)."""

from typing import Annotated

import typer

from backend.cli.client import open_client, path_of, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_json, print_rows, say

calendar = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Ad-hoc closures and unusual hours."
)
Day = Annotated[str, typer.Argument(help="The day, for example 2027-03-03.")]


@calendar.command("list")
def list_days(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Every special day."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/calendar")
    if json:
        print_json(found)
        return
    columns = {"trade_date": "day", "opens_at": "opens (KST)", "closes_at": "closes (KST)", "reason": "reason"}
    print_rows(found["items"], columns, empty="No special day: holidays and exam days are known without one.")


@calendar.command("set")
def set_day(
    day: Day,
    reason: Annotated[str, typer.Argument(help="Why, for example 보궐선거.")],
    hours: Annotated[str | None, typer.Option(help="HH:MM-HH:MM in Seoul; left out: closed.")] = None,
    demo: DemoOption = False,
) -> None:
    """Close the exchange on a day, or give its hours."""
    opens_at, _, closes_at = (hours or "").partition("-")
    body = {"reason": reason, "opens_at": opens_at or None, "closes_at": closes_at or None}
    with open_client(open_settings(demo)) as client:
        request(client, "PUT", path_of("calendar", day), json=body)
    say(f"{day}: {hours or 'closed'} ({reason})")


@calendar.command("remove")
def remove_day(day: Day, demo: DemoOption = False) -> None:
    """Back to the usual rules on a day."""
    with open_client(open_settings(demo)) as client:
        request(client, "DELETE", path_of("calendar", day))
    say(f"{day}: as usual")
