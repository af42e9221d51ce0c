"""The pages that are made from the code, those of the model file and of the commands, are up to date and whole."""

import json
import re

import typer

from planner.cli.app import app
from tests.documents import command_page, model_page
from tests.documents.session import ROOT

SCHEMA = json.loads((ROOT / "models" / "schema.json").read_text(encoding="utf-8"))


def test_the_page_of_the_model_file_is_up_to_date():
    """`make tables` writes the page anew; a change of a key is a change of the page."""
    assert model_page.PAGE.read_text(encoding="utf-8") == model_page.page()


def test_the_page_of_the_commands_is_up_to_date():
    """`make tables` writes the page anew; a change of a command is a change of the page."""
    assert command_page.PAGE.read_text(encoding="utf-8") == command_page.page()


def test_every_key_of_the_model_file_is_there_with_its_meaning():
    """Law: each key of each record of the schema is a row, and no meaning is empty."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.*) \|$", model_page.page(), flags=re.MULTILINE)
    records = [SCHEMA, *SCHEMA["$defs"].values()]
    assert len(rows) == sum(len(record.get("properties", {})) for record in records)
    assert [key for key, _, meaning in rows if not meaning.strip()] == []


def test_every_command_and_option_is_there():
    """Law: each command is a section, with all of its options."""
    text = command_page.page()
    commands = typer.main.get_command(app).commands
    assert re.findall(r"^## `planner (\w+)", text, flags=re.MULTILINE) == list(commands)
    for section in text.split("\n## ")[1:]:
        name = section.split()[1].strip("`")
        options = {word for one in commands[name].params for word in one.opts if word.startswith("--")} - {"--help"}
        assert options <= set(re.findall(r"`(--[\w-]+)`", section)), name
