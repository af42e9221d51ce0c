"""What came of forcing something in or out, in plain sentences."""

from collections.abc import Iterator

from planner.explain.why import OUT, Why
from planner.explain.why_entry import EntryRange
from planner.explain.why_moved import DIMENSIONS
from planner.explain.why_shortfall import InTheWay
from planner.status import Status

MOST_MOVED = 6
"""Entries named for each dimension; the others are counted."""
OFFERED = {"site": "offers[site={}]", "offer": "offers[{}]", "provider": "offers[provider={}]"}
"""The offers through which a thing comes into a plan, in the language of changes."""
PRICE = {
    "rent_musd_per_mw_year": ("rent", "${:,.4g}M", "per IT MW and year"),
    "capex_busd_per_gw_it": ("capex", "${:,.4g}B", "per IT GW"),
}
"""The columns of a price of entry in words: what it is, the amount and what it is for."""
AMOUNT = {
    "blocks": "{:g} blocks",
    "IT GW": "{:,.3f} IT GW installed in all, replacements counted again",
    "programme": "it is undertaken",
}


def why_lines(found: Why, end: str) -> list[str]:
    """The answer to one name, a line for each thing that is known; all but the first are indented.

    Parameters
    ----------
    found : Why
    end : str
        Label of the last reported period.
    """
    return [_headline(found), *(f"  {line}" for line in _details(found, end))]


def _headline(found: Why) -> str:
    what, signed = f"{found.kind} {found.name}", ""
    if found.signed_it_mw:
        signed = f"; signed contracts of {found.signed_it_mw:,.6g} IT MW in all stay, whatever is decided"
    if found.forced == OUT:
        return f"Why {what}? It is in the plan ({AMOUNT[found.unit].format(found.in_plan)}{signed}). Without it:"
    least = {"blocks": "at least one block", "IT GW": "at least the IT MW of one block", "programme": "it undertaken"}
    return f"Why not {what}? The plan decides nothing of it{signed}. With {least[found.unit]}:"


def _details(found: Why, end: str) -> Iterator[str]:
    yield _finding(found)
    whole = found.forced == OUT and found.kind in OFFERED and not set(found.name) & {"@", ":"}
    if whole and found.difference_busd is None and not any(one.amount for one in found.in_the_way):
        place = OFFERED[found.kind].format(found.name)
        yield f'solved with --set "{place}.max_blocks=0", the case says what would be missed, or cost more, without it'
    if found.divisible_busd is not None and found.finding != "infeasible":
        yield f"if blocks could be divided: {_more(found.divisible_busd)} (relaxations compared)"
    yield from _way(found.in_the_way)
    if found.missed:
        yield f"of the plans tried, each of which misses something, the one that misses least {_missing_least(found)}"
        yield "which plans are tried depends on the time: less may be missing in another"
    elif found.missed_note:
        yield found.missed_note
    for entry in found.account:
        when = f", most in {', '.join(entry.periods)}" if entry.periods else ""
        whose = f" ({entry.place})" if entry.place else ""
        verb = "costs" if entry.busd > 0.0 else "brings"
        yield f"at the margin it {verb} ${abs(entry.busd):,.3f}B: {entry.what}{whose}{when}"
    if found.entry is not None:
        yield _entry(found.entry, found)
    elif found.entry_note:
        yield found.entry_note
    for dimension in DIMENSIONS:
        moved = [one for one in found.moved if one.dimension == dimension]
        if moved:
            named = [f"{one.name} {one.it_gw_years:+,.3f} ({one.end_it_mw:+,.0f})" for one in moved[:MOST_MOVED]]
            more = f" and {len(moved) - MOST_MOVED} more" if len(moved) > MOST_MOVED else ""
            yield f"{dimension}, IT GW-years (IT MW in {end}): {', '.join(named)}{more}"


def _way(found: tuple[InTheWay, ...]) -> Iterator[str]:
    """What stands in the way, and in which sense what is missing is the least."""
    for one in _first(found):
        yield f"in the way: {one}"
    if any(one.amount is not None for one in found):
        blocks = (
            "if blocks could be divided: in whole blocks more may be missing, or something else"
            if found[0].divisible
            else "in whole blocks"
        )
        yield f"the sum of each kind is the least in the order in which `planner solve` counts, {blocks}"


def _first(found: tuple[InTheWay, ...]) -> list[str]:
    """The first entries; of the others what they are."""
    others = found[MOST_MOVED:]
    named = [f"{len(others)} more: {', '.join(one.what for one in others)}"] if others else []
    return [*map(str, found[:MOST_MOVED]), *named]


def _missing_least(found: Why) -> str:
    """What the plan that misses least costs and misses."""
    missed, cost, share = "; ".join(_first(found.missed)), found.missed_cost_busd, found.missed_share
    costs = "" if cost is None else f"costs ${cost:,.3f}B, {_more(cost - found.plan_cost_busd)}, and "
    whole = "" if share is None else f" (in all {_share(share)} of what is asked for)"
    return f"{costs}misses{whole}: {missed}"


def _share(share: float) -> str:
    """A share in per cent, to two digits."""
    return "less than 0.001 %" if share < 1e-5 else f"{100.0 * share:.2g} %"


def _none_found(found: Why) -> str:
    """That no plan was found, and what would give more time for it."""
    if found.status is Status.INTERRUPTED:
        return "no plan was found before the search was interrupted"
    if found.time_limit_s is None:
        return "no plan was found"
    return f"no plan was found in {found.time_limit_s:g} s (--time-limit gives more)"


def _finding(found: Why) -> str:
    if found.finding == "infeasible":
        return "no plan that misses no more than this one can have it so: proven"
    least = f"at least ${found.least_busd:,.3f}B more"
    if found.difference_busd is None:
        if found.least_busd >= found.plan_cost_busd > 0.0:
            return (
                "no plan that misses no more than this one was found, and none costs less than twice as much (proven): "
                "it is as good as impossible"
            )
        known = "nothing is proven of its cost"
        if found.bound_busd is not None:
            more = f", {least}" if found.finding == "costs_more" else ""
            known = f"none costs less than ${found.bound_busd:,.3f}B{more}: proven"
        return f"{_none_found(found)}, nor a proof that there is none; {known}"
    most = "not bounded above" if found.most_busd is None else f"at most ${found.most_busd:,.3f}B more"
    cost = f"the best plan found costs ${found.cost_busd:,.3f}B, {_more(found.difference_busd)}"
    if found.finding == "cheaper":
        return f"{cost}: this plan is not the best; proven: {most}"
    if found.finding == "costs_more":
        return f"{cost}; proven: {least}, {most}"
    return f"{cost}; inside the gaps: proven is only that it costs {most}"


def _more(busd: float) -> str:
    if abs(busd) < 5e-4:
        return "the same to $0.001B"
    return f"${abs(busd):,.3f}B {'more' if busd > 0.0 else 'less'}"


def _entry(entry: EntryRange, found: Why) -> str:
    what, money, per = PRICE[entry.column]
    if entry.price is None:
        now, of = f"its offers differ in {what} ({entry.column})", "{:.1%} of today's"
    else:
        now, of = f"its {what} is {money.format(entry.price)} {per} ({entry.column})", money

    def at(factor: float) -> str:
        return of.format(factor if entry.price is None else factor * entry.price)

    parts = [now]
    parts.append(
        f"not proven to enter at any{_why_not_proven(found)}"
        if entry.enters_at is None
        else f"proven to enter at {at(entry.enters_at)} and below"
    )
    if entry.found_at is not None:
        parts.append(f"the plan found breaks even at {at(entry.found_at)}")
    parts.append(
        "not proven to stay out at any up to four times that"
        if entry.stays_out_at is None
        else f"proven to stay out at {at(entry.stays_out_at)} and above"
    )
    return f"price of entry: {'; '.join(parts)}"


def _why_not_proven(found: Why) -> str:
    """Why no price is proven to be low enough, where that is known."""
    if found.cost_busd is None:
        return ", as no plan with it was found"
    if "@" in found.name:
        return ", as plans without this start may have others"
    broken_even = found.entry is not None and found.entry.found_at is not None
    return ", as even at a price of zero the plan found may cost more than one without it" if broken_even else ""
