"""The descriptions made from the records: JSON Schema and data dictionary."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from planner.case.parse import columns_of
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.case.schema import allowed_range, data_dictionary, model_json_schema
from planner.plan.dictionary import tables_page
from tests.case.helpers import FILES

ROOT = Path(__file__).resolve().parents[2]


def as_json(value: Any) -> Any:
    """Return TOML data as an editor's schema check sees it."""
    if isinstance(value, dict):
        return {key: as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_json(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


def test_the_schema_admits_good_files_and_refuses_unknown_keys() -> None:
    """Law: the JSON Schema is valid, accepts the full model file, and refuses an unknown key."""
    schema = model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    data = as_json(tomllib.loads(FILES["model.toml"]))
    validator.validate(data)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**data, "extra": 1})


def test_every_option_of_the_model_is_described_by_its_section() -> None:
    """Law: every section of the schema has a description for editors."""
    schema = model_json_schema()
    assert all(section.get("description") for section in schema["$defs"].values())


def test_the_dictionary_has_every_column() -> None:
    """Law: every table and column is in the data dictionary, with a meaning."""
    text = data_dictionary()
    sections = {part.split("\n", 1)[0]: part for part in text.split("\n## ")[1:]}
    assert set(sections) == {*TABLES, "Columns of every table"}
    for table in TABLES:
        for name in columns_of(table):
            home = "Columns of every table" if name in Row.model_fields else table
            (line,) = [line for line in sections[home].splitlines() if line.startswith(f"| `{name}` |")]
            assert len(line.split(" | ")) == 3
            assert line.split(" | ")[2].strip(" |"), line


def test_limits_are_told() -> None:
    """Law: the limits of a column are those of its record."""
    assert allowed_range("sites", "pue_peak") == ", 1 to 5"
    assert allowed_range("sites", "latitude_deg") == ", -90 to 90"
    assert allowed_range("sites", "max_it_mw") == ", at least 0"
    assert allowed_range("offers", "block_it_mw") == ", above 0"
    assert allowed_range("offers", "exit_cost_share") == ", 0 to 1"
    assert allowed_range("chips", "price_growth_per_year") == ", above -1 to 10"
    assert allowed_range("sites", "name") == ""


def test_the_page_of_the_tables_is_current() -> None:
    """Law: docs/tables.md is what ``planner schema --tables`` prints."""
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert page.rstrip("\n") == tables_page().rstrip("\n"), "run: make tables"


def test_the_schema_file_is_current() -> None:
    """Law: models/schema.json is what ``planner schema`` prints, and admits every shipped model file."""
    schema = json.loads((ROOT / "models" / "schema.json").read_text(encoding="utf-8"))
    assert schema == model_json_schema(), "run: make tables"
    shipped = sorted((ROOT / "models").glob("*.toml"))
    assert shipped
    validator = jsonschema.Draft202012Validator(schema)
    for file in shipped:
        validator.validate(as_json(tomllib.loads(file.read_text(encoding="utf-8"))))
