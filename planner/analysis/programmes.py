"""What programmes cost: plans with them, without each, without all, and with each committed that is not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Unpack

import pandas as pd

from planner.analysis.redundancy_rules import reason_of
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case, Plan
from planner.case.case import CaseData
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow
from planner.errors import OptionError
from planner.options import SolveKeywords, SolveOptions
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, measured, runner_of
from planner.status import Status

AS_GIVEN = "as given"


@dataclass(frozen=True, slots=True)
class ProgrammeVariant:
    """A plan with other programmes, compared with that of the case as given.

    Attributes
    ----------
    name : str
        ``as given``, ``without NAME``, ``without all`` or ``NAME committed``.
    status : Status
    cost_busd, bound_busd, gap : float or None
    unserved_compute_years : float or None
    difference_busd : float or None
        Cost of the case as given less this cost; None where one of the plans is missing.
    difference_low_busd, difference_high_busd : float or None
        What the gaps leave open: the proven range of the difference.
    reason : str
        Why there is no plan; empty where there is one.
    sign : str
        Of what is saved: ``more`` than 0, ``less``, or ``equal`` to it, proven; ``open``: inside the gaps. Where
        the plans miss unlike amounts, the sign of what is missed comes first. Empty without two plans to compare.
    """

    name: str
    status: Status
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    difference_busd: float | None
    difference_low_busd: float | None
    difference_high_busd: float | None
    reason: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class CostOfProgrammes(Shown):
    """What the programmes of a case cost.

    Attributes
    ----------
    variants : tuple of ProgrammeVariant
        The case as given first.
    plan : Plan or None
        Of the case as given; its table ``programme_path`` has what is in force against what is asked for.
    """

    variants: tuple[ProgrammeVariant, ...]
    plan: Plan | None

    def __repr__(self) -> str:
        costs = (f"{one.name} {'no plan' if one.cost_busd is None else f'${one.cost_busd:,.3f}B'}"
                 for one in self.variants)  # fmt: skip
        return f"CostOfProgrammes({', '.join(costs)})"

    def table(self) -> pd.DataFrame:
        """The variants as a DataFrame, one column for each field of `ProgrammeVariant`."""
        return pd.DataFrame([asdict(one) for one in self.variants])


def cost_of_programmes(
    case: AnyCase,
    *,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> CostOfProgrammes:
    """Plan a case with its programmes, without each, without all, and with each committed that is not.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Raises
    ------
    OptionError
        If the case has no programme.
    """
    case, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    programmes = case.rows(ProgrammeRow)
    if not programmes:
        raise OptionError(f"{case.model.name}: has no programme (tables programmes and programme_steps)")
    given = use.solve(case, AS_GIVEN)
    variants = [ProgrammeVariant(AS_GIVEN, *measured(given, None).figures, reason=reason_of(case, given))]
    for name, other in _others(case, programmes):
        outcome = use.solve(other, name)
        one = measured(outcome, given)
        variants.append(ProgrammeVariant(name, *one.figures, reason_of(other, outcome), one.sign))
    return CostOfProgrammes(tuple(variants), None if given.plan is None else Plan.of(given.plan))


def _others(case: CaseData, programmes: Sequence[ProgrammeRow]) -> list[tuple[str, CaseData]]:
    found = [(f"without {row.programme}", with_programmes(case, [p for p in programmes if p is not row]))
             for row in programmes]  # fmt: skip
    if len(programmes) > 1:
        found.append(("without all", with_programmes(case, [])))
    for row in programmes:
        if row.kind != "committed":
            bound = row.model_copy(update={"kind": "committed"})
            rows = [bound if other is row else other for other in programmes]
            found.append((f"{row.programme} committed", with_programmes(case, rows)))
    return found


def with_programmes(case: CaseData, programmes: Sequence[ProgrammeRow]) -> CaseData:
    """The same case with other programmes; without the tables where there are none."""
    if not programmes:
        return case.replace(tables={"programmes": None, "programme_steps": None})
    kept = {row.programme for row in programmes}
    steps = tuple(step for step in case.rows(ProgrammeStepRow) if step.programme in kept)
    return case.replace(tables={"programmes": tuple(programmes), "programme_steps": steps})
