"""From what stands in the form to changes, a changed case and options, or everything that is wrong with it."""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.app.levers import Form, Group, changes_of
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.changes.describe import Edit, edits
from planner.errors import CaseError, OptionError
from planner.explain.conflict_write import inline_toml
from planner.options import SolveOptions

TEXT, NAME, GAP, TIME = "text", "name", "gap", "time_limit"
"""Fields of the form that are no levers."""
SOURCE = "change"
MOST_TEXT = 200_000
MOST_CHANGES = 2_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a form comes to.

    Attributes
    ----------
    changes : list
        A text as after ``--set``, or a mapping as in a what-if file; as JSON has them.
    faults : list of str
        Everything that is wrong; empty: it can be solved.
    edits : list of Edit
        Every figure that is then another.
    options : SolveOptions
    """

    changes: list[Any]
    faults: list[str]
    edits: list[Edit]
    options: SolveOptions

    @property
    def lines(self) -> list[str]:
        """The changes as they are written, a line each."""
        return [change_text(change) for change in self.changes]


def prepare(case: CaseData, groups: Sequence[Group], form: Form, defaults: SolveOptions) -> Prepared:
    """Return what a form comes to; the case is tried with the changes, so that faults are known before a solve."""
    made, faults = changes_of(groups, form)
    typed, wrong = typed_changes(form.get(TEXT, ""))
    options, bad = options_of(form, defaults)
    changes: list[Any] = [*made, *typed]
    faults += wrong + bad
    found: list[Edit] = []
    if len(changes) > MOST_CHANGES:
        faults.append(f"{len(changes):,} changes; at most {MOST_CHANGES:,} are made here (a what-if file holds more)")
    elif changes and not made == typed == []:
        try:
            found = edits(case, apply_changes(case, changes, source=SOURCE))
        except CaseError as error:
            faults += [str(problem) for problem in error.problems]
    return Prepared(changes, faults, found, options)


def typed_changes(text: str) -> tuple[list[Any], list[str]]:
    """Return the changes of the text box, and what is wrong with them; empty lines and ``#`` lines are none.

    Examples
    --------
    >>> typed_changes('sites[north].max_it_mw=20')
    (['sites[north].max_it_mw=20'], [])
    >>> typed_changes('{ op = "drop", place = "sites[north]" }')
    ([{'op': 'drop', 'place': 'sites[north]'}], [])
    """
    if len(text) > MOST_TEXT:
        return [], [f"the changes have {len(text):,} characters; at most {MOST_TEXT:,} are read"]
    found: list[Any] = []
    faults = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if not line.startswith("{"):
            found.append(line)
            continue
        try:
            value = tomllib.loads(f"change = {line.removesuffix(',')}")["change"]
            found.append(json.loads(json.dumps(value, default=str, allow_nan=False)))
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            faults.append(f"line {number} of the changes: is not written as in a what-if file ({error})")
    return found, faults


def change_text(change: Any) -> str:
    """Return a change as it is written: as after ``--set``, or as in a what-if file."""
    return change if isinstance(change, str) else inline_toml(change)


def options_of(form: Form, defaults: SolveOptions) -> tuple[SolveOptions, list[str]]:
    """Return the options of the form, and what is wrong with them."""
    faults = []
    given: dict[str, Any] = {}
    for name, key, scale, what in ((GAP, "gap", 100.0, "gap"), (TIME, "time_limit_s", 1.0, "time limit")):
        text = form.get(name, "").strip()
        if not text:
            if name in form and name == TIME:
                given[key] = None
            continue
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            faults.append(f"{what} ({text[:40]!r}): must be a number")
            continue
        given[key] = round(number / scale, 12)
    try:
        return replaced(defaults, given), faults
    except OptionError as error:
        return defaults, [*faults, str(error)]


def replaced(defaults: SolveOptions, given: Mapping[str, Any]) -> SolveOptions:
    """Return options with some of them replaced.

    Raises
    ------
    OptionError
        If a value makes no sense.
    """
    return SolveOptions(**{**kept(defaults), **given})


def kept(options: SolveOptions) -> dict[str, Any]:
    """Return the options that the store keeps of a run."""
    return {name: getattr(options, name) for name in ("gap", "time_limit_s", "threads", "seed")}
