"""Ramps: the steps by which contracts come into force (formulation, section 2)."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

from planner.case.case import CaseData
from planner.case.rows import ContractRow, OfferRow, RampRow

Steps = tuple[tuple[float, float], ...]
"""Years after the start of a contract, and the share of its IT MW that is in force from then on."""
AT_ONCE: Steps = ((0.0, 1.0),)
"""The steps of a contract without a ramp."""


def ramps_of(case: CaseData) -> dict[str, Steps]:
    """Return the steps of every ramp of a case, by its key."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in case.rows(RampRow):
        found[row.ramp].append((row.months / 12, row.share))
    return {ramp: tuple(sorted(steps)) for ramp, steps in found.items()}


def steps_for(row: OfferRow | ContractRow, ramps: Mapping[str, Steps]) -> Steps:
    """Return the steps by which a signed contract, or the contracts of an offer, come into force."""
    return AT_ONCE if row.ramp is None else ramps[row.ramp]


def spans(steps: Steps, begin: float, end: float) -> list[tuple[float, float, float]]:
    """Return from when to when a contract that starts at ``begin`` has which share in force, up to ``end``; in years.

    Examples
    --------
    >>> spans(((0.0, 0.25), (1.0, 1.0)), 2.0, 7.0)
    [(2.0, 3.0, 0.25), (3.0, 7.0, 1.0)]
    """
    whole = [(begin + before[0], begin + after[0], before[1]) for before, after in pairwise(steps)]
    whole.append((begin + steps[-1][0], end, steps[-1][1]))
    return [(opens, min(closes, end), share) for opens, closes, share in whole if opens < min(closes, end)]
