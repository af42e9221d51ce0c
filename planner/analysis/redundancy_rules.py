"""A case under other redundancy rules, and the reason why a plan under them is missing."""

from collections.abc import Sequence

from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.errors import OptionError
from planner.explain.shortfall import reason_infeasible
from planner.runs.outcome import Outcome
from planner.status import Status


def rules_of(case: CaseData) -> tuple[RedundancyRule, ...]:
    """The redundancy rules of a case."""
    family = case.model.families.redundancy
    return family.rules if family else ()


def required_rules(case: CaseData) -> tuple[RedundancyRule, ...]:
    """The redundancy rules of a case that must have some.

    Raises
    ------
    OptionError
        If it has none.
    """
    rules = rules_of(case)
    if not rules:
        name = case.model.name
        raise OptionError(f"{name}: has no redundancy rule ([[families.redundancy.rules]] of the model file)")
    return rules


def with_rules(case: CaseData, rules: Sequence[RedundancyRule]) -> CaseData:
    """The same case under other redundancy rules; without the family where there are none."""
    family = case.model.families.redundancy
    changed = family.model_copy(update={"rules": tuple(rules)}) if family and rules else None
    families = case.model.families.model_copy(update={"redundancy": changed})
    return case.replace(model=case.model.model_copy(update={"families": families}))


def reason_of(case: CaseData, outcome: Outcome) -> str:
    """Why a case has no plan under its rules: which of them cannot hold, where that is proven; empty with a plan."""
    if outcome.status is Status.INFEASIBLE:
        return reason_infeasible(case).text
    return outcome.reason.removeprefix(f"{outcome.name}: ")
