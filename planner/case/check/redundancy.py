"""Redundancy rules: names, domains, years and critical shares."""

from collections import Counter
from collections.abc import Iterator

from planner.case.case import CaseData
from planner.case.check.place import at_model
from planner.case.messages import folded
from planner.case.model import RedundancyRule
from planner.case.rows import DemandRow
from planner.errors import Problem


def _rules(case: CaseData) -> list[tuple[str, RedundancyRule]]:
    family = case.model.families.redundancy
    rules = family.rules if family else ()
    return [(f"families.redundancy.rules[{number}]", rule) for number, rule in enumerate(rules)]


def rule_names(case: CaseData) -> Iterator[Problem]:
    """Check that the names of the rules are unique and not empty."""
    counts = Counter(folded(rule.name) for _, rule in _rules(case))
    for path, rule in _rules(case):
        count = counts[folded(rule.name)]
        if not folded(rule.name):
            yield at_model(case, f"{path}.name", "must not be empty", rule.name)
        elif count > 1:
            yield at_model(
                case, f"{path}.name", f"is the name of {count} rules (upper and lower case apart)", rule.name
            )


def rule_domains(case: CaseData) -> Iterator[Problem]:
    """Check that the list of sites is given with the domain ``sites``, and only there."""
    for path, rule in _rules(case):
        if rule.domain == "sites" and not rule.sites:
            yield at_model(case, f"{path}.sites", 'must list the sites that are lost together with domain = "sites"')
        elif rule.domain != "sites" and rule.sites is not None:
            yield at_model(case, f"{path}.sites", f'requires domain = "sites", not "{rule.domain}"')
        elif len(set(rule.sites or ())) < len(rule.sites or ()):
            yield at_model(case, f"{path}.sites", "names a site more than once")


def prices(case: CaseData) -> Iterator[Problem]:
    """Check that a rule with a price has no other way to be missed, or not to be."""
    for path, rule in _rules(case):
        if rule.price_busd_per_missing_compute_year is not None and rule.shortfall is not None:
            other = {"hard": "must always hold", "tier": "is missed as little as possible"}[rule.shortfall]
            message = f"must not be given with price_busd_per_missing_compute_year: a rule that {other} has no price"
            yield at_model(case, f"{path}.shortfall", message, rule.shortfall)


def shares_above_one(case: CaseData) -> Iterator[Problem]:
    """Check that only a rule that loses nothing asks for more than the demand."""
    for path, rule in _rules(case):
        if rule.domain == "none":
            continue
        common = rule.critical_share
        named = (
            {f".{workload}": share for workload, share in common.items()} if isinstance(common, dict) else {"": common}
        )
        shares = {f"{path}.critical_share{end}": share for end, share in named.items()}
        shares |= {f"{path}.overrides[{n}].share": override.share for n, override in enumerate(rule.overrides)}
        for place, share in shares.items():
            if share > 1.0:
                yield at_model(case, place, 'must be at most 1 (head-room above it requires domain = "none")', share)


def rule_years(case: CaseData) -> Iterator[Problem]:
    """Check that the last year of a rule is not before its first."""
    for path, rule in _rules(case):
        if rule.first_year is not None and rule.last_year is not None and rule.last_year < rule.first_year:
            message = f"must not be before first_year ({rule.first_year})"
            yield at_model(case, f"{path}.last_year", message, rule.last_year)


def critical_shares(case: CaseData) -> Iterator[Problem]:
    """Every workload with demand has a critical share, and no override stands twice."""
    workloads = sorted({row.workload for row in case.rows(DemandRow)})
    for path, rule in _rules(case):
        if isinstance(rule.critical_share, dict):
            for workload in workloads:
                if workload not in rule.critical_share:
                    message = f"the workload {workload} has demand and needs a share (write 0 for none)"
                    yield at_model(case, f"{path}.critical_share.{workload}", message)
        counts = Counter((override.market, override.workload) for override in rule.overrides)
        for (market, workload), count in counts.items():
            if count > 1:
                yield at_model(case, f"{path}.overrides", f"{market}, {workload} appears {count} times")


def pauses(case: CaseData) -> Iterator[Problem]:
    """Check that a pause is one of an outage of stated length, after a loss."""
    for path, rule in _rules(case):
        overridden = [n for n, override in enumerate(rule.overrides) if override.pause_days is not None]
        places = ([f"{path}.pause_days"] if rule.pause_days is not None else []) + [
            f"{path}.overrides[{n}].pause_days" for n in overridden
        ]
        if places and rule.domain == "none":
            yield at_model(case, places[0], 'must not be given with domain = "none": nothing is lost')
        elif places and rule.outage_days is None:
            yield at_model(case, f"{path}.outage_days", "must be given with pause_days: how long a loss lasts")
        elif rule.outage_days is not None and not places:
            message = "requires pause_days: without a pause the length of an outage changes nothing"
            yield at_model(case, f"{path}.outage_days", message, rule.outage_days)
