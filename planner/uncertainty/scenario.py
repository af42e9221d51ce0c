"""Scenarios: futures of a case with their probabilities, each a list of changes in the one language of changes.

A scenario file is a what-if file (docs/what-ifs.md) whose what-ifs have a ``probability``: `planner sweep` solves it as
it is.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, overload

import tomli_w
from pydantic import TypeAdapter, ValidationError

from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.case.messages import KEY_RULE, shorten
from planner.changes.apply import apply_whatif, make_whatif, problems_of
from planner.changes.expand import expand
from planner.changes.lines import line_of
from planner.changes.names import is_run_name
from planner.changes.read import ReadFile, read_whatifs
from planner.changes.schema import BASE, Change, Part, Rows, Set, WhatIf
from planner.errors import CaseError, Problem
from planner.system.folders.file import write_file
from planner.uncertainty.scenario_table import read_scenario_table

SUM_TOLERANCE = 1e-9
"""How far from 1 the probabilities of a set may add up."""
_CHANGE: TypeAdapter[Any] = TypeAdapter(Change)
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A future of a case.

    Attributes
    ----------
    name : str
        A key, as of a what-if.
    probability : float
        Above 0; those of a set add up to 1.
    changes : tuple of Change
        What is otherwise than in the case, in order: records of `planner.changes.schema`.
    """

    name: str
    probability: float
    changes: tuple[Any, ...] = ()

    @property
    def whatif(self) -> WhatIf:
        """The what-if of the same name and changes: what `sweep` and `Case.what_if` take."""
        return WhatIf(name=self.name, changes=self.changes)


@dataclass(frozen=True, slots=True)
class ScenarioSet(Sequence[Scenario]):
    """Scenarios whose probabilities add up to 1, a sequence.

    Attributes
    ----------
    scenarios : tuple of Scenario
    made : str
        How they were made, in one line.
    seed : int or None
        Of the draw; None: they were not drawn.

    Raises
    ------
    CaseError
        With every fault: no scenario, a name given twice or that is no key, a probability that is not above 0,
        probabilities that do not add up to 1.

    Examples
    --------
    >>> scenarios = ScenarioSet((Scenario("as_planned", 0.7), Scenario("late", 0.3, ())), made="by hand")
    >>> len(scenarios), scenarios["late"].probability, scenarios[0].name
    (2, 0.3, 'as_planned')
    """

    scenarios: tuple[Scenario, ...]
    made: str = "by hand"
    seed: int | None = None

    def __post_init__(self) -> None:
        problems = _problems([(one.name, one.probability, None) for one in self.scenarios], "scenarios")
        message = (
            "changes are records of planner.changes.schema; planner.scenario(name, probability, changes) makes them"
        )
        for one in self.scenarios:
            if not isinstance(one.changes, tuple) or not all(isinstance(change, Part) for change in one.changes):
                problems.append(Problem("scenarios", message, None, None, shorten(str(one.name))))
        if problems:
            raise CaseError("scenarios", problems)

    @overload
    def __getitem__(self, index: int | str) -> Scenario: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Scenario, ...]: ...

    def __getitem__(self, index: int | str | slice) -> Scenario | tuple[Scenario, ...]:
        if not isinstance(index, str):
            return self.scenarios[index]
        found = next((one for one in self.scenarios if one.name == index), None)
        if found is None:
            raise KeyError(index)
        return found

    def __len__(self) -> int:
        return len(self.scenarios)

    @property
    def is_sample(self) -> bool:
        """Whether they were drawn and are all equally probable: a mean over them is an estimate, with an error."""
        chances = [one.probability for one in self.scenarios]
        return self.seed is not None and max(chances) - min(chances) <= SUM_TOLERANCE

    @property
    def whatifs(self) -> list[WhatIf]:
        """The what-ifs of the scenarios, in order: what `sweep` takes."""
        return [one.whatif for one in self.scenarios]

    def cases(self, case: AnyCase) -> Iterator[tuple[Scenario, CaseData | CaseError]]:
        """Yield each scenario with the case as it is then, or with the faults that keep it from being one."""
        base = Case.of(case)
        for one in self.scenarios:
            try:
                yield one, apply_whatif(base, one.whatif).data
            except CaseError as fault:
                yield one, fault

    def content(self) -> bytes:
        """Return the set as a scenario file, which `read` reads to the same set."""
        head: dict[str, Any] = {"format": 1, "made": self.made}
        if self.seed is not None:
            head["seed"] = self.seed
        writer = _Writer()
        head["whatif"] = [writer.entry(one) for one in self.scenarios]
        return tomli_w.dumps(head).encode()

    def write(self, file: str | Path, *, replace: bool = False) -> None:
        """Write the set as a scenario file (TOML), which `read` reads to the same set.

        Raises
        ------
        PlannerError
            If something stands there and ``replace`` is not set, or it cannot be written.
        """
        write_file(file, self.content(), replace=replace)

    @classmethod
    def read(cls, file: str | Path, case: AnyCase | None = None) -> "ScenarioSet":
        """Read a scenario file: a what-if file whose what-ifs all have a probability, or a table of scenarios.

        Parameters
        ----------
        file : str or Path
            A table (``.csv``) has the columns ``scenario`` and ``probability``, and one for each place that changes.
        case : Case, CaseData, str, Path or None
            With a case, the scenarios are tried on it, and every change that it does not admit is a fault.

        Raises
        ------
        CaseError
            With every fault of the file, each with its line.
        """
        if str(file).lower().endswith(".csv"):
            return cls._read_table(Path(file), case)
        found = read_whatifs(file)
        _refuse_faults(found)
        whatifs = expand(found.file, None if case is None else Case.of(case), found.label, found.lines)
        scenarios = [
            Scenario(whatif.name, float(entry.probability or 0.0), whatif.changes)
            for whatif, entry in zip(whatifs, found.file.whatif, strict=True)
        ]
        return cls(tuple(scenarios), found.file.made or f"read from {found.label}", found.file.seed)

    @classmethod
    def _read_table(cls, path: Path, case: AnyCase | None) -> "ScenarioSet":
        rows, label = read_scenario_table(path), str(path)
        problems = _problems([(name, probability, line) for name, probability, _, line in rows], label)
        if not problems and case is not None:
            base = Case.of(case)
            for name, _, changes, line in rows:
                problems += problems_of(base, WhatIf(name=name, changes=changes), label, partial(_the_line, line))
        if problems:
            raise CaseError(label, problems)
        return cls(tuple(Scenario(name, p or 0.0, changes) for name, p, changes, _ in rows), f"read from {label}")


def _the_line(line: int, _number: int) -> int:
    """Return the line of a row of a table, whichever of its changes is meant."""
    return line


def faults_of(name: str, fault: CaseError) -> list[Problem]:
    """Return the faults of the case that a scenario makes: figures in them are its own, which no file has."""
    words = f"in scenario {name} (its own figures, not those of the file): "
    return [replace(one, message=f"{words}{one.message}") for one in fault.problems]


def as_scenarios(given: "ScenarioSet | Iterable[Scenario] | str | Path", case: AnyCase | None = None) -> ScenarioSet:
    """Return scenarios, in whatever form they are given: a set, scenarios one by one, or a scenario file."""
    if isinstance(given, ScenarioSet):
        return given
    return ScenarioSet.read(given, case) if isinstance(given, (str, Path)) else ScenarioSet(tuple(given))


def scenario(name: str, probability: float, changes: Any = ()) -> Scenario:
    """Return a scenario from changes as Python writes them: texts as after ``--set``, or mappings as in a file.

    Raises
    ------
    CaseError
        With every fault of the changes.

    Examples
    --------
    >>> scenario("costly", 0.25, ["offers[provider=acme].rent_musd_per_mw_year=12"]).changes[0].op
    'set'
    """
    from_python = make_whatif(changes, name)
    return Scenario(name, probability, from_python.changes)


class _Writer:
    """Writes changes as files have them, as short as they can be: what is read is the same change."""

    def __init__(self) -> None:
        self._places: dict[Any, str | None] = {}

    def entry(self, one: Scenario) -> dict[str, Any]:
        """Return a scenario as an entry of the file."""
        changes = [self._written(change) for change in one.changes]
        return {"name": one.name, "probability": one.probability, "changes": changes}

    def _written(self, change: Change) -> Any:
        if isinstance(change, Set) and change.where is None and _NUMBER.fullmatch(str(change.value)):
            place = (change.table, change.key, change.column, change.model)
            if place not in self._places:
                short = _short(change)
                self._places[place] = short.rpartition("=")[0] if isinstance(short, str) else None
            if self._places[place] is not None and isinstance(change.value, str):
                return f"{self._places[place]}={change.value}"
        return _short(change)


def _short(change: Change) -> Any:
    """Return a change as a text, or with its place in one text, or else field by field."""
    fields = change.model_dump(mode="python", by_alias=True, exclude_none=True)
    if not isinstance(change, Rows):
        return fields
    place = str(change.place)
    rest = {name: value for name, value in fields.items() if name not in ("table", "key", "where", "column", "model")}
    for short in (f"{place}={fields.get('value')}", {"op": fields["op"], "place": place} | rest):
        try:
            if _CHANGE.validate_python(short) == change:
                return short
        except ValidationError:
            continue
    return fields


def _refuse_faults(found: ReadFile) -> None:
    """Refuse a what-if file that is no scenario file, with every reason."""
    problems = [
        Problem(
            found.label,
            f"a scenario file has [[whatif]] only, each with its probability, and no [[{section}]]",
            at,
            section,
        )
        for section in ("list", "grid")
        if getattr(found.file, section)
        for at in [line_of(found.lines, (section, 0))]
    ]
    given = [
        (one.name, one.probability, line_of(found.lines, ("whatif", number, "probability")))
        for number, one in enumerate(found.file.whatif)
    ]
    problems += _problems(given, found.label)
    if problems:
        raise CaseError(found.label, problems)


def _problems(given: Sequence[tuple[str, float | None, int | None]], label: str) -> list[Problem]:
    """Return what is wrong with names and probabilities, each with the line on which it stands."""
    problems = [] if given else [Problem(label, "there is no scenario; give at least one, of probability 1")]
    seen: set[str] = set()
    for name, probability, line in given:
        place = f"whatif[{shorten(str(name))}].probability"
        if not isinstance(name, str) or not is_run_name(name) or name.lower() == BASE:
            problems.append(
                Problem(
                    label, f"the name of a scenario {KEY_RULE}, and is not {BASE!r}", line, None, shorten(str(name))
                )
            )
        elif name.lower() in seen:
            problems.append(
                Problem(label, "the name stands twice (upper and lower case count as the same)", line, None, name)
            )
        seen.add(str(name).lower())
        if probability is None:
            problems.append(Problem(label, "every scenario needs its probability, above 0 and at most 1", line, place))
        elif not (math.isfinite(probability) and 0.0 < probability <= 1.0):
            problems.append(Problem(label, "must be above 0 and at most 1", line, place, f"{probability!r}"))
    if problems:
        return problems
    total = math.fsum(probability or 0.0 for _, probability, _ in given)
    if abs(total - 1.0) > SUM_TOLERANCE:
        largest = max(given, key=lambda one: one[1] or 0.0)
        message = f"the probabilities of the {len(given)} scenarios add up to {total:.12g}; they must add up to 1"
        return [Problem(label, message, largest[2], f"whatif[{largest[0]}].probability", f"{largest[1]:.12g}")]
    return []
