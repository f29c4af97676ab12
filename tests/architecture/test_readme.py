"""README's commands are what the checks of this repository run."""

import pytest

from tests.bare.readme import ROOT, readme_commands


def test_the_check_of_a_submission_is_the_second_command() -> None:
    commands = readme_commands((ROOT / "README.md").read_text())
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last.replace(" --frozen", "") == commands.tests
    assert commands.demo.endswith(" up --demo")


@pytest.mark.parametrize(
    "text", ["# azak\n", "## Two commands\n\nNone.\n\n## The pages\n", "## Two commands\n\n```\na\nb\nc\n```\n"]
)
def test_a_text_without_two_commands_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Two commands"):
        readme_commands(text)
