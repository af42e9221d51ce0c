"""How long it takes to say why a case cannot be met: ``python -m bench explain --sites 150`` and of shipped cases."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.explain.conflict import COMPLETING, Diagnosis, diagnose
from planner.synthetic import generate

HEADER = (
    "case",
    "cause",
    "verdict",
    "limits",
    "ways",
    "conflict, CPU s",
    "all, CPU s",
    "ways out, wall s",
    "all, wall s",
)
CAUSES = {"cash": ("budget", 0.4), "demand": ("demand", 1.6), "supply": ("chip_supply", 0.2)}
"""Table of each cause, and the factor on its amounts in synthetic cases, which are generous."""
SHIPPED_CAUSES = {
    "cash": ("budget", 0.8),
    "demand": ("demand", 1.5),
    "supply": ("chip_supply", 0.3),
    "power": ("energisation", 0.7),
    "programmes": ("programme_steps", 1.3),
}
"""The same of shipped cases, those whose table they have."""
YEAR = "2027"
"""Year without cash of another cause of shipped cases."""
NO_CASH = "no cash"
"""Name of that cause."""
COLUMNS = {
    "budget": ("cash_limit_busd", "cash_burn_busd"),
    "demand": ("compute",),
    "chip_supply": ("it_mw",),
    "energisation": ("facility_mw",),
    "programme_steps": ("at_least_facility_mw", "at_least_it_mw"),
}


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
    ways_s : float
        Wall time until the ways out were known; what comes after is whether each meets everything, s.
    """

    case: str
    cause: str
    found: Diagnosis
    conflict_s: float
    cpu_s: float
    wall_s: float
    ways_s: float

    def row(self) -> Sequence[str]:
        """The cells of a line."""
        kinds = ", ".join(limit.name for limit in self.found.limits)
        proven = sum(way.proven for way in self.found.ways)
        ways = f"{proven} proven of {len(self.found.ways)}"
        times = (f"{self.conflict_s:.1f}", f"{self.cpu_s:.1f}", f"{self.ways_s:.1f}", f"{self.wall_s:.1f}")
        return (self.case, self.cause, self.found.verdict, kinds, ways, *times)


def explained(case: CaseData, cause: str, *, ways: bool, time_limit_s: float | None) -> Explained:
    """Explain a case and take the time."""
    stages: dict[str, tuple[float, float]] = {}
    begin, wall = time.process_time(), time.monotonic()

    def note(stage: str) -> None:
        stages[stage] = time.process_time() - begin, time.monotonic() - wall

    found = diagnose(case, ways=ways, time_limit_s=time_limit_s, on_stage=note)
    total = time.process_time() - begin, time.monotonic() - wall
    conflict_s, _ = stages.get("ways out", total)
    _, ways_s = stages.get(COMPLETING, total)
    return Explained(case.model.name, cause, found, conflict_s, *total, ways_s)


def short_of(case: CaseData, cause: str, causes: Mapping[str, tuple[str, float]] | None = None) -> CaseData:
    """Return a case that is short of something."""
    table, factor = (causes or CAUSES)[cause]
    return apply_changes(case, [{"op": "scale", "table": table, "column": _column(case, table), "factor": factor}])


def planted(case: CaseData, causes: Sequence[str] = (*SHIPPED_CAUSES, NO_CASH)) -> Iterator[tuple[str, CaseData]]:
    """Yield a shipped case that admits no shortfall with each cause planted, and the cause in words."""
    hard = apply_changes(case, ['model.objective.shortfall="hard"'])
    for cause, (table, factor) in SHIPPED_CAUSES.items():
        if cause in causes and case.tables.get(table):
            yield f"{factor:g} times the {cause}", short_of(hard, cause, SHIPPED_CAUSES)
    years = [str(key) for key in case.index("budget")] if case.tables.get("budget") else []
    if NO_CASH in causes and YEAR in years:
        none = {"op": "set", "table": "budget", "key": YEAR, "column": _column(case, "budget"), "value": 0.0}
        yield f"no cash in {YEAR}", apply_changes(hard, [none])


def _column(case: CaseData, table: str) -> str:
    """Return the column of a table that has its amounts."""
    return next(name for name in COLUMNS[table] if getattr(next(iter(case.tables[table])), name) is not None)


def explain_all(
    sizes: Sequence[int],
    cases: Sequence[str],
    causes: Sequence[str],
    shipped_causes: Sequence[str] = (*SHIPPED_CAUSES, NO_CASH),
    *,
    years: int,
    seed: int,
    ways: bool,
    time_limit_s: float | None,
) -> Iterator[Explained]:
    """Yield the explanation of synthetic cases of some sizes, and of shipped cases, by each cause."""
    for sites in sizes:
        made = generate(sites, years, 12, seed)
        for cause in causes:
            yield explained(short_of(made, cause), cause, ways=ways, time_limit_s=time_limit_s)
    for name in cases:
        for cause, case in planted(read_case(name), shipped_causes):
            yield explained(case, cause, ways=ways, time_limit_s=time_limit_s)
