"""`azak models`: list the models that are compared, show one, add and retire one, put one back."""

from typing import Annotated, Any, Final

import typer

from backend.cli.client import open_client, path_of, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json, print_rows, say
from backend.cli.waiting import parse_object, require_success, wait_for_run

models = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Models that predict.")
Name = Annotated[str, typer.Argument(help="Name of the model, as in 'azak models list'.")]
_COLUMNS: Final = {
    "name": "model",
    "kind": "kind",
    "state": "state",
    "is_shown": "shown",
    "held_version": "put back to",
    "added_at": "added",
}
_VERSIONS: Final = {
    "id": "version", "version": "name", "trained_from": "trained from", "trained_to": "to", "created_at": "made",
}  # fmt: skip


@models.command("list")
def list_models(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Every model; the one that is shown is what people see."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/models")
    if json:
        print_json(found)
        return
    print_rows([_line(row) for row in found["items"]], _COLUMNS, empty="There is no model yet: run 'azak up'.")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    state = "active" if row["is_active"] else "not active"
    return row | {"state": state, "is_shown": "shown" if row["is_shown"] else None}


@models.command()
def show(name: Name, demo: DemoOption = False, json: JsonOption = False) -> None:
    """A model and its trained versions, the newest first."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", path_of("models", name))
    if json:
        print_json(found)
        return
    print_fields(_line(found["model"]))
    print_rows(found["versions"], _VERSIONS, empty="It is not trained yet; run 'azak jobs run train_models --wait'.")


@models.command()
def add(
    name: Annotated[str, typer.Argument(help="A new name, for example knn-wide.")],
    kind: Annotated[str, typer.Option(help="How it predicts: knn, price, ... (docs/methods.md).")],
    parameters: Annotated[str, typer.Option(help="As JSON, for example '{\"k\": 200}'.")] = "{}",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is trained; exit code 1 if that fails.")] = False,
    demo: DemoOption = False,
) -> None:
    """Add a model: it is trained, fills in the last trading days, and then predicts with the others."""
    body = {"name": name, "kind": kind, "parameters": parse_object(parameters, "--parameters", '{"k": 200}')}
    with open_client(open_settings(demo)) as client:
        run = request(client, "POST", "/api/models", json=body)
        if wait:
            run = wait_for_run(client, run)
    say(f"{run['kind']} {run['state']}: azak runs show {run['id']}")
    if wait:
        require_success(run)


@models.command()
def retire(name: Name, demo: DemoOption = False) -> None:
    """Stop training and predicting with a model; its record stays."""
    with open_client(open_settings(demo)) as client:
        request(client, "DELETE", path_of("models", name))
    say(f"{name} is retired.")


@models.command()
def rollback(
    name: Name,
    to: Annotated[
        str, typer.Option(help="Name of the version, as in 'azak models show'; the one before if none.")
    ] = "",
    demo: DemoOption = False,
) -> None:
    """Let an earlier version predict from the next round on, until 'azak models release'."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "POST", f"{path_of('models', name)}/rollback", json={"version": to or None})
    say(f"{name} is put back to {found['model']['held_version']}; 'azak models release {name}' ends that.")


@models.command()
def release(name: Name, demo: DemoOption = False) -> None:
    """Let the newest version of a model predict again."""
    with open_client(open_settings(demo)) as client:
        request(client, "DELETE", f"{path_of('models', name)}/rollback")
    say(f"The newest version of {name} predicts again.")
