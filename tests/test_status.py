"""The one vocabulary of how a run ended: every word has a meaning, a place and one exit code."""

import json
import re
from itertools import product
from pathlib import Path

import pytest

from planner.audit.proof import STATUSES
from planner.report.view import STATUS_TEXT
from planner.status import MEANING, Ending, Status, exit_code_of

CODES = {
    "optimal": 0,
    "gap_reached": 0,
    "time_limit": 4,
    "interrupted": 4,
    "infeasible": 3,
    "unbounded": 1,
    "no_plan": 5,
    "invalid_case": 2,
    "audit_failed": 1,
    "failed": 1,
    "crashed": 1,
}
"""The words as they are documented, and the code of a command whose only run ended so."""


def test_the_words_are_the_documented_ones():
    """Law: scripts may rely on every word and its exit code."""
    assert {status.value: status.exit_code for status in Status} == CODES
    assert set(MEANING) == set(Status)


def test_a_status_is_its_word_everywhere():
    """Law: JSON, tables and comparisons see the word, not the name of a Python class."""
    assert json.dumps([Status.TIME_LIMIT]) == '["time_limit"]'
    assert f"{Status.OPTIMAL}" == str(Status.OPTIMAL) == "optimal"
    assert Status("no_plan") is Status.NO_PLAN


def test_words_of_earlier_folders_still_open():
    """Law: what sweeps of version 0.1 wrote is read as what it is called now; nonsense is refused."""
    assert Status("limit") is Status.NO_PLAN
    assert Status("invalid") is Status.INVALID_CASE
    for nonsense in ("", "Optimal", "ok", None, 3):
        with pytest.raises(ValueError, match="is not a valid Status"):
            Status(nonsense)


def test_audit_and_view_know_the_statuses_of_plans_and_no_others():
    """Law: what a plan may be called is the same for who makes, checks and shows it."""
    plans = {status for status in Status if status.has_plan}
    assert set(STATUSES) == set(STATUS_TEXT) == plans


@pytest.mark.parametrize(("one", "other"), list(product(Status, repeat=2)), ids=str)
def test_the_code_of_two_runs_follows_from_the_worse(one, other):
    """Law: faults before limits before plans before proofs, in whatever order the runs ended."""
    results = [(status, status.has_plan) for status in (one, other)]
    code = exit_code_of(results)
    assert code == exit_code_of(reversed(results))
    alone = {one.exit_code, other.exit_code}
    if 1 in alone:
        assert code == 1
    elif alone & {4, 5}:
        assert code == (4 if one.has_plan or other.has_plan else 5)
    else:
        assert code == (0 if 0 in alone else max(alone))


def test_nothing_solved_is_nothing_wrong():
    """Law: a study that had nothing to solve ends in 0."""
    assert exit_code_of([]) == 0


def test_every_exit_code_has_its_word():
    """Law: the word and the code of a document agree, also where a code is that of a single run."""
    assert [Ending.of_code(code) for code in range(6)] == [
        "ok",
        "failed",
        "invalid_case",
        "infeasible",
        "incomplete",
        "no_plan",
    ]
    shared = {status.value for status in Status} & {ending.value for ending in Ending}
    assert all(Ending.of_code(Status(word).exit_code) == word for word in shared - {"interrupted", "audit_failed"})


def test_every_status_is_written_in_the_program_as_the_enum():
    """Law: where a run is given a status, it is the enum's (a planted word of its own fails here)."""
    root = Path(__file__).parent.parent / "planner"
    words = "|".join(CODES)
    pattern = re.compile(rf"status\s*=\s*[\"']({words})[\"']")
    own = ("solve", "audit")  # what a solver says of its own search; the audit's words are its own (test above)
    found = [
        f"{file.relative_to(root)}: {match[0]}"
        for file in root.rglob("*.py")
        if file.relative_to(root).parts[0] not in own
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    ]
    assert not found


def test_the_page_lists_every_status_with_its_meaning_and_its_code():
    """Law: docs/cli.md says of a status what the program says of it."""
    page = (Path(__file__).parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    table = page.split("| status of a run | meaning | exit code |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (\d).* \|$", table, re.MULTILINE)
    assert rows == [(status.value, status.meaning, str(status.exit_code)) for status in Status]


def test_the_page_names_every_ending():
    """Law: what ``status`` of a document may say stands in docs/cli.md."""
    page = (Path(__file__).parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    told = page.split("If the exit code is 0, `status` is")[1].split("\n\n")[0]
    assert {ending.value for ending in Ending} <= set(re.findall(r"`(\w+)`", told))
