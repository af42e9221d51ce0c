"""The prices of a plan in lines: signs and units are said once, then one line for each price."""

from planner.explain.prices_table import KINDS, Price, Prices

HEADER = (
    "Changes of the cost, $B of present value (below 0: it saves), for one more and one less of each, with the "
    "plan fixed: its blocks, openings and other integer decisions stay, the rest is best again. Two figures that "
    "differ by more than their sign are a kink; 'impossible': the decisions cannot be kept; 'kept to': so much "
    "more demand, protection or head-room, or less of anything else, they bear. In [ ]: what one more would "
    "change if blocks could be divided."
)
LEAST_DIVISIBLE_BUSD = 1e-6


def price_lines(found: Prices) -> list[str]:
    """The header, and for each kind its meaning and the prices that are not zero."""
    lines = [HEADER]
    for kind, meaning in KINDS.items():
        shown = [one for one in found.prices if one.kind == kind and _shown(one)]
        asked = sum(one.kind == kind for one in found.prices)
        if not asked:
            continue
        lines.append("")
        free = asked - len(shown)
        lines.append(f"{kind}: {meaning}{f' ({free} of {asked} without a price)' if free else ''}")
        lines += [f"  {_line(one)}" for one in shown]
    return [*lines, "", found.not_looked_for] if found.missing else lines


def _shown(one: Price) -> bool:
    return one.counts or (one.divisible_busd is not None and abs(one.divisible_busd) > LEAST_DIVISIBLE_BUSD)


def _line(one: Price) -> str:
    what = " ".join(part for part in (one.place, one.period) if part)
    more = f"one more {_figure(one.more_busd)}{_until(one.more_until, one)}"
    less = f"one less {_figure(one.less_busd)}{_until(one.less_until, one)}"
    kept = "" if one.kept_until is None else f"; kept to {one.kept_until:,.3g} {one.unit}"
    divisible = "" if one.divisible_busd is None else f" [{_figure(one.divisible_busd)}]"
    return f"{what}: {more}, {less}{kept}{divisible}".removeprefix(": ")


def _figure(busd: float | None) -> str:
    if busd is None:
        return "impossible"
    return "0" if not busd else f"{busd:+.3g}"


def _until(amount: float | None, one: Price) -> str:
    return "" if amount is None or one.kind == "energisation" else f" (to {amount:,.3g} {one.unit})"
