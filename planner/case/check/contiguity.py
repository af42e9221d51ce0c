"""Rules of contiguity: names, markets, what a cluster is, years, and rules that no campus can meet."""

from collections import Counter
from collections.abc import Iterator

from planner.case.calendar import period_starts
from planner.case.case import CaseData
from planner.case.check.bounds import levels_by_period, site_capacity_it_mw
from planner.case.check.place import at_model
from planner.case.magnitudes import rates
from planner.case.messages import folded, unknown
from planner.case.model import ContiguityRule
from planner.case.rows import DemandRow
from planner.errors import Problem

LEAST_CLUSTER_MW = 1e-3
"""IT MW of the best chip that a cluster must at least need: a few watts are rounding."""


def _rules(case: CaseData) -> list[tuple[str, ContiguityRule]]:
    family = case.model.families.contiguity
    rules = family.rules if family else ()
    return [(f"families.contiguity.rules[{number}]", rule) for number, rule in enumerate(rules)]


def rule_names(case: CaseData) -> Iterator[Problem]:
    """Check that the names of the rules are unique and not empty."""
    counts = Counter(folded(rule.name) for _, rule in _rules(case))
    for path, rule in _rules(case):
        count = counts[folded(rule.name)]
        if not folded(rule.name):
            yield at_model(case, f"{path}.name", "must not be empty", rule.name)
        elif count > 1:
            message = f"is the name of {count} rules (upper and lower case apart)"
            yield at_model(case, f"{path}.name", message, rule.name)


def rule_markets(case: CaseData) -> Iterator[Problem]:
    """Check that the market of every rule is there."""
    markets = sorted(map(str, case.index("markets")))
    for path, rule in _rules(case):
        if rule.market not in markets:
            message = unknown("row of table markets", rule.market, markets)
            yield at_model(case, f"{path}.market", message, rule.market)


def rule_minima(case: CaseData) -> Iterator[Problem]:
    """Check that every rule states one minimum."""
    for path, rule in _rules(case):
        if rule.at_least_compute is None and rule.at_least_it_mw is None:
            message = "must be given: the least compute of a cluster at a campus (or at_least_it_mw, its least IT MW)"
            yield at_model(case, f"{path}.at_least_compute", message)
        elif rule.at_least_compute is not None and rule.at_least_it_mw is not None:
            message = "must not be given with at_least_compute: a cluster is measured by compute or by IT MW"
            yield at_model(case, f"{path}.at_least_it_mw", message, rule.at_least_it_mw)


def rule_sizes(case: CaseData) -> Iterator[Problem]:
    """Check that a cluster can be distinguished from nothing."""
    for path, rule in _rules(case):
        best = max((figure.value for figure in rates(case, rule.workload)), default=None)
        if rule.at_least_it_mw is not None and rule.at_least_it_mw < LEAST_CLUSTER_MW:
            message = f"must be at least {LEAST_CLUSTER_MW:g} IT MW: less is within rounding errors"
            yield at_model(case, f"{path}.at_least_it_mw", message, rule.at_least_it_mw)
        elif rule.at_least_compute is not None and best and rule.at_least_compute < LEAST_CLUSTER_MW * best:
            message = (
                f"must be at least {LEAST_CLUSTER_MW * best:.3g}, what {LEAST_CLUSTER_MW:g} IT MW of the best chip "
                "give: less is within rounding errors"
            )
            yield at_model(case, f"{path}.at_least_compute", message, rule.at_least_compute)


def rule_years(case: CaseData) -> Iterator[Problem]:
    """Check that the last year of a rule is not before its first."""
    for path, rule in _rules(case):
        if rule.first_year is not None and rule.last_year is not None and rule.last_year < rule.first_year:
            message = f"must not be before first_year ({rule.first_year})"
            yield at_model(case, f"{path}.last_year", message, rule.last_year)


def rules_without_effect(case: CaseData) -> Iterator[Problem]:
    """Warn of rules that hold in no period, or are about a demand that is not there."""
    starts = period_starts(case.model.horizon)
    asked = {(row.market, row.workload) for row in case.rows(DemandRow) if row.compute > 0.0}
    for path, rule in _rules(case):
        first, last = rule.first_year or 0, rule.last_year or 9999
        if not any(first <= start.year <= last for start in starts):
            yield at_model(case, path, "has no effect: no period starts in its years", rule.name)
        elif (rule.market, rule.workload) not in asked:
            message = f"has no effect: {rule.market} has no demand for {rule.workload}"
            yield at_model(case, path, message, rule.name)


def clusters_beyond_capacity(case: CaseData) -> Iterator[Problem]:
    """Warn if in some period no site can hold a cluster of the size asked for, so that all must stay unserved."""
    if not _rules(case):
        return
    starts, levels = period_starts(case.model.horizon), levels_by_period(case)
    capacity = site_capacity_it_mw(case)
    largest = [max((room[t] for room in capacity.values()), default=0.0) for t in range(len(starts))]
    for path, rule in _rules(case):
        best = max((figure.value for figure in rates(case, rule.workload)), default=None)
        demand = levels.get((rule.market, rule.workload))
        if not best or demand is None:
            continue
        for t, start in enumerate(starts):
            holds = (rule.first_year or 0) <= start.year <= (rule.last_year or 9999)
            if holds and demand[t] > 0.0:
                asked = demand[t] / best
                if rule.at_least_compute is not None:
                    key, asked = "at_least_compute", min(rule.at_least_compute / best, asked)
                else:
                    key, asked = "at_least_it_mw", min(rule.at_least_it_mw or 0.0, asked)
                if asked > largest[t] * (1 + 1e-6) + 1e-3:
                    message = (
                        f"in the period from {start} no site can hold a cluster of this size (the largest can hold "
                        f"{largest[t]:.6g} IT MW): none of the work of {rule.market} would be served"
                    )
                    yield at_model(case, f"{path}.{key}", message, getattr(rule, key))
                    break
