"""What contiguity costs: plans with the rules, without each, without all, and with each loosened where it can be."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Unpack

import pandas as pd

from planner.analysis.redundancy_rules import reason_of
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case, Plan
from planner.case.case import CaseData
from planner.case.model import Contiguity, ContiguityRule
from planner.errors import OptionError
from planner.options import SolveKeywords, SolveOptions
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, measured, runner_of
from planner.status import Status

AS_GIVEN = "as given"


@dataclass(frozen=True, slots=True)
class ContiguityVariant:
    """A plan with other rules of contiguity, compared with that of the case as given.

    Attributes
    ----------
    name : str
        ``as given``, ``without NAME``, ``without all``, ``NAME, any number of campuses`` or ``NAME, any years``.
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
class CostOfContiguity(Shown):
    """What the rules of contiguity of a case cost.

    Attributes
    ----------
    variants : tuple of ContiguityVariant
        The case as given first.
    plan : Plan or None
        Of the case as given; its table ``clusters`` has which campuses host the work.
    """

    variants: tuple[ContiguityVariant, ...]
    plan: Plan | None

    def __repr__(self) -> str:
        costs = (f"{one.name} {'no plan' if one.cost_busd is None else f'${one.cost_busd:,.3f}B'}"
                 for one in self.variants)  # fmt: skip
        return f"CostOfContiguity({', '.join(costs)})"

    def table(self) -> pd.DataFrame:
        """The variants as a DataFrame, one column for each field of `ContiguityVariant`."""
        return pd.DataFrame([asdict(one) for one in self.variants])


def cost_of_contiguity(
    case: AnyCase,
    *,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> CostOfContiguity:
    """Plan a case with its rules of contiguity, without each, without all, and with each loosened.

    A rule is loosened twice, where it has the key: with any number of campuses, and with any years.

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
        If the case has no rule of contiguity.
    """
    case, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    family = case.model.families.contiguity
    if family is None:
        raise OptionError(f"{case.model.name}: has no rule of contiguity ([[families.contiguity.rules]])")
    given = use.solve(case, AS_GIVEN)
    variants = [ContiguityVariant(AS_GIVEN, *measured(given, None).figures, reason=reason_of(case, given))]
    for name, other in _others(case, family.rules):
        outcome = use.solve(other, name)
        one = measured(outcome, given)
        variants.append(ContiguityVariant(name, *one.figures, reason_of(other, outcome), one.sign))
    return CostOfContiguity(tuple(variants), None if given.plan is None else Plan.of(given.plan))


def _others(case: CaseData, rules: Sequence[ContiguityRule]) -> list[tuple[str, CaseData]]:
    found = [(f"without {rule.name}", with_rules(case, [one for one in rules if one is not rule])) for rule in rules]
    if len(rules) > 1:
        found.append(("without all", with_rules(case, [])))
    for rule in rules:
        for key, words in (("most_campuses", "any number of campuses"), ("at_least_years", "any years")):
            if getattr(rule, key) is not None:
                loose = rule.model_copy(update={key: None})
                found.append(
                    (f"{rule.name}, {words}", with_rules(case, [loose if one is rule else one for one in rules]))
                )
    return found


def with_rules(case: CaseData, rules: Sequence[ContiguityRule]) -> CaseData:
    """The same case with other rules of contiguity; without the family where there are none."""
    family = Contiguity(rules=tuple(rules)) if rules else None
    families = case.model.families.model_copy(update={"contiguity": family})
    return case.replace(model=case.model.model_copy(update={"families": families}))
