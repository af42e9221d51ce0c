"""Futures: the cases of scenarios, those that are the same case as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.api import Case
from planner.case.case import CaseData
from planner.case.messages import listed, shorten
from planner.changes.schema import WhatIf
from planner.errors import CaseError, OptionError, Problem
from planner.text import count
from planner.uncertainty.draw import draw_scenarios
from planner.uncertainty.recourse import same_periods
from planner.uncertainty.scenario import Scenario, ScenarioSet, as_scenarios, faults_of

AnyScenarios = ScenarioSet | Iterable[Scenario] | str | Path | int
"""Scenarios as a set or one by one, the name of a scenario file, or how many are drawn."""

MOST_ALIKE = 4
"""Scenarios that are the same case, and groups of them, that a note names; the others are counted."""


def chosen_scenarios(given: AnyScenarios, case: Case, seed: int) -> ScenarioSet:
    """Return scenarios, in whatever form they are given; a number of them is drawn from the case.

    Raises
    ------
    CaseError
        If the file is faulty, or the case has nothing to draw from.
    OptionError
        If it is none of these, or no number of scenarios.
    """
    if isinstance(given, bool) or not isinstance(given, int | str | Path | Iterable):
        said = shorten(repr(given))
        raise OptionError(f"scenarios {said}: must be scenarios, the name of a file, or how many to draw")
    return draw_scenarios(case, given, seed=seed) if isinstance(given, int) else as_scenarios(given, case)


@dataclass(frozen=True, slots=True)
class Future:
    """Scenarios that are the same case, as one.

    Attributes
    ----------
    names : tuple of str
    whatif : WhatIf
        Of the first of them.
    probability : float
        Of all of them together.
    case : CaseData
    """

    names: tuple[str, ...]
    whatif: WhatIf
    probability: float
    case: CaseData = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the first."""
        return self.names[0]


def futures_of(base: CaseData, scenarios: ScenarioSet) -> list[Future]:
    """Return the cases of scenarios; those that are the same case are one future."""
    problems: list[Problem] = []
    found: dict[CaseData, Future] = {}
    for scenario, made in scenarios.cases(base):
        if isinstance(made, CaseError):
            problems += faults_of(scenario.name, made)
        elif not same_periods(base, made):
            message = f"scenario {scenario.name} alters the horizon: all scenarios have the periods of the case"
            problems.append(Problem("scenarios", message))
        elif made in found:
            one = found[made]
            chance = one.probability + scenario.probability
            found[made] = replace(one, names=(*one.names, scenario.name), probability=chance)
        else:
            found[made] = Future((scenario.name,), scenario.whatif, scenario.probability, made)
    if problems:
        raise CaseError("scenarios", problems)
    return list(found.values())


def same_cases(futures: Sequence[Future]) -> str:
    """Return which scenarios are the same case as another, in words; empty where all differ.

    Examples
    --------
    >>> from planner.uncertainty.scenario import ScenarioSet, scenario
    >>> twice = ScenarioSet((scenario("a", 0.5), scenario("b", 0.5)))
    >>> same_cases(futures_of(Case.read("three_sites"), twice))
    '2 scenarios, 1 future: b is the same as a'
    """
    alike = [one.names for one in futures if len(one.names) > 1]
    if not alike:
        return ""
    parts = [
        f"{listed(others, MOST_ALIKE)} {'is' if len(others) == 1 else 'are'} the same as {first}"
        for first, *others in alike[:MOST_ALIKE]
    ]
    parts += [f"and {len(alike) - MOST_ALIKE} more such cases"] if len(alike) > MOST_ALIKE else []
    scenarios = count(sum(len(one.names) for one in futures), "scenario")
    return f"{scenarios}, {count(len(futures), 'future')}: {'; '.join(parts)}"
