"""How ``risk`` begins: what is minimised, how far it is proven, and how the cost is distributed over the futures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.markup import escape

from planner.cli.risk_worth import proven_to
from planner.cli.study import money
from planner.text import count, probability

if TYPE_CHECKING:
    from planner.uncertainty.result import RiskResult


def headline_lines(found: "RiskResult") -> Iterator[str]:
    """Yield the headline, and the distribution of the cost."""
    summary, level = found.summary(), probability(found.measure.level, 6)
    what = "Expected cost"
    if found.measure.has_tail:
        expected, tail = (probability(one, 6) for one in (1.0 - found.measure.weight, found.measure.weight))
        what = f"{expected} x expected cost + {tail} x CVaR at {level}"
    if found.measure.least_regret:
        what = "Largest regret"
    gap, futures = proven_to(found.gap, summary["bound_busd"]), count(summary["futures"], "future")
    yield f"[bold]{escape(what)}: ${money(found.value_busd)}B[/bold] over {futures}, {gap}"
    spread = ", ".join(f"P{n} {money(summary[f'p{n}_busd'])}" for n in (10, 50, 90))
    yield (
        f"Cost, $B: expected {money(summary['expected_busd'])}, {spread}, worst {money(summary['worst_busd'])}, "
        f"CVaR at {level} {money(summary['cvar_busd'])}; the plan of the case alone {money(summary['plan_busd'])}"
        f"{of_missing(summary['plan_missing_busd'])}"
    )


def of_missing(busd: float) -> str:
    """Return that a part of the cost of a plan is the price of what it misses, as in the futures; nothing of none."""
    return f" ({money(busd)} of it the price of what it misses)" if busd > 0.0 else ""
