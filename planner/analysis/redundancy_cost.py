"""What each redundancy rule costs: plans with all rules, with each rule dropped, and with none, side by side."""

from dataclasses import dataclass, field

from planner.case.case import CaseData
from planner.errors import OptionError
from planner.explain.prices import ProtectionPrice, protection_prices
from planner.explain.shortfall import shortfalls
from planner.plan.plan import Rows
from planner.runs.rules import NO_PLAN, NO_RULE, Effort, Solved, Tell, ignore, rules_of, solve_rules, with_rules


@dataclass(frozen=True, slots=True)
class Variant:
    """A plan under some of the rules.

    Attributes
    ----------
    dropped : str
        The rule left out; ``none`` of them, or ``all``.
    status : str
    cost_busd, bound_busd, gap : float or None
    unserved_compute_years : float or None
    saved_busd : float or None
        Cost with all rules less this cost; None where one of the plans is missing.
    saved_low_busd, saved_high_busd : float or None
        What the gaps leave open: the proven range of what dropping the rule saves.
    reason : str
        Why there is no plan; empty where there is one.
    """

    dropped: str
    status: str
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    saved_busd: float | None
    saved_low_busd: float | None
    saved_high_busd: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A contingency that leaves nothing to spare."""

    rule: str
    period: str
    contingency: str
    lost_it_mw: float
    critical_compute: float


@dataclass(frozen=True, slots=True)
class Envelope:
    """Backup over the horizon: what was spent, what was allowed, what idle backup earned (nominal $B)."""

    spent_busd: float
    allowed_busd: float | None
    income_busd: float


@dataclass(frozen=True, slots=True)
class CostOfRules:
    """What the rules of a case cost.

    Attributes
    ----------
    variants : tuple of Variant
        All rules first, then each rule dropped, none last.
    binding : tuple of Binding
        Of the plan with all rules.
    prices : tuple of ProtectionPrice
        Of the plan with all rules.
    envelope : Envelope or None
        None without a plan.
    """

    variants: tuple[Variant, ...]
    binding: tuple[Binding, ...]
    prices: tuple[ProtectionPrice, ...]
    envelope: Envelope | None
    full: Solved = field(repr=False)


def cost_of_rules(case: CaseData, effort: Effort | None = None, tell: Tell = ignore) -> CostOfRules:
    """Plan a case with all its redundancy rules, with each dropped, and with none.

    Parameters
    ----------
    case : CaseData
    effort : Effort or None
    tell : callable
        Hears the news of every solve.

    Raises
    ------
    OptionError
        If the case has no redundancy rule.
    AuditError
        If a plan fails its audit.
    """
    effort = effort or Effort()
    rules = rules_of(case)
    if not rules:
        raise OptionError(NO_RULE.format(name=case.model.name))
    full = solve_rules(case, effort, "all rules", tell)
    variants = [_variant("none", full, full, "" if full.tables else _why(case, full))]
    solved = full
    for rule in rules if len(rules) > 1 else ():
        without = with_rules(case, [other for other in rules if other is not rule])
        solved = solve_rules(without, effort, f"without {rule.name}", tell, before=solved)
        variants.append(_variant(rule.name, solved, full, "" if solved.tables else _why(without, solved)))
    bare = with_rules(case, [])
    solved = solve_rules(bare, effort, "no rules", tell, before=solved)
    variants.append(_variant("all", solved, full, "" if solved.tables else _why(bare, solved)))
    return CostOfRules(
        tuple(variants), tuple(binding_of(full)), tuple(protection_prices(full)), envelope_of(full), full
    )


def _why(case: CaseData, solved: Solved) -> str:
    return shortfalls(case).text if solved.status == "infeasible" else NO_PLAN[solved.status]


def _variant(dropped: str, solved: Solved, full: Solved, reason: str) -> Variant:
    saved = low = high = None
    if solved.cost_busd is not None and full.cost_busd is not None:
        saved = full.cost_busd - solved.cost_busd
        if solved.bound_busd is not None and full.bound_busd is not None and solved is not full:
            low, high = full.bound_busd - solved.cost_busd, full.cost_busd - solved.bound_busd
    return Variant(
        dropped,
        solved.status,
        solved.cost_busd,
        solved.bound_busd,
        solved.gap,
        solved.unserved_compute_years,
        saved,
        low,
        high,
        reason,
    )


def binding_of(solved: Solved) -> list[Binding]:
    """The contingencies of a plan that leave nothing to spare, in the order of its table.

    Parameters
    ----------
    solved : Solved
    """
    rows: Rows = solved.tables.get("contingencies", ())
    return [
        Binding(
            str(row["rule"]),
            str(row["period"]),
            str(row["contingency"]),
            float(row["lost_it_mw"]),
            float(row["critical_compute"]),
        )
        for row in rows
        if row["binding"] == "yes"
    ]


def envelope_of(solved: Solved) -> Envelope | None:
    """What backup spent against its envelope, and what it earned while idle.

    Parameters
    ----------
    solved : Solved
    """
    if not solved.tables:
        return None
    budget = solved.data.case.model.families.budget
    spent = sum(float(row["amount_busd"]) for row in solved.tables["spend"] if row["role"] == "backup")
    income = sum(float(row["income_busd"]) for row in solved.tables["backup"])
    return Envelope(spent, budget.backup_envelope_busd if budget else None, income)
