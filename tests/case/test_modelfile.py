"""Model files: syntax, unknown keys, wrong types, and the lines messages name."""

import tomllib

import pytest

from planner.case.modelfile import key_lines, path_text, read_model, validate_model
from planner.errors import Problem
from tests.case.helpers import FILES

GOOD = FILES["model.toml"]


def faults(text: str | bytes) -> list[Problem]:
    """Return what is wrong with a model file."""
    return read_model(text if isinstance(text, bytes) else text.encode(), "m.toml").problems


def line_of(text: str, part: str) -> int:
    """Return the line of the first occurrence."""
    return text[: text.index(part)].count("\n") + 1


def test_the_good_file_is_good() -> None:
    """Law: the model file of the full case has no fault."""
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("periods = 4", "periods = 0", "horizon.periods", "at least 1"),
        ("periods = 4", 'periods = "4"', "horizon.periods", "whole number"),
        ("periods = 4", "periods = 4.5", "horizon.periods", "whole number"),
        ("periods = 4", "periods = true", "horizon.periods", "whole number"),
        ("periods = 4", "periods = []", "horizon.periods", "whole number"),
        ("periods = 4", "periods = 99999999999999999999999999", "horizon.periods", "at most 200"),
        ("periods = 4", "perods = 4", "horizon.perods", "did you mean 'periods'"),
        ("period_months = 12", 'period_months = "year"', "horizon.period_months", "whole number or must be a list"),
        ("period_months = 12", "period_months = [12, 0]", "horizon.period_months[1]", "at least 1"),
        ("critical_share = 0.5", "critical_share = 1.5", "families.redundancy.rules[0].critical_share", "at most 1"),
        (
            "[families.redundancy.rules.critical_share]\ntraining",
            "[families.redundancy.rules.critical_share]\ntrainin",
            "families.redundancy.rules[1].critical_share.trainin",
            "training",
        ),
        ("start = 2026-01-01", "start = 2026", "horizon.start", "a date such as"),
        ("start = 2026-01-01", 'start = "soon"', "horizon.start", "a date such as"),
        ("format = 1", "format = 2", "format", "1"),
        ('name = "tiny"', 'name = "ti ny"', "name", "must be a key"),
        (
            'unserved = "lexicographic"',
            'unserved = "lexicografic"',
            "objective.unserved",
            "did you mean 'lexicographic'",
        ),
        (
            "discount_rate_per_year = 0.08",
            "discount_rate_per_year = nan",
            "objective.discount_rate_per_year",
            "must be",
        ),
        (
            "discount_rate_per_year = 0.08",
            "discount_rate_per_year = inf",
            "objective.discount_rate_per_year",
            "must be",
        ),
        (
            "discount_rate_per_year = 0.08",
            "discount_rate_per_year = 1.5",
            "objective.discount_rate_per_year",
            "at most 1",
        ),
        ("utilisation = 0.8", "utilization = 0.8", "families.power.utilization", "did you mean 'utilisation'"),
        ("carry_over = true", "carry_over = 1", "families.budget.carry_over", "true or false"),
        ("[families.carbon]", "[families.carbn]", "families.carbn", "did you mean 'carbon'"),
        ('sites = "sites.csv"', "sites = 3", "tables.sites", "a text in quotes"),
        ('sites = "sites.csv"', 'sits = "sites.csv"', "tables.sits", "did you mean 'sites'"),
        ('domain = "provider"\nk', 'domain = "company"\nk', "families.redundancy.rules[1].domain", "one of: site"),
    ],
)
def test_every_fault_names_key_and_line(old: str, new: str, column: str, words: str) -> None:
    """Law: a fault of the model file names its key, the line of the key, and what is allowed."""
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    found = [fault for fault in faults(text) if fault.column == column]
    assert len(found) == 1, "\n".join(map(str, faults(text)))
    assert words in found[0].message, str(found[0])
    assert found[0].row == line_of(text, new) + new.startswith("[families.redundancy")


@pytest.mark.parametrize("section", ["horizon", "objective", "tables", "families"])
def test_a_missing_section_is_named(section: str) -> None:
    """Law: sections that must be there are reported by name; families alone may be absent, and then nothing is told."""
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"[{section}")) + "\n"
    missing = [fault for fault in faults(text) if fault.column == section and "is missing" in fault.message]
    assert len(missing) == (section != "families")


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        (b"format = ", 1, "not TOML"),
        (b"format = 1\nname = ", 2, "not TOML"),
        (b"format = 1\nformat = 1\n", 2, "not TOML"),
        (b"\xff\xfe\x00", None, "UTF-16"),
        (b"title = '\xe9'", None, "not UTF-8"),
        (b"a = \0", None, "NUL"),
        (b"a = " + b"[" * 100_000, None, "nested too deeply"),
        (b"format = " + b"9" * 10_000, None, ""),
        (b"format = 0x" + b"f" * 10_000, None, "too long"),
        (b"a" + b".b" * 2_000 + b" = 1", None, ""),
    ],
)
def test_what_is_no_toml(text: bytes, row: int | None, words: str) -> None:
    """Law: broken, deep and monstrous files are refused with a reason, not a traceback."""
    found = faults(text)
    assert found
    assert any(words in fault.message and (row is None or fault.row == row) for fault in found), found[:3]


def test_an_empty_file_lists_all_that_is_missing() -> None:
    """Law: an empty model file is reported key by key."""
    assert {fault.column for fault in faults("")} >= {"format", "name", "horizon", "tables", "objective"}


def test_lines_of_keys() -> None:
    """Law: keys, sections, repeated sections and texts of several lines keep their lines apart."""
    text = 'a = 1\n[b]\nc = """\nd = 2\n"""\n[[b.e]]\nf = 1\n[[b.e]]\nf = 2\n[b.e.g]\nh.i = 3\n'
    lines = key_lines(text)
    assert lines[("a",)] == 1
    assert lines["b", "c"] == 3
    assert ("b", "d") not in lines
    assert lines["b", "e", 0, "f"] == 7
    assert lines["b", "e", 1, "f"] == 9
    assert lines["b", "e", 1, "g", "h", "i"] == 11


def test_lines_of_members_of_lists() -> None:
    """Law: each member of a list, on a line of its own or not, has its line; brackets in texts do not count."""
    text = '[a]\nb = [\n  { c = "]", d = [\n    1 ] }, # [\n  { c = "x" },\n]\ne = [1, 2]\nf = "[ 3"\n[[g]]\nh = 1\n'
    lines = key_lines(text)
    assert tomllib.loads(text)["a"]["b"][1] == {"c": "x"}
    members = {place: line for place, line in lines.items() if isinstance(place[-1], int)}
    assert members == {("a", "b", 0): 3, ("a", "b", 1): 5, ("a", "e", 0): 7, ("a", "e", 1): 7, ("g", 0): 9}


def test_a_byte_order_mark_is_ignored() -> None:
    """Law: a file with a byte order mark is read like any other."""
    assert faults("\ufeff" + GOOD) == []


def test_a_model_without_families() -> None:
    """Law: the section [families] may be left out: the model is that with an empty one."""
    without = GOOD[: GOOD.index("[families")]
    assert "families" not in without
    read = read_model(without.encode(), "m.toml")
    assert read.problems == []
    assert read.model == read_model(f"{without}\n[families]\n".encode(), "m.toml").model


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("periods = 4", "periods = " + "9" * 10_000, "too long"),
        ("periods = 4", "periods = 0x" + "f" * 10_000, "too long"),
        ("periods = 4", "periods = " + "[" * 50_000, "nested too deeply"),
        ("2026-01-01", "0000-01-01", "not TOML"),
        ('title = "', 'title = "\\u001b[2J', "control character \\x1b"),
        ('description = "', 'description = "\\u202e', "control character \\u202e"),
        ('title = "', 'title = "' + "x" * 60_000, "at most 50,000"),
        ('name = "any one site"', 'name = "any\\u0007one"', "control character \\x07"),
        ('name = "any one site"', 'name = "any\\none"', "must be one line of plain text"),
        ('title = "', 'title = "one\\n', "must be one line of plain text"),
        ('compute_unit = "', 'compute_unit = "one\\t', "must be one line of plain text"),
    ],
)
def test_texts_and_figures_beyond_reason(old: str, new: str, words: str) -> None:
    """Law: control characters, endless figures and texts, and nesting without end are told, never obeyed."""
    assert old in GOOD
    (fault,) = faults(GOOD.replace(old, new, 1))
    assert words in str(fault)
    assert len(str(fault)) < 500


def test_a_description_may_have_lines() -> None:
    """Law: line ends and tabs stand in a description."""
    assert faults(GOOD.replace('description = "', 'description = "one\\n\\ttwo ', 1)) == []


def test_a_fault_of_the_only_member_is_told_alone() -> None:
    """Law: a list whose only member has a fault is not also called too short; an empty list is."""
    data = tomllib.loads(GOOD)
    rule = {"name": "r", "domain": "site", "critical_share": 1.0, "k": "two"}
    data["families"]["redundancy"] = {"rules": [rule]}
    _, found = validate_model(data)
    assert [path_text(path) for path, _, _ in found] == ["families.redundancy.rules[0].k"]
    data["families"]["redundancy"] = {"rules": []}
    _, found = validate_model(data)
    assert [message for _, message, _ in found] == ["must be a list of at least 1"]


def test_a_percentage_in_the_model() -> None:
    """Law: a percentage is told as a share where the key holds one, else with the unit of the key."""
    data = tomllib.loads(GOOD)
    data["objective"]["discount_rate_per_year"] = "7%"
    data["families"] = {"backup_income": {"price_musd_per_mw_year": "7%", "largest_share": 1.0}}
    messages = {path_text(path): message for path, message, _ in validate_model(data)[1]}
    assert "0.2 for 20 %" in messages["objective.discount_rate_per_year"]
    assert "the key is in $M per IT MW and year" in messages["families.backup_income.price_musd_per_mw_year"]
