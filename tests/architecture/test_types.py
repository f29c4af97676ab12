"""Types are strict here and for the program that uses the generated client."""

from pathlib import Path

from tests.architecture.commands import module
from tests.fixtures.typed_client import EXAMPLE


def test_types_are_strict() -> None:
    module("mypy")


def test_the_example_fits_the_client_that_is_made_of_the_openapi_page(typed_client: Path) -> None:
    module("mypy", "--strict", "--follow-imports=silent", str(EXAMPLE), MYPYPATH=str(typed_client))
