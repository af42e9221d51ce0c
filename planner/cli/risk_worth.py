"""How ``risk`` words EVPI and VSS: what knowing the future would be worth, and what planning for one would cost."""

from typing import TYPE_CHECKING

from planner.case.messages import listed
from planner.cli.study import money
from planner.text import at_most_busd, in_busd

if TYPE_CHECKING:
    from planner.runs.difference import Difference
    from planner.uncertainty.result import RiskResult


def proven(gain: "Difference") -> str:
    """Return what is proven of EVPI, of VSS, or of what it costs to wait."""
    low = money(gain.low_busd or 0.0)
    if gain.high_busd is None:
        return f"; proven: at least ${low}B"
    high = money(gain.high_busd)
    return " (proven)" if low == high == money(gain.busd) else f"; proven: ${low}B to ${high}B"


def proven_to(gap: float | None, bound_busd: float | None) -> str:
    """Return how far a value is proven; one of zero has no relative gap to a bound below it.

    Examples
    --------
    >>> proven_to(0.004, 99.6), proven_to(None, -5.0), proven_to(None, None)
    ('proven to 0.40%', 'proven at least -$5.000B', 'no bound is proven')
    """
    if gap is not None:
        return f"proven to {gap:.2%}"
    return "no bound is proven" if bound_busd is None else f"proven at least {in_busd(bound_busd)}"


def inside_the_gaps(what: str, gain: "Difference") -> str:
    """Return in words that of a gain it is not proven that there is any, with what it is at most."""
    high = "" if gain.high_busd is None else f": {at_most_busd(gain.high_busd)}"
    return f"{what} is inside the gaps{high}"


def worth_lines(found: "RiskResult") -> list[str]:
    """Return in words EVPI and VSS, or why the latter is not stated."""
    lines, free = [_evpi_words(found)], found.findings.fixed_without_limits
    plain = "Signing as the plan of the case does"
    if found.vss is not None:
        lines.append(_vss_words(found.vss, _other_measure(found)))
    elif free is not None:
        asked, them = found.findings.limits_asked, "the limits" if len(found.chances) > 1 else "the limit"
        lines.append(f"{plain} cannot keep {asked}; without {them} the expected cost would be ${money(free)}B")
    else:
        lines.append(f"{plain} leaves some future without a plan{_without(found)}")
    return lines


def _without(found: "RiskResult") -> str:
    """Return which futures have no plan with the orders of the plan of the case."""
    fixed = found.fixed
    names = [] if fixed is None else [
        one[0] for one, plan in zip(found.futures, fixed.plans, strict=True) if plan is None
    ]  # fmt: skip
    return f": {listed(names)}" if names else ""


def _other_measure(found: "RiskResult") -> str:
    """Return what is minimised in place of the expected cost: what is worth something is no saving then; empty: it is.

    The measure itself stands in the headline.
    """
    if found.measure.least_regret:
        return "the largest regret"
    return "this measure" if found.measure.has_tail else ""


def _evpi_words(found: "RiskResult") -> str:
    """Return what knowing the future would be worth; inside the gaps it is no finding."""
    evpi, other = found.evpi, _other_measure(found)
    saves = f"lower {other} by" if other else "save"
    if evpi.sign == "open":
        more = "; it may be more: see the last note" if found.adapts_early else ""
        return inside_the_gaps(f"What knowing the future beforehand would {saves} (EVPI)", evpi) + more
    more = ", or more: see the last note" if found.adapts_early else ""
    if evpi.sign == "equal":
        much = f"not lower {other}" if other else "save nothing"
        return f"Knowing the future beforehand would {much} (EVPI; proven){more}"
    return f"Knowing the future beforehand would {saves} ${money(evpi.busd)}B (EVPI){proven(evpi)}{more}"


def _vss_words(vss: "Difference", other: str) -> str:
    """Return what signing as the plan of the case does would cost; inside the gaps it is no finding."""
    costs, more = (f"raise {other} by", "") if other else ("cost", " more")
    if vss.sign == "open":
        return inside_the_gaps(f"What signing as the plan of the case does would {costs}{more} (VSS)", vss)
    if vss.sign == "equal":
        much = f"not raise {other}" if other else "cost nothing more"
        return f"Signing as the plan of the case does would {much} (VSS; proven)"
    return f"Signing as the plan of the case does would {costs} ${money(vss.busd)}B{more} (VSS){proven(vss)}"
