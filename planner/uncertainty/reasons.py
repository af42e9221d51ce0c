"""Why a study of risk has no answer: a future without a plan, or no first stage that suits all."""

from collections.abc import Sequence

from planner.errors import CaseError, NoPlanError
from planner.runs.outcome import Outcome
from planner.uncertainty.recourse import RECOURSE

MOST_REASONS = 3
"""Reasons that a message names of those for which first stages have no plan in some scenario."""


def nothing_found(case: str, futures: Sequence[str], tried: Sequence[Sequence[str]]) -> NoPlanError:
    """Return the error for want of a first stage with a plan in every scenario, and of a proof that none has one.

    Parameters
    ----------
    case : str
    futures : sequence of str
    tried : sequence of sequence of str
        For each first stage why it has no plan in each future; empty where it has one.
    """
    reasons = [
        f"scenario {future}: {reason}"
        for found in tried
        for future, reason in zip(futures, found, strict=True)
        if reason
    ]
    shown = "; ".join(dict.fromkeys(reasons[:MOST_REASONS]))
    message = f"{case}: no first stage that was tried has a plan in every scenario, nor was it proven that none has"
    return NoPlanError(f"{message}{f' ({shown})' if shown else ''}")


def refuse(outcomes: Sequence[Outcome]) -> None:
    """End the study where a scenario has no plan even by itself.

    Raises
    ------
    PlannerError
        With the reason of that scenario.
    """
    for outcome in outcomes:
        if outcome.plan is None:
            error = outcome.error()
            raise type(error)(f"scenario {outcome.name}: {error}") if not isinstance(error, CaseError) else error
    assert all(RECOURSE in (one.plan.summary if one.plan else {}) for one in outcomes)
