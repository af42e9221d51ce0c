"""One language of changes: what one form accepts every form accepts, and what is refused is refused in the same words.

The forms are the text after ``--set``, the same text in a what-if file or in Python, a record with ``place``, a record
with its parts (``table``, ``key``, ``where``, ``column`` or ``model``), and, for the place alone, break-even.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.attribution import _changed
from planner.analysis.replan import _after
from planner.api import Case
from planner.case.case import CaseData, key_text
from planner.case.parse import columns_of
from planner.case.rows import TABLES
from planner.case.write import cell_text
from planner.changes.apply import apply_changes, apply_whatif, make_whatif
from planner.changes.figures import number_at
from planner.changes.grammar import parse_place
from planner.changes.names import what_ifs
from planner.changes.values import toml_value
from planner.errors import CaseError, OptionError, Problem
from tests.case.helpers import CASE as PLAIN
from tests.length import AT_LENGTH, some, thinned

CASE = PLAIN.replace(ranges={"demand": {("europe", "inference", 2028): {"compute": (40.0, 90.0)}}})
CELL = "demand[europe,inference,2028].compute"


def parts_of(place: str, value: Any) -> dict[str, Any]:
    """Return the record of a change with its parts, as a what-if file has them."""
    found = parse_place(place)
    if found.path:
        return {"op": "set", "model": str(found).removeprefix("model."), "value": value}
    record: dict[str, Any] = {"op": "set", "table": found.table, "value": value}
    record |= {} if found.keys is None else {"key": list(found.keys)}
    record |= {} if not found.where else {"where": {name: list(values) for name, values in found.where}}
    return record | ({"column": list(found.columns)} if found.columns else {})


def typed(place: str, text: str) -> Any:
    """Return the value as a record has it: in the model as TOML reads it, in a cell as it is written."""
    return toml_value(text) if place.strip().startswith("model") and text else text


def through_a_file(folder: Any, change: Any) -> CaseData:
    """Apply a change that stands in a what-if file."""
    path = folder / "w.toml"
    path.write_text(tomli_w.dumps({"format": 1, "whatif": [{"name": "one", "changes": [change]}]}), encoding="utf-8")
    (whatif,) = what_ifs(path, CASE)
    return apply_whatif(CASE, whatif).data


FORMS: dict[str, Callable[[Any, str, str], CaseData]] = {
    "--set": lambda _folder, place, text: apply_changes(CASE, [f"{place}={text}"]),
    "text in Python": lambda _folder, place, text: apply_whatif(CASE, make_whatif([f"{place}={text}"])).data,
    "Case.what_if": lambda _folder, place, text: Case.of(CASE).what_if(f"{place}={text}"),
    "text in a file": lambda folder, place, text: through_a_file(folder, f"{place}={text}"),
    "place in a record": lambda folder, place, text: through_a_file(
        folder, {"op": "set", "place": place, "value": typed(place, text)}
    ),
    "parts of a record": lambda folder, place, text: through_a_file(folder, parts_of(place, typed(place, text))),
    "a record after --set": lambda _folder, place, text: apply_changes(
        CASE, [{"op": "set", "place": place, "value": typed(place, text)}]
    ),
}


def outcome(form: str, folder: Any, place: str, text: str) -> tuple[str, ...]:
    """Return the hash of the changed case, or the sentences with which the change is refused."""
    try:
        return (FORMS[form](folder, place, text).hash,)
    except CaseError as error:
        return ("refused", *(bare(problem) for problem in error.problems))


def bare(problem: Problem) -> str:
    """Return the sentence of a problem; a file tells after it which of its what-ifs is meant."""
    return problem.message.removesuffix(" (with the what-if one)")


def one_of_each_column() -> list[tuple[str, str]]:
    """Return a place for every column of every table that can be changed, with what stands there."""
    found = []
    for table in TABLES:
        for name in columns_of(table):
            row = next((row for row in CASE.tables[table] if getattr(row, name) is not None), None)
            if row is not None and name not in TABLES[table].KEY:
                found.append((f"{table}[{key_text(row.key)}].{name}", cell_text(getattr(row, name))))
    return found


CELLS = one_of_each_column()
MODEL = [
    ("model.horizon.periods", "3"),
    ("model.title", "Another"),
    ("model.title", '""'),
    ("model.families.power.utilisation", "0.5"),
    ("model.families.carbon", ""),
    ("model.families.carbon", "{cap_mt_per_year = 1}"),
    ("model.families.carbon.cap_mt_per_year", ""),
    ("model.families.redundancy.rules[0].k", "2"),
    ("model.families.redundancy.rules[ any one site ].critical_share", "0.25"),
    ("model.families.redundancy.rules[any one provider].critical_share.training", "0.1"),
    ("model.families.redundancy.rules[any one site]", ""),
    ("model.families.diversity.rules[provider].largest_share", "0.8"),
    ("model.families.diversity.rules[0]", ""),
    ("model.objective.salvage", "none"),
    ("model.forced", '[{site = "north", by = 2027}]'),
    ("model.forced", ""),
    ("model.horizon.period_months", "[12, 12, 12, 12]"),
]
ROWS = [
    (f"{CELL}_low", "30"),
    (f"{CELL}_high", "91"),
    (" demand[ europe , inference , 2028 ].compute_low ", " 30 "),
    ("sites.max_it_mw", "300"),
    ("sites[*].max_it_mw", "300"),
    ("sites[north;south].max_it_mw", "300"),
    ("demand[europe,inference,*].compute", "55"),
    ("demand[market=europe,year=2027..2028].compute", "55"),
    ("demand[year=..2026].compute", "0.5"),
    ("offers[site.power_region=west].max_blocks", "3"),
    ("offers[provider=cloud?].max_blocks", "3"),
    ("offers[chips=custom;merchant].min_blocks", "1"),
    ("offers[build_north][provider=*].max_blocks", "3"),
    ("sites[north].pue_peak;pue_average", "1.3"),
]


@pytest.mark.parametrize(("place", "text"), thinned([*some(CELLS, 20), *MODEL, *ROWS], 4, unpack=True))
def test_what_one_form_accepts_every_form_accepts(tmp_path, place, text):
    """Law: every form of a change makes the same case of it."""
    found = {form: outcome(form, tmp_path, place, text) for form in FORMS}
    assert "refused" not in found["--set"]
    assert set(found.values()) == {found["--set"]}


PLACES_REFUSED = [
    ("rent", "1", "must be written"),
    ("model..x", "1", "must be written"),
    ("sites[north", "1", "must be written"),
    ("demnd[a].compute", "1", "did you mean 'demand'"),
    ("sites[nort].pue_peak", "1.2", "did you mean 'north'"),
    ("sites[north].pue_pek", "1.2", "did you mean 'pue_peak'"),
    ("sites[north].pue_peak_lo", "1.2", "did you mean 'pue_peak_low'"),
    ("sites[north].site", "x", "part of the key"),
    ("sites[north].name_low", "x", "no column"),
    ("sites[north]", "x", "give the column"),
    ("demand[europe].compute", "1", "market,workload,year"),
    ("demand[market=europ].compute", "1", "did you mean 'europe'"),
    ("demand[markt=europe].compute", "1", "did you mean 'market'"),
    ("demand[year=2090..].compute", "1", "there are: 2026"),
    ("demand[market=a..b].compute", "1", "needs numbers or dates"),
    ("demand[year=x..].compute", "1", "must be a whole number"),
    ("demand[compute.x=1].compute", "1", "names no row"),
    ("model.familis.power.utilisation", "1", "did you mean 'families'"),
    ("model.families.power.utilization", "1", "did you mean 'utilisation'"),
    ("model.horizon.periods.x", "2", "not a section"),
    ("model.tables.sites", "x.csv", "already read"),
    ("model.families.redundancy.rules.k", "1", "a list"),
    ("model.families.redundancy.rules[any two].k", "1", "no member [any two]"),
    ("model.families.redundancy.rules[7].k", "1", "no member"),
    ("model.families[0]", "1", "not a list"),
]
VALUES_REFUSED = [
    ("sites[north].pue_peak", "", "is empty"),
    ("sites[north].pue_peak", "nan", "must be a number"),
    ("sites[north].pue_peak", "1,2", "decimal point"),
    ("sites[north].pue_peak", "0.5", "at least 1"),
    ("sites[north].available", "maybe", "yes or no"),
    ("offers[build_north].max_blocks", "1.5", "whole number"),
    ("offers[build_north].tenure", "rented", "must be one of"),
    ("sites[north].name", "a\x07b", "control character"),
    (f"{CELL}_low", "80", "must lie between"),
    (f"{CELL}_low", "", "given together"),
    (f"{CELL}_low", "x", "must be a number"),
    ("model.families.power.utilisation", "2", "at most 1"),
    ("model.families.power.utilisation", "high", "must be a number"),
    ("model.families.power.utilisation", "", "must be given"),
    ("model.families.carbon", "{cap = 1}", "no such key"),
    ("model.horizon.periods", "two", "whole number"),
    ("model.horizon.periods", "inf", "finite"),
    ("model.horizon.periods", "5", "no row for 2030"),
    ("energisation[north,2027-07-01].facility_mw", "1", "cumulative"),
]


@pytest.mark.parametrize(("place", "text", "words"), [*PLACES_REFUSED, *VALUES_REFUSED])
def test_what_is_refused_is_refused_in_the_same_words(tmp_path, place, text, words):
    """Law: every form refuses the change, and its sentences are the same."""
    forms = [form for form in FORMS if form != "parts of a record" or words != "must be written"]
    found = {form: outcome(form, tmp_path, place, text) for form in forms}
    assert set(found.values()) == {found["--set"]}
    assert found["--set"][0] == "refused"
    assert any(words in sentence for sentence in found["--set"])


@pytest.mark.parametrize(("place", "words"), [(place, words) for place, _, words in PLACES_REFUSED])
def test_break_even_refuses_a_place_in_the_same_words(tmp_path, place, words):
    """Law: a place that is none, or names what is not there, is refused by break-even as after ``--set``."""
    _, sentence = outcome("--set", tmp_path, place, "1")
    with pytest.raises(OptionError if words == "must be written" else CaseError) as caught:
        number_at(CASE, place)
    if isinstance(caught.value, CaseError):
        assert [problem.message for problem in caught.value.problems] == [sentence]
    else:
        assert str(caught.value) == f"{place}: {sentence}"


NUMBERS = [
    (place, text) for place, text in CELLS if columns_of(place.partition("[")[0])[place.rpartition(".")[2]].numeric
]


@pytest.mark.parametrize(
    ("place", "value"), [*NUMBERS, (f"{CELL}_low", "40"), ("model.families.redundancy.rules[any one site].k", "1")]
)
def test_break_even_moves_every_number_that_can_be_changed(place, value):
    """Law: where ``--set`` can put a number, break-even finds the one that stands there, and moves it."""
    found = number_at(CASE, f" {place} ")
    assert found.value == float(value)
    assert apply_changes(CASE, [f"{found.text}={value}"]) == CASE


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("sites[north].name", "holds text, not a number"),
        ("sites[north].earliest_date", "holds date, not a number"),
        ("model.title", "is not a number"),
        ("model.families.budget.carry_over", "is not a number"),
        ("sites.max_it_mw", "means 3 figures, not one; write it as sites[north].max_it_mw"),
        ("sites[north].pue_peak_low", "is empty in the case"),
        ("model.families.site_opening.open_exactly", "is empty in the case"),
        ("sites[north].pue_peak=2", "leave out ="),
    ],
)
def test_what_break_even_cannot_move(place, words):
    """Law: what is not one number that is given is refused with what it is."""
    with pytest.raises(OptionError, match=re.escape(words)):
        number_at(CASE, place)


@pytest.mark.parametrize("change", ["nonsense", "sites[north].pue_peak", "", 3, None, {"op": "sett"}, {}])
def test_what_is_no_change_is_refused_in_the_same_words(change):
    """Law: a text without a value, or a record without an operation, is refused alike by ``--set`` and in Python."""
    with pytest.raises(CaseError) as after_set:
        apply_changes(CASE, [change])
    with pytest.raises(CaseError) as in_python:
        make_whatif([change])
    sentences = [[problem.message for problem in caught.value.problems] for caught in (after_set, in_python)]
    assert sentences[0] == sentences[1]
    assert in_python.value.problems[0].column is not None


@given(st.lists(st.sampled_from(["=95", "_low=90", "_high=100", "=35", "_low=30", "_high=", "_low="]), max_size=4))
@settings(max_examples=500 if AT_LENGTH else 25, deadline=None)
def test_the_forms_agree_on_several_changes(endings):
    """Law: changes to a figure and the range beside it come to the same whichever form says them."""
    changes = [f"{CELL}{ending}" for ending in endings]
    found = []
    for make in (lambda: apply_changes(CASE, changes), lambda: apply_whatif(CASE, make_whatif(changes)).data):
        try:
            found.append(make().hash)
        except CaseError as error:
            found.append(str([problem.message for problem in error.problems]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "given_as",
    [
        "sites[north].max_it_mw=20",
        {"op": "set", "place": "sites[north].max_it_mw", "value": 20},
        ["sites[north].max_it_mw=20"],
        ({"op": "set", "table": "sites", "key": "north", "column": "max_it_mw", "value": 20},),
        make_whatif("sites[north].max_it_mw=20"),
        make_whatif("sites[north].max_it_mw=20").changes,
        make_whatif("sites[north].max_it_mw=20").changes[0],
    ],
    ids=["text", "mapping", "texts", "mappings", "what-if", "records", "record"],
)
def test_python_takes_changes_in_every_form(given_as):
    """Law: one change, several, or a what-if mean the same wherever Python takes changes."""
    base = Case.read("three_sites")
    expected = apply_changes(base, ["sites[north].max_it_mw=20"]).hash
    assert expected != base.hash
    assert apply_changes(base, given_as).hash == expected
    assert base.what_if(given_as).hash == expected
    assert Case.read("three_sites", changes=given_as).hash == expected
    assert _changed(base, [("all", given_as)], frozenset([0])).hash == expected
    assert _after(base, given_as).hash == expected
    (whatif,) = what_ifs({"one": given_as}, base)
    assert apply_whatif(base, whatif).data.hash == expected
