"""What must hold between the tables and the model of a case, and what is allowed but unusual."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import partial

from planner.case.case import CaseData
from planner.case.check import (
    chips,
    contiguity,
    contradictions,
    financing,
    forced,
    forced_limits,
    grades,
    keys,
    lives,
    magnitudes,
    model,
    offers,
    programmes,
    ramps,
    redundancy,
    risks,
    serving,
    sites,
    slips,
    spelling,
    unusual,
    years,
)
from planner.case.rows import REQUIRED_TABLES
from planner.errors import Problem, ProblemList

Check = Callable[[CaseData], Iterable[Problem]]

CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (model.horizon, ()),
    (model.objective, ()),
    *((partial(keys.empty_tables, table=table), (table,)) for table in REQUIRED_TABLES),
    (keys.repeated_keys, ()),
    (grades.graded_columns, ()),
    (spelling.keys_by_case, ()),
    (spelling.vendors_by_case, ("chips",)),
    (keys.redundancy_references, ("sites", "markets")),
    (sites.energisation_given, ("energisation",)),
    (sites.energisation_grows, ()),
    (sites.energisation_dates, ()),
    (partial(sites.whole_coordinates, table="sites"), ()),
    (partial(sites.whole_coordinates, table="markets"), ()),
    (sites.opening_costs, ()),
    (offers.tenure_columns, ()),
    (offers.capex_milestones, ()),
    (offers.exit_terms, ()),
    (offers.refresh_terms, ()),
    (offers.offer_sizes, ()),
    (offers.contract_dates, ()),
    (offers.contract_rent, ()),
    (offers.contracts_of_closed_sites, ()),
    (ramps.ramp_keys, ("ramps",)),
    (ramps.ramp_steps, ("ramps",)),
    (chips.maturity, ()),
    (years.demand_years, ("demand",)),
    (years.supply_years, ("chip_supply",)),
    (years.budget_years, ("budget",)),
    (model.site_opening, ("sites", "offers")),
    (model.backup_income, ()),
    (model.budget, ("budget",)),
    (financing.financing, ("chips",)),
    (model.power_options, ("power_options",)),
    (model.provider_growth, ("providers",)),
    (model.carbon, ()),
    (model.families_needed, ()),
    (redundancy.rule_names, ()),
    (redundancy.rule_domains, ()),
    (redundancy.rule_years, ()),
    (redundancy.prices, ()),
    (redundancy.shares_above_one, ()),
    (redundancy.pauses, ()),
    (redundancy.critical_shares, ("demand",)),
    (contiguity.rule_names, ()),
    (contiguity.rule_markets, ("markets",)),
    (contiguity.rule_minima, ()),
    (contiguity.rule_sizes, ("chips",)),
    (contiguity.rule_years, ()),
    (forced.forced_decisions, ("sites", "offers")),
    (programmes.programme_tables, ("programmes", "programme_steps")),
    (programmes.programme_rows, ("programme_steps",)),
    (programmes.programme_steps, ()),
    (risks.impacts, ()),
    (risks.samples, ("schedule_slips",)),
    (risks.what_it_applies_to, ()),
    (risks.common_factors, ()),
    (
        magnitudes.amounts,
        (
            "sites",
            "chips",
            "demand",
            "offers",
            "serving",
            "power_options",
            "power_regions",
            "budget",
            "financing",
            "programmes",
        ),
    ),
    (magnitudes.chip_rates, ("chips",)),
    (magnitudes.demand_sizes, ("chips", "demand")),
    (magnitudes.critical_sizes, ("chips", "demand")),
    (
        magnitudes.price_sizes,
        (
            "sites",
            "chips",
            "demand",
            "offers",
            "contracts",
            "serving",
            "power_options",
            "power_regions",
            "budget",
            "financing",
            "programmes",
        ),
    ),
    (magnitudes.hardware_sizes, ("offers", "chips", "demand")),
    (serving.round_trips_known, ("sites", "markets", "latency", "serving")),
    (
        serving.demand_can_be_reached,
        ("sites", "markets", "demand", "latency", "serving", "chips", "offers", "contracts"),
    ),
)
"""Every check, with the tables it needs whole; those that look at rows by themselves need none. References: below."""


NO_PLAN = "no plan can meet this"
"""What every warning says that is a proof of infeasibility."""
WARNINGS = (
    *contradictions.CONTRADICTIONS,
    forced_limits.forced_beyond_limits,
    programmes.obligations_beyond_capacity,
    programmes.signed_beyond_limits,
    *unusual.WARNINGS,
    *slips.SLIPS,
    lives.lives_beyond,
    contiguity.rules_without_effect,
    contiguity.clusters_beyond_capacity,
    programmes.steps_without_effect,
    financing.sources_without_effect,
    financing.cheap_money,
    spelling.vendors_alike,
)
"""Every warning."""


def check_case(
    case: CaseData,
    without: frozenset[str] = frozenset(),
    keys_of: Mapping[str, Collection[Hashable]] | None = None,
) -> list[Problem]:
    """Return every fault between the tables and the model of a case, many of one kind as one; none when it is good.

    Parameters
    ----------
    without
        Tables that could not be read whole: checks that need them are left out.
    keys_of
        The keys of those of them whose keys are all known: references to them are checked all the same.
    """
    found = ProblemList()
    for table, column, target in keys.REFERENCES:
        if target not in without:
            found.extend(keys.dangling(case, table, column, target))
        elif keys_of is not None and target in keys_of:
            found.extend(keys.dangling(case, table, column, target, keys_of[target]))
    for check, tables in CHECKS:
        if without.isdisjoint(tables):
            found.extend(check(case))
    return found.combined()


def warnings_of(case: CaseData) -> list[Problem]:
    """Return what is allowed but unusual in a case that has no faults, much of one kind as one."""
    return ProblemList(problem for warning in WARNINGS for problem in warning(case)).combined()


def contradictions_among(warnings: Iterable[Problem]) -> list[Problem]:
    """Return the warnings that prove that no plan can meet the case: `solve` would end in 3."""
    return [warning for warning in warnings if NO_PLAN in warning.message]
