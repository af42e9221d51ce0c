"""Every part of the audit: which family it judges, by which sections of the formulation, and where.

A constraint family of the program that no part judges would be a limit that is not checked; tests compare both lists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from planner.audit.backup import check_backup
from planner.audit.budget import Cash, check_budget
from planner.audit.cash import check_cash
from planner.audit.chips import check_chips
from planner.audit.context import Context
from planner.audit.contiguity import check_contiguity
from planner.audit.contracts import check_contracts
from planner.audit.demand import check_demand
from planner.audit.derived import check_calendar, check_derived
from planner.audit.financing import Flow, check_financing
from planner.audit.forced import check_forced, check_stated
from planner.audit.ledger import Ledger
from planner.audit.limits import check_diversity, check_integration
from planner.audit.money import Cost, check_budget_table, check_objective, check_summary
from planner.audit.obligations import check_obligations
from planner.audit.own import check_own
from planner.audit.pauses import check_pauses
from planner.audit.power import check_carbon, check_power
from planner.audit.programmes import check_programmes
from planner.audit.proof import STATED, check_labels, check_proof
from planner.audit.ranges import check_ranges
from planner.audit.recovery import check_claims
from planner.audit.redundancy import check_missing, check_redundancy
from planner.audit.refreshes import check_refreshes
from planner.audit.shortfalls import TABLE, check_rules, check_tiers, check_unpaid, check_unserved
from planner.audit.site import check_capacity, check_openings
from planner.audit.spend import check_spend
from planner.audit.unit_costs import check_unit_costs


@dataclass(frozen=True, slots=True)
class Audited:
    """All that a part may judge: the plan as stated and as recomputed, with its money."""

    context: Context
    ledger: Ledger
    cost: Cost
    cash: list[Cash]
    flows: list[Flow]
    tables: Mapping[str, Sequence[Mapping[str, str | float | int]]]
    summary: Mapping[str, object] | None
    families: tuple[str, ...]
    """Constraint families from outside that the summary says were added."""
    earlier: bool
    """Whether the tables are those of version 0.1."""
    certified: bool = True
    """Whether the plan states what becomes of each loss."""


@dataclass(frozen=True, slots=True)
class Part:
    """One family of checks."""

    family: str
    """The family that its findings carry."""
    sections: str
    """Sections of ``docs/formulation.md`` that the plan is held to; empty where it is none of them."""
    modules: tuple[str, ...]
    """Modules of this package in which it is written."""
    check: Callable[[Audited], None] | None = None
    """Judges a plan; None where reading the case, the tables or the folder does."""
    constraints: tuple[str, ...] = ()
    """Constraint families of the program whose rules it checks."""


def _of_context(*checks: Callable[[Context], None]) -> Callable[[Audited], None]:
    def check(audited: Audited) -> None:
        for one in checks:
            one(audited.context)

    return check


def _derived(audited: Audited) -> None:
    tolerance_busd = audited.ledger.income_tolerance_busd()
    check_derived(audited.context, tolerance_busd, earlier=audited.earlier)
    if not audited.earlier:
        check_calendar(audited.context)


def _money(audited: Audited) -> None:
    context, ledger = audited.context, audited.ledger
    check_spend(context, ledger, audited.cost.parts(), earlier=audited.earlier)
    check_objective(context, ledger, audited.cost)
    check_budget_table(context, ledger, audited.cash)
    check_cash(context, ledger, audited.cash, audited.flows)
    if not audited.earlier:
        check_obligations(context, ledger)
        check_unit_costs(context, ledger)


def _summary(audited: Audited) -> None:
    context, ledger, summary = audited.context, audited.ledger, audited.summary
    if summary is None:
        return
    facts, checks = context.facts, context.checks
    check_summary(context, summary, ledger, audited.cost)
    check_stated(context, summary)
    check_proof(summary, ledger.turnover_busd, checks, ledger.nothing_busd)
    check_labels(summary, facts.model.model_dump(include={*STATED.values()}), checks)
    check_own(facts.case, audited.tables, audited.families, checks)


def _limits(family: str, sections: str, module: str, *checks: Callable[[Context], None], more: tuple[str, ...] = (),
            constraint: str | None = None) -> Part:  # fmt: skip
    return Part(family, sections, (module,), _of_context(*checks), (constraint or family, *more))


def _shortfalls(audited: Audited) -> None:
    facts, state, checks = audited.context.facts, audited.context.state, audited.context.checks
    if not audited.context.reader.has(TABLE):
        return
    check_unpaid(facts, state.shortfalls, audited.ledger, checks)
    check_rules(facts, state.shortfalls, checks)
    check_missing(audited.context)
    check_unserved(facts, state.shortfalls, state.unserved_compute, checks)
    if audited.summary is not None:
        check_tiers(facts, state.shortfalls, audited.summary, checks)


PARTS: tuple[Part, ...] = (
    _limits("contract", "2", "contracts", check_contracts),
    _limits("site", "3", "site", check_capacity, check_openings, constraint="site_opening"),
    Part(
        "chips",
        "4",
        ("chips", "leases", "refreshes"),
        _of_context(check_chips, check_refreshes),
        ("chip_mix", "refresh"),
    ),
    _limits("power", "5", "power", check_power, more=("power_options",)),
    _limits("demand", "6", "demand", check_demand),
    # Plans of version 0.1 had no table of clusters.
    Part(
        "contiguity",
        "17",
        ("contiguity",),
        lambda a: check_contiguity(a.context, with_table=not a.earlier),
        ("contiguity",),
    ),
    _limits("backup_income", "10", "backup", check_backup),
    _limits("diversity", "9", "limits", check_diversity),
    _limits("integration", "9", "limits", check_integration),
    _limits("carbon", "9", "power", check_carbon),
    _limits("forced", "12", "forced", check_forced),
    # Plans of version 0.1 had no programmes, nor a table of them.
    Part(
        "programme",
        "16",
        ("programmes",),
        lambda a: None if a.earlier else check_programmes(a.context),
        ("programme",),
    ),
    Part("financing", "18", ("financing",), lambda a: check_financing(a.context, a.flows, a.ledger), ("financing",)),
    Part("budget", "7", ("budget",), lambda a: check_budget(a.context, a.cash, a.ledger), ("budget",)),
    Part(
        "redundancy",
        "8",
        ("redundancy", "flow"),
        lambda a: check_redundancy(a.context, check_claims(a.context) if a.certified else set()),
        ("redundancy",),
    ),
    Part("pauses", "8", ("pauses",), lambda a: None if a.earlier else check_pauses(a.context)),
    Part("shortfalls", "19", ("shortfalls",), _shortfalls),
    Part("contingencies", "8", ("recovery", "routings")),  # judged with redundancy, which takes what it has proven
    Part("ranges", "", ("ranges",), lambda a: None if a.earlier else check_ranges(a.context)),
    Part("derived tables", "3-6, 10, 15", ("derived",), _derived),
    Part("money", "11, 15", ("money", "spend", "cash", "obligations", "unit_costs"), _money),
    Part("summary", "11, 12, 14", ("money", "proof", "forced", "own", "folder"), _summary),
    Part("tables", "", ("cells",)),
    Part("case", "", ("audit",)),
    Part("files", "", ("folder",)),
)
"""Every part, in the order in which they judge; a constraint family from outside (section 14) is one of its own."""
