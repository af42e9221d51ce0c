"""What binds in a plan, and what one more of it is worth."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.explain.prices_table import KINDS, STRICTER_WITH_MORE
from planner.report.binding import Binding, find_bindings
from planner.report.reported import reported
from planner.report.story.facts import Facts, number
from planner.report.story.words import Sentence, StorySection, busd, joined, verb

if TYPE_CHECKING:
    from planner.explain.prices_table import Price, Prices

MOST_PLACES = 4
LEAST_BUSD = 5e-7
"""A price below this is none."""
LEAST_LEFT_BUSD = 5e-5
"""Money below this is rounding."""
MOST_PRICES = 2
"""Prices named of each kind."""
PLACES: Mapping[str, tuple[str, str, str]] = {
    "financing": ("All that may be drawn is drawn from", "", ""),
    "site power": ("All energised power is in use at", "site", ""),
    "region power": ("All firm power is drawn in", "power_region", ""),
    "chip supply": ("All that can be delivered is installed of", "chip", ""),
    "redundancy": ("Nothing is left to spare, after the worst loss or at the spike, under", "rule", "“”"),
}
"""By kind of limit: how its sentence begins, of what kind the places are, and the quotation marks around them."""


OF_SHARES = frozenset({"site power", "region power", "chip supply", "carbon cap"})
"""Kinds of which it is not said how much is left."""


def binds(facts: Facts, prices: "Prices | None") -> StorySection:
    """What binds, and its prices where they are known."""
    return StorySection("binds", "What binds", (*_limits(facts), *_prices(facts, prices)))


def _limits(facts: Facts) -> Iterator[Sentence]:
    found = [one for one in find_bindings(reported(facts.plan)) if one.kind != "missed"]
    if not found:
        yield Sentence("No limit is used up.", short=True)
        return
    kinds = dict.fromkeys(one.kind for one in found)
    for kind in kinds:
        own = sorted((one for one in found if one.kind == kind), key=lambda one: (-len(one.periods), one.place))
        if kind == "programme":
            yield from _programmes(facts, own)
        else:
            yield Sentence(_limit(facts, kind, own), short=kind in ("cash", "envelope"))
    if set(kinds) & OF_SHARES:
        yield Sentence("Of power, chips and emissions a limit counts as reached where less than 0.1 % of it is left.")


def _limit(facts: Facts, kind: str, found: Sequence[Binding]) -> str:
    if kind == "cash":
        rows = (row for row in facts.rows("budget") if facts.label(row["period"]) in found[0].periods)
        left = max((number(row["slack_busd"]) for row in rows), default=0.0)
        return f"The cash of {facts.ranges(found[0].periods)} is {_used_up(left)}."
    if kind == "envelope":
        roles = [one.place for one in found]
        left = max((number(row["left_busd"]) for row in facts.rows("envelopes") if row["role"] in roles), default=0.0)
        spent = verb(len(found), "The envelope is", "The envelopes are")
        return f"{spent} {_used_up(left)}, for {joined(roles)} capacity."
    if kind == "carbon cap":
        return f"Emissions are at the carbon cap in {facts.ranges(found[0].periods)}."
    begins, place, marks = PLACES[kind]
    opened, closed = (marks[0], marks[1]) if marks else ("", "")
    parts = [f"{opened}{facts.name(place, one.place)}{closed} in {facts.ranges(one.periods)}" for one in found]
    return f"{begins} {joined(parts, MOST_PLACES)}."


def _used_up(left_busd: float) -> str:
    """Say that money is used up, and what is left of it where something is.

    Examples
    --------
    >>> _used_up(0.0), _used_up(0.0046), _used_up(0.0312)
    ('used up', 'used up but for $0.0046B', 'used up but for $0.0312B')
    """
    return "used up" if left_busd < LEAST_LEFT_BUSD else f"used up but for {busd(left_busd)}"


def _programmes(facts: Facts, found: Sequence[Binding]) -> Iterator[Sentence]:
    """What programmes ask for, and what they allow."""
    for path, words in (("at least", "Exactly what is asked for"), ("at most", "As much as is allowed")):
        parts = [
            f"{facts.name('programme', key)} in {facts.ranges(one.periods)}"
            for one in found
            for key, _, bound in (one.place.rpartition(", "),)
            if bound == path
        ]
        if parts:
            yield Sentence(f"{words} is in force of {joined(parts, MOST_PLACES)}.")


def _prices(facts: Facts, prices: "Prices | None") -> Iterator[Sentence]:
    """The largest prices of each kind; a price with the plan fixed is exact, whatever the gap."""
    if prices is None:
        command = f"planner explain {facts.plan_place} --prices"
        yield Sentence("What one more of each limit is worth is not in the plan; its prices say it.", command=command)
        return
    labels = set(facts.labels)
    there = [one for one in prices.prices if not one.period or one.period in labels]
    if any(map(_worth, there)):
        yield Sentence("Prices, in $B of present value, with the blocks and other integer decisions of the plan kept:")
        yield from _by_kind(facts, [(one, _worth(one)) for one in there])
    else:
        kept = "With the blocks and other integer decisions of the plan kept"
        yield Sentence(f"{kept}, one more of any limit saves nothing.")
    if any(map(_divisible, there)):
        yield Sentence(
            "If blocks could be divided, which proves nothing of whole ones but says where more is worth looking for, "
            "in $B of present value:"
        )
        yield from _by_kind(facts, [(one, _divisible(one)) for one in there])


def _by_kind(facts: Facts, worth: Sequence[tuple["Price", float]]) -> Iterator[Sentence]:
    """The largest prices of each kind."""
    for kind, meaning in KINDS.items():
        own = sorted(
            ((one, busd) for one, busd in worth if one.kind == kind and busd > 0.0),
            key=lambda found: (-found[1], found[0].place, found[0].period),
        )
        if own:
            parts = [f"{busd:.3g}{_place(facts, one)}" for one, busd in own]
            does = "costs" if kind in STRICTER_WITH_MORE else "saves"
            yield Sentence(f"{meaning[0].upper()}{meaning[1:]}: {does} {joined(parts, MOST_PRICES)}.")


def _divisible(one: "Price") -> float:
    """What one more saves, or of demand and protection costs, by the relaxation."""
    return _signed(one, one.divisible_busd)


def _worth(one: "Price") -> float:
    """What one more saves, or of demand and protection costs; 0 where it does neither."""
    return _signed(one, one.more_busd)


def _signed(one: "Price", change: float | None) -> float:
    worth = (change or 0.0) * (1.0 if one.kind in STRICTER_WITH_MORE else -1.0)
    return worth if worth > LEAST_BUSD else 0.0


def _place(facts: Facts, one: "Price") -> str:
    kinds = {
        "site_power": "site",
        "site_it": "site",
        "energisation": "site",
        "region_power": "power_region",
        "chip_supply": "chip",
    }
    place = facts.name(kinds.get(one.kind, ""), one.place) if one.place else ""
    words = " ".join(part for part in (place, one.period) if part)
    return f" ({words})" if words else ""
