"""Faults: many of one kind are told as one, with their number and the first places."""

import ast
import inspect
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest

from planner import Case, errors
from planner.cli.output import problem_record
from planner.errors import (
    MOST_KINDS,
    SHOWN_ALONE,
    AuditError,
    CaseError,
    InfeasibleError,
    NoPlanError,
    OptionError,
    PlanError,
    PlannerError,
    Problem,
    ProblemList,
    UnknownNameError,
    UnknownTableError,
)
from tests.case.test_contradictions import HOPELESS, with_shortfall

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = {
    AuditError: RuntimeError,
    CaseError: ValueError,
    InfeasibleError: RuntimeError,
    NoPlanError: RuntimeError,
    OptionError: ValueError,
    PlanError: ValueError,
    UnknownNameError: KeyError,
    UnknownTableError: KeyError,
}
BUILT_IN = {"Exception", "ValueError", "RuntimeError", "KeyError", "LookupError"}


def told(*problems: Problem) -> list[Problem]:
    """Return what is told of problems."""
    return ProblemList(problems).combined()


def rows(count: int, message: str = "must be given for tenure shell", **more: str) -> list[Problem]:
    """Return faults of one kind in many rows."""
    return [
        Problem("offers.csv", f"offers[o{row}]: {message}", row, "rent_growth_per_year") for row in range(2, 2 + count)
    ]


def test_few_are_told_one_by_one() -> None:
    """Law: up to SHOWN_ALONE faults of a kind stay as they are, in their order."""
    found = rows(SHOWN_ALONE)
    assert told(*found) == found


def test_many_are_one() -> None:
    """Law: more of a kind are the first of them, with their number and the first places, whatever they name."""
    (one,) = told(*rows(564))
    assert (one.row, one.count, one.places[0]) == (2, 564, "row 2")
    assert "(564 of this kind: rows 2, 3, " in str(one)
    named = [
        Problem("x", f"no row of table sites is called 's{n}'; did you mean 't{n}'? (there are: a, b)")
        for n in range(9)
    ]
    assert len(told(*named)) == 1


def test_kinds_are_not_mixed() -> None:
    """Law: another file, column or wording is another kind, and the order is that of the first of each."""
    found = told(*rows(9), *rows(9, "must be at most max_blocks (3)"), *[Problem("b", "x", n) for n in range(9)])
    assert [(one.file, one.count) for one in found] == [("offers.csv", 9), ("offers.csv", 9), ("b", 9)]


def test_grouping_twice_changes_nothing() -> None:
    """Law: problems that stand for many may be grouped again: the numbers add up."""
    once = told(*rows(20))
    assert told(*once) == once
    (both,) = told(*once, *rows(5))
    assert both.count == 25


def test_places_without_rows_are_keys() -> None:
    """Law: where there is no row the first keys are named."""
    (one,) = told(*[Problem("offers", f"offers[o{n}]: must be given") for n in range(30)])
    assert one.places[:2] == ("offers[o0]", "offers[o1]")
    assert "(30 of this kind: offers[o0], offers[o1], " in str(one)


def test_the_number_of_kinds_is_bounded() -> None:
    """Law: however many kinds of faults there are, what is told stays of readable length."""
    found = told(*[Problem("x", "".join(chr(97 + int(digit)) for digit in str(n))) for n in range(3 * MOST_KINDS)])
    assert len(found) == MOST_KINDS + 1
    assert sum(one.count for one in found) == 3 * MOST_KINDS


def test_the_error_and_its_json_tell_the_number() -> None:
    """Law: the text of the error counts all faults, and JSON has the number and the first places."""
    error = CaseError("case", rows(564))
    assert str(error).startswith("case: 564 problems\n")
    (problem,) = error.problems
    assert problem_record(problem)["count"] == 564
    assert problem_record(problem)["places"][0] == "row 2"
    assert set(problem_record(Problem("a", "b"))) == {"file", "row", "column", "value", "message"}


def test_text_of_strangers_is_inert() -> None:
    """Law: a file or a message with control characters is shown by their numbers, in one line."""
    problem = Problem("a\x1b]0;title\x07.csv", "no \u202eedoc\nhere", 1, "x\x9b2J")
    text = str(CaseError("name\x1b[2J", [problem]))
    assert "\\x1b]0;title\\x07" in text
    assert "\\u202eedoc\\nhere" in text
    assert len(text.splitlines()) == 2
    assert not any(sign in text for sign in "\x1b\x07\x9b\u202e")


def test_every_error_is_also_what_python_users_catch() -> None:
    """Law: every error but the root is a built-in one too, and its text is the message, without quotes."""
    found = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PlannerError)}
    assert found == {*EXPECTED, PlannerError}
    for kind, built_in in EXPECTED.items():
        assert issubclass(kind, built_in)
        one = kind("x", []) if kind is CaseError else kind("what is wrong")
        assert str(one) == ("x: 0 problems" if kind is CaseError else "what is wrong")
        assert str(pickle.loads(pickle.dumps(one))) == str(one)


def _raised(body: list[ast.stmt]) -> set[str]:
    """The names of the errors raised in statements, but for those of functions inside them."""
    calls = [node.exc for part in body for node in ast.walk(part) if isinstance(node, ast.Raise) and node.exc]
    return {call.func.id for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}


RAISED = re.compile(r"\braise\s+(\w+)\(")
"""What a file raises, anywhere: files that raise none of our errors are not parsed."""


def test_no_handler_of_a_built_in_error_swallows_our_own() -> None:
    """Law: where an error of ours is raised inside a `try`, it is let through before a built-in kind is handled."""
    ours = {kind.__name__ for kind in EXPECTED}
    swallowed = []
    for path in sorted((ROOT / "planner").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        concerned = "try:" in text and ours & set(RAISED.findall(text)) and any(name in text for name in BUILT_IN)
        for node in ast.walk(ast.parse(text if concerned else "")):
            if not isinstance(node, ast.Try) or not _raised(node.body) & ours:
                continue
            for handler in node.handlers:
                names = (
                    {one.id for one in ast.walk(handler.type) if isinstance(one, ast.Name)} if handler.type else set()
                )
                if names & (ours | {"PlannerError"}):
                    break
                if names & BUILT_IN:
                    swallowed.append(f"{path.name}:{handler.lineno}")
    assert swallowed == []


def test_a_refused_file_is_told_once(tmp_path) -> None:
    """A model file of another kind is one problem in one line; its message is not wrapped in another."""
    file = tmp_path / "case.csv"
    file.write_text("x")
    with pytest.raises(CaseError) as caught:
        Case.read(file)
    assert [problem.message for problem in caught.value.problems] == [
        "a model file must end in .toml, a workbook in .xlsx"
    ]


def test_an_infeasible_case_says_what_is_known() -> None:
    """The error of a case that no plan can meet has where to look, and what contradicts itself in the data."""
    (case,) = (row[1] for row in HOPELESS if row[0] == "cash of a year")
    with pytest.raises(InfeasibleError) as caught:
        Case.of(replace(case, model=with_shortfall(case, "hard"))).solve(own_process=False)
    assert caught.value.reasons
    assert caught.value.pointer.startswith("With the same case and changes")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.reasons) == (str(caught.value), caught.value.reasons)
