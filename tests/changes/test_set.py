"""Changes by name: what they reach, what they refuse, and that the case is checked again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case.case import CaseData, key_text
from planner.case.parse import columns_of
from planner.case.read import read_case
from planner.case.rows import TABLES
from planner.case.write import cell_text, write_case
from planner.changes.apply import apply_changes
from planner.changes.values import toml_value
from planner.errors import CaseError, Problem
from tests.case.helpers import CASE
from tests.cases import make_case
from tests.length import AT_LENGTH

NUMERIC = [
    (table, name)
    for table in TABLES
    for name, column in columns_of(table).items()
    if column.numeric and name not in TABLES[table].KEY
]


def refused(changes: list[str], case: CaseData = CASE) -> tuple[Problem, ...]:
    """Return the problems of changes that must be refused."""
    with pytest.raises(CaseError) as caught:
        apply_changes(case, changes)
    return caught.value.problems


def with_given(table: str, name: str) -> tuple[str, Any]:
    """Return the key and the value of the first row that has a value in a column."""
    row = next(row for row in CASE.tables[table] if getattr(row, name) is not None)
    return key_text(row.key), getattr(row, name)


@pytest.mark.parametrize(("table", "name"), NUMERIC)
def test_every_number_of_a_table_can_be_changed(table: str, name: str) -> None:
    """Law: a change of any number reaches that cell alone, and changes the hash; changed back, the case is the same."""
    key, value = with_given(table, name)
    # A number near the old one keeps to every rule between columns (shares, dates, block counts).
    new = value + 1 if isinstance(value, int) else value * 0.99 if value else 0.5
    changed = apply_changes(CASE, [f"{table}[{key}].{name}={cell_text(new)}"])
    assert changed.hash != CASE.hash
    differing = [
        (other, column)
        for other in TABLES
        for before, after in zip(CASE.tables[other], changed.tables[other], strict=True)
        for column in columns_of(other)
        if getattr(before, column) != getattr(after, column)
    ]
    assert differing == [(table, name)]
    assert apply_changes(changed, [f"{table}[{key}].{name}={cell_text(value)}"]) == CASE


def numbers_of(node: Any, path: str = "model") -> list[tuple[str, Any]]:
    """Return every number of a model file with its path."""
    if isinstance(node, dict):
        return [found for key, member in node.items() for found in numbers_of(member, f"{path}.{key}")]
    if isinstance(node, (list, tuple)):
        return [found for index, member in enumerate(node) for found in numbers_of(member, f"{path}[{index}]")]
    return [(path, node)] if isinstance(node, (int, float)) and not isinstance(node, bool) else []


MODEL_NUMBERS = [
    (path, value)
    for path, value in numbers_of(CASE.model.model_dump(exclude_none=True))
    if path not in ("model.format", "model.horizon.periods", "model.horizon.period_months")
]


@pytest.mark.parametrize(("path", "value"), MODEL_NUMBERS)
def test_every_number_of_the_model_can_be_changed(path: str, value: Any) -> None:
    """Law: a change of any number of the model changes the hash; changed back, the case is the same."""
    new = value + 1 if isinstance(value, int) else value * 0.99 if value else 0.5
    new = max(new, 1.0) if path.endswith("route_factor") else new
    changed = apply_changes(CASE, [f"{path}={new!r}"])
    assert changed.hash != CASE.hash
    assert dict(numbers_of(changed.model.model_dump(exclude_none=True)))[path] == new
    assert apply_changes(changed, [f"{path}={value!r}"]) == CASE


def test_keys_of_several_parts_and_dates() -> None:
    """Law: composite keys are written with commas, dates and booleans as in the tables."""
    changed = apply_changes(
        CASE,
        [
            "demand[europe, inference, 2028].compute=120",
            "energisation[north,2027-07-01].facility_mw = 600",
            "sites[south].earliest_date=2027-01-01",
            "markets[america].single_source=yes",
            "offers[cloud_east].chips=merchant",
            "markets[europe].residency=",
        ],
    )
    assert changed.index("demand")["europe", "inference", 2028].compute == 120
    assert cell_text(changed.index("sites")["south"].earliest_date) == "2027-01-01"
    assert changed.index("markets")["america"].single_source is True
    assert changed.index("markets")["europe"].residency is None
    assert changed.index("offers")["cloud_east"].chips == ("merchant",)


def test_the_model_by_name_and_by_index() -> None:
    """Law: list members go by index or name, sections are added by their keys and taken out by an empty value."""
    changed = apply_changes(
        CASE,
        [
            "model.families.redundancy.rules[any one site].k=2",
            "model.families.redundancy.rules[1].critical_share.training=0.1",
            "model.families.carbon=",
            "model.title=Another title",
            "model.horizon.start=2026-01-01",
            "model.objective.unserved=priced",
            "model.objective.unserved_price_busd_per_compute_year=2",
        ],
    )
    rules = changed.model.families.redundancy
    assert rules is not None
    assert rules.rules[0].k == 2
    assert rules.rules[1].critical_share == {"training": 0.1, "inference": 0.5}
    assert changed.model.families.carbon is None
    assert changed.model.title == "Another title"
    tiny = apply_changes(
        make_case(), ["model.families.power.utilisation=0.5", "model.families.carbon={cap_mt_per_year=1}"]
    )
    assert tiny.model.families.power is not None
    assert tiny.model.families.carbon is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("nonsense", "table[key].column=value"),
        ("", "table[key].column=value"),
        ("sites[north].pue_peak", "table[key].column=value"),
        ("demnd[a].compute=1", "did you mean 'demand'"),
        ("sites[nort].pue_peak=1.2", "did you mean 'north'"),
        ("sites[north].pue_pek=1.2", "did you mean 'pue_peak'"),
        ("sites[north].site=x", "part of the key"),
        ("demand[europe].compute=1", "market,workload,year"),
        ("sites[north].pue_peak=", "is empty"),
        ("sites[north].pue_peak=nan", "must be a number"),
        ("sites[north].pue_peak=1,2", "decimal point"),
        ("sites[north].pue_peak=0.5", "at least 1"),
        ("sites[north].available=maybe", "yes or no"),
        ("offers[build_north].max_blocks=1.5", "whole number"),
        ("model.familis.power.utilisation=1", "did you mean 'families'"),
        ("model.families.power.utilization=1", "did you mean 'utilisation'"),
        ("model.families.power.utilisation=2", "at most 1"),
        ("model.families.power.utilisation=high", "must be a number"),
        ("model.families.power=", ""),
        ("model.horizon=", "horizon"),
        ("model.horizon.periods=two", "whole number"),
        ("model.horizon.periods.x=2", "not a section"),
        ("model.tables.sites=x.csv", "already read"),
        ("model.families.redundancy.rules.k=1", "a list"),
        ("model.families.redundancy.rules[any two].k=1", "no member"),
        ("model.families.redundancy.rules[7].k=1", "no member"),
        ("model.families[0]=1", "not a list"),
        ("model..x=1", "model.key"),
        ("model.families.budget.basis=cash", "cash_limit"),
    ],
)
def test_what_cannot_be_changed(change: str, words: str) -> None:
    """Law: a change that cannot be made is refused with what would be right."""
    assert any(words in str(fault) for fault in refused([change]))


def test_faults_name_the_option_and_the_text() -> None:
    """Law: every bad change is reported at once, with the source of the changes and its text."""
    changes = ["sites[nort].pue_peak=2", "model.horizon.periods=0", "x"]
    faults = refused(["sites[north].pue_peak=2", *changes])
    assert {(fault.file, fault.value) for fault in faults} == {("change", change) for change in changes}


def test_the_changed_case_is_checked_again() -> None:
    """Law: a change that is fine in itself but contradicts the rest is refused."""
    assert any("cumulative" in fault.message for fault in refused(["energisation[north,2027-07-01].facility_mw=1"]))
    assert any("no row for 2030" in fault.message for fault in refused(["model.horizon.periods=5"]))
    assert any("needs a table" in fault.message for fault in refused(
        ["model.families.budget={basis='burn',carry_over=true,backup_income_counts=false}"], make_case()
    ))  # fmt: skip


def test_a_table_that_is_not_there() -> None:
    """Law: cells of a table the case does not have cannot be changed."""
    assert "has no table budget" in refused(["budget[2026].cash_limit_busd=1"], make_case())[0].message


def test_no_change_is_the_same_case() -> None:
    """Law: no changes, the same case."""
    assert apply_changes(CASE, []) == CASE


def ranged() -> CaseData:
    """Return the full case with a range for one figure."""
    return CASE.replace(ranges={"demand": {("europe", "inference", 2028): {"compute": (40.0, 90.0)}}})


def test_ranges_follow_their_figure() -> None:
    """Law: a range stays while it holds its figure, goes when it does not, and can be changed itself."""
    cell = "demand[europe,inference,2028].compute"
    assert apply_changes(ranged(), [f"{cell}=50"]).ranges == ranged().ranges
    assert apply_changes(ranged(), [f"{cell}=95"]).ranges == {}
    moved = apply_changes(ranged(), [f"{cell}=95", f"{cell}_low=90", f"{cell}_high=100"])
    assert moved.ranges["demand"]["europe", "inference", 2028] == {"compute": (90.0, 100.0)}
    assert apply_changes(ranged(), [f"{cell}_low=", f"{cell}_high="]).ranges == {}
    assert "must lie between" in refused([f"{cell}_low=80", f"{cell}_high=100"])[0].message
    assert "given together" in refused([f"{cell}_low=10"])[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("0.5", 0.5), ("true", True), ("[1, 2]", [1, 2]), ("{a = 1}", {"a": 1}), ("word", "word"), ('"1"', "1"),
     ("1\nother = 2", "1\nother = 2"), ("any text = here", "any text = here"), ("[" * 3000, "[" * 3000)],
)  # fmt: skip
def test_values_are_toml_or_text(text: str, value: Any) -> None:
    """Law: a value is read as TOML, what is no TOML value is a text, and one value cannot bring in another key."""
    assert toml_value(text) == value


PIECES = st.sampled_from(
    [
        "model",
        "sites",
        "demand",
        "families",
        ".",
        "[",
        "]",
        "=",
        ",",
        "north",
        "europe",
        "2028",
        "compute",
        "rules",
        "0",
        "1",
        "-1",
        "nan",
        "{",
        "}",
        '"',
        "k",
        "horizon",
        "periods",
        "critical_share",
        "é",
        "any one site",
        "\n",
        " ",
        "\x00",
    ]
)


@settings(max_examples=500 if AT_LENGTH else 10, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)))
def test_any_text_is_refused_or_works(text: str) -> None:
    """Law: whatever is written as a change, only a CaseError comes out."""
    try:
        changed = apply_changes(CASE, [text])
    except CaseError as error:
        problems = error.problems
    else:
        problems = ("none",) if isinstance(changed, CaseData) else ()
    assert problems


def test_a_changed_case_can_be_written(tmp_path: Any) -> None:
    """Law: a changed case, written and read, is the changed case."""
    changed = apply_changes(ranged(), ["offers[cloud_east].max_blocks=3", "model.families.carbon="])
    write_case(changed, tmp_path)
    assert read_case(tmp_path) == changed
