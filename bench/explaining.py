"""How long it takes to say why a case cannot be met: ``python -m bench explain --sites 150`` and of shipped cases."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.explain.conflict import Diagnosis, diagnose
from planner.synthetic import generate

HEADER = ("case", "cause", "verdict", "limits", "ways", "conflict, CPU s", "all, CPU s", "wall s")
CAUSES = {"cash": ("budget", 0.4), "demand": ("demand", 1.6), "supply": ("chip_supply", 0.2)}
"""Table of each cause, and the factor on its amounts in synthetic cases, which are generous."""
COLUMNS = {"budget": ("cash_limit_busd", "cash_burn_busd"), "demand": ("compute",), "chip_supply": ("it_mw",)}


@dataclass(frozen=True, slots=True)
class Explained:
    """One explanation and its time.

    Attributes
    ----------
    case, cause : str
    found : Diagnosis
    conflict_s : float
        CPU time of this process until the conflict was known, s; of everything if no ways out were looked for.
    cpu_s, wall_s : float
        Of everything, s.
    """

    case: str
    cause: str
    found: Diagnosis
    conflict_s: float
    cpu_s: float
    wall_s: float

    def row(self) -> Sequence[str]:
        """The cells of a line."""
        kinds = ", ".join(limit.name for limit in self.found.limits)
        proven = sum(way.proven for way in self.found.ways)
        ways = f"{proven} proven of {len(self.found.ways)}"
        times = (f"{self.conflict_s:.1f}", f"{self.cpu_s:.1f}", f"{self.wall_s:.1f}")
        return (self.case, self.cause, self.found.verdict, kinds, ways, *times)


def explained(case: CaseData, cause: str, *, ways: bool, time_limit_s: float | None) -> Explained:
    """Explain a case and take the time."""
    stages: dict[str, float] = {}
    begin, wall = time.process_time(), time.monotonic()

    def note(stage: str) -> None:
        stages[stage] = time.process_time() - begin

    found = diagnose(case, ways=ways, time_limit_s=time_limit_s, on_stage=note)
    total = time.process_time() - begin
    return Explained(case.model.name, cause, found, stages.get("ways out", total), total, time.monotonic() - wall)


def short_of(case: CaseData, cause: str) -> CaseData:
    """Return a case that is short of something."""
    table, factor = CAUSES[cause]
    column = next(name for name in COLUMNS[table] if getattr(next(iter(case.tables[table])), name) is not None)
    return apply_changes(case, [{"op": "scale", "table": table, "column": column, "factor": factor}])


def explain_all(
    sizes: Sequence[int],
    cases: Sequence[str],
    causes: Sequence[str],
    *,
    years: int,
    seed: int,
    ways: bool,
    time_limit_s: float | None,
) -> Iterator[Explained]:
    """Yield the explanation of synthetic cases of some sizes by each cause, and of shipped cases with less money."""
    for sites in sizes:
        made = generate(sites, years, 12, seed)
        for cause in causes:
            yield explained(short_of(made, cause), cause, ways=ways, time_limit_s=time_limit_s)
    for name in cases:
        case = read_case(name)
        column = next(one for one in COLUMNS["budget"] if getattr(case.tables["budget"][0], one) is not None)
        cut = {"op": "scale", "table": "budget", "column": column, "factor": 0.8}
        hard = apply_changes(case, ['model.objective.shortfall="hard"', cut])
        yield explained(hard, "a fifth less money", ways=ways, time_limit_s=time_limit_s)
