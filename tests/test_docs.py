"""The documentation agrees with the program: commands, options, exit codes, and the README's promises."""

import re
from pathlib import Path

import pytest
import typer

from planner.cli.app import app
from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlanError, PlannerError

ROOT = Path(__file__).resolve().parent.parent
CLI_PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
GROUP = typer.main.get_command(app)
COMMANDS = GROUP.commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name):
    """Each command has its section in docs/cli.md, and each of its options is named there."""
    assert re.search(rf"^## `planner {name}\b", CLI_PAGE, flags=re.MULTILINE), name
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option.startswith("-"):
                assert f"`{option}" in CLI_PAGE, f"{name} {option}"


def test_documented_commands_and_options_exist():
    """docs/cli.md and README name no command and no option that does not exist."""
    options = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
    known = options | {"--help", "-h", "--version"}
    for text in (CLI_PAGE, README):
        for line in re.findall(r"^(?:\$ |\| `)(planner .*)$", text, flags=re.MULTILINE):
            words = re.split(r"\s{2,}#|\s{3,}|[`|]", line)[0].split()
            assert words[1] in COMMANDS or words[1] in known, line
            assert {word for word in words if word.startswith("--")} <= known, line
        assert set(re.findall(r"`(--[a-z-]+)", text)) <= known


def test_exit_codes_are_those_of_the_errors():
    """The table of exit codes has the code of every error, and no code twice."""
    codes = [int(code) for code in re.findall(r"^\| (\d) \|", CLI_PAGE, flags=re.MULTILINE)]
    assert codes == [0, 1, 2, 3, 4, 5]
    fixed = {PlannerError: 1, CaseError: 2, InfeasibleError: 3, NoPlanError: 5, AuditError: 1, PlanError: 1}
    assert {error: error.exit_code for error in fixed} == fixed


def test_readme_commands_exist():
    """The make targets that README and CONTRIBUTING name exist."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\$ make (\w+)$", README, flags=re.MULTILINE))
    assert targets == {"plan", "test"}
    for target in targets | set(re.findall(r"`make (\w+)`", contributing)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_checks_run_the_readme_commands():
    """.ci/run calls the two commands of README as a newcomer does."""
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = re.findall(r"^\$ make (\w+)$", README, flags=re.MULTILINE)
    assert targets
    for target in targets:
        assert f"make {target}" in steps


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CITATION.cff"], ids=lambda page: page.name)
def test_the_data_is_credited(page):
    """Who made the data is named, with the licence and the address."""
    text = page.read_text(encoding="utf-8")
    assert "Epoch AI" in text
    assert "Frontier Data Centers" in text
    assert "epoch.ai/data/data-centers" in text
    assert re.search(r"CC[ -]BY[ -]4\.0", text)
