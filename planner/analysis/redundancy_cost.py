"""What each redundancy rule costs: plans with all rules, with each rule dropped, and with none."""

from dataclasses import asdict, dataclass
from typing import Unpack

import pandas as pd

from planner.analysis.redundancy_rules import reason_of, required_rules, with_rules
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case, Plan
from planner.explain.prices import ProtectionPrice, protection_prices
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, measured, runner_of
from planner.status import Status


@dataclass(frozen=True, slots=True)
class RuleCost:
    """A plan under some of the rules.

    Attributes
    ----------
    dropped : str
        The rule left out; ``none`` of them, or ``all``.
    status : Status
    cost_busd, bound_busd, gap : float or None
    unserved_compute_years : float or None
    saved_busd : float or None
        Cost with all rules less this cost; None where one of the plans is missing.
    saved_low_busd, saved_high_busd : float or None
        What the gaps leave open: the proven range of what dropping the rule saves.
    reason : str
        Why there is no plan; empty where there is one.
    sign : str
        Of what is saved: ``more`` than 0, ``less``, or ``equal`` to it, proven; ``open``: inside the gaps. Where
        the plans miss unlike amounts, the sign of what is missed comes first. Empty without two plans to compare.
    """

    dropped: str
    status: Status
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    saved_busd: float | None
    saved_low_busd: float | None
    saved_high_busd: float | None
    reason: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class BindingContingency:
    """A contingency that leaves nothing to spare."""

    rule: str
    """Name of the redundancy rule."""
    period: str
    """Label of the period."""
    contingency: str
    """The failure domains lost."""
    lost_it_mw: float
    """Installed IT MW lost."""
    critical_compute: float
    """Critical demand, all markets and workloads, in the compute unit of the case."""


@dataclass(frozen=True, slots=True)
class BackupEnvelope:
    """Spending on backup capacity over the horizon against its limit."""

    spent_busd: float
    """Spent on backup, nominal $B."""
    allowed_busd: float | None
    """Envelope of the budget for backup, nominal $B; None: not limited."""
    income_busd: float
    """Income of idle backup sold as interruptible compute, nominal $B."""


@dataclass(frozen=True, slots=True, repr=False)
class CostOfRules(Shown):
    """What the rules of a case cost.

    Attributes
    ----------
    variants : tuple of RuleCost
        All rules first, then each rule dropped, none last.
    binding : tuple of BindingContingency
        Of the plan with all rules.
    prices : tuple of ProtectionPrice
        Of the plan with all rules.
    envelope : BackupEnvelope or None
        None without a plan.
    plan : Plan or None
        The plan with all rules.
    """

    variants: tuple[RuleCost, ...]
    binding: tuple[BindingContingency, ...]
    prices: tuple[ProtectionPrice, ...]
    envelope: BackupEnvelope | None
    plan: Plan | None

    def __repr__(self) -> str:
        costs = {
            one.dropped: "no plan" if one.cost_busd is None else f"${one.cost_busd:,.3f}B" for one in self.variants
        }
        return f"CostOfRules(all rules {costs['none']}, without any {costs['all']})"

    def table(self) -> pd.DataFrame:
        """The variants as a DataFrame, one column for each field of `RuleCost`."""
        return pd.DataFrame([asdict(one) for one in self.variants])


def cost_of_rules(
    case: AnyCase,
    *,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> CostOfRules:
    """Plan a case with all its redundancy rules, with each dropped, and with none.

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
        If the case has no redundancy rule.
    """
    case = Case.of(case)
    rules, use = required_rules(case), runner_of(runner, options, on_progress, keywords)
    full = use.solve(case, "all rules", keep_point=True)
    cases = {"all": ("no rules", with_rules(case, []))}
    if len(rules) > 1:
        dropped = {rule.name: [other for other in rules if other is not rule] for rule in rules}
        cases = {name: (f"without {name}", with_rules(case, left)) for name, left in dropped.items()} | cases
    variants = [RuleCost("none", *measured(full, full).figures, reason=reason_of(case, full))]
    for name, (label, variant) in cases.items():
        outcome = use.solve(variant, label)
        one = measured(outcome, full)
        variants.append(RuleCost(name, *one.figures, reason_of(variant, outcome), one.sign))
    plan = None if full.plan is None else Plan.of(full.plan)
    return CostOfRules(
        tuple(variants),
        () if plan is None else tuple(binding_of(plan)),
        () if full.solved is None else tuple(protection_prices(full.solved.point)),
        None if plan is None else envelope_of(plan),
        plan,
    )


def binding_of(plan: PlanData) -> list[BindingContingency]:
    """The binding contingencies of a plan, in the order of its table."""
    periods = plan.periods
    return [
        BindingContingency(
            str(row["rule"]),
            periods.label(row["period"]),
            str(row["contingency"]),
            float(row["lost_it_mw"]),
            float(row["critical_compute"]),
        )
        for row in plan.rows("contingencies")
        if row["binding"] == "yes" and periods.is_reported(row["period"])
    ]


def envelope_of(plan: PlanData) -> BackupEnvelope:
    """What backup spent against its envelope, and what it earned while idle."""
    budget = plan.case.model.families.budget
    spent, income = plan.summary["spend_backup_busd"], plan.summary["backup_income_busd"]
    return BackupEnvelope(float(spent), budget.backup_envelope_busd if budget else None, float(income))
