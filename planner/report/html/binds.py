"""What binds, and with the prices of the plan what more of it is worth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.case.row import Row
from planner.case.rows import ChipRow, PowerRegionRow, SiteRow
from planner.case.rows_programmes import ProgrammeRow
from planner.report.binding import Binding, find_bindings
from planner.report.grid import period_ranges
from planner.report.html.parts import Amount, Section, code, details, para, table
from planner.report.html.prices import LEAST_BUSD, figure_text, size_of

if TYPE_CHECKING:
    from planner.explain.prices_table import Price, Prices
    from planner.plan.plan import PlanData

TITLE = "What binds"
MOST_BINDINGS = 25
PRICE_HEAD = ("one more is one", "one more, $B", "one less, $B", "if divisible, $B")
PRICED = {
    "site power": ("site_power", "site_it"),
    "region power": ("region_power",),
    "cash": ("cash",),
    "envelope": ("envelope",),
    "chip supply": ("chip_supply",),
    "redundancy": ("protection", "head_room"),
}
"""The kinds of prices that each kind of limit has."""


def binds(plan: "PlanData", prices: "Prices | None" = None) -> Section:
    """Return the limits that are used up; with prices what more and less of each would change."""
    found = find_bindings(plan)
    ask = _asked() if prices is None else Markup()
    if not found:
        return Section("binds", TITLE, para("No limit is used up.") + ask)
    labels = [str(label) for label in plan.periods.calendar.labels]
    order = sorted(found, key=lambda one: -len(one.periods))
    kinds = dict.fromkeys(one.kind for one in found)
    rows = [
        [one.kind, _place(plan, one), period_ranges(one.periods, labels) or "over the horizon", *_worth(one, prices)]
        for kind in kinds
        for one in order
        if one.kind == kind
    ]
    shown, rest = rows[:MOST_BINDINGS], rows[MOST_BINDINGS:]
    head = [
        "limit",
        "where",
        "when",
        *(["one more is one", "one more, $B", "one less, $B", "if divisible, $B"] if prices else []),
    ]
    more = details(f"{len(rest)} more", table(head, rest)) if rest else Markup()
    note = para(
        "Limits that are used up, and in which periods: more of any of these may lower the cost."
        + (
            " Beside each what one more and one less of it changes, of all periods together or in the period where it "
            "counts most; the decisions of the plan stay; in the last column blocks could be divided. "
            "Empty: it has no price of its own."
            if prices
            else ""
        )
    )
    return Section("binds", TITLE, note + ask + table(head, shown) + more)


def _asked() -> Markup:
    return para(
        Markup("What more of each would change was not asked: {} says it, or {} with an answer of {}.").format(
            code("planner report PLAN --prices"),
            code("--kept FILE"),
            code("planner explain PLAN --prices --json > FILE"),
        )
    )


def _worth(binding: Binding, prices: "Prices | None") -> Sequence[object]:
    """Return what one more and one less of a limit change; of several periods that where it counts most."""
    if prices is None:
        return []
    kinds = PRICED.get(binding.kind, ())
    own = [
        one
        for one in prices.prices
        if one.kind in kinds and one.place == binding.place and (not one.period or one.period in binding.periods)
    ]
    best: Price | None = max(own, key=size_of, default=None)
    if best is None:
        return ["", *[Amount(None, "")] * 3]
    period = f" in {best.period}" if best.period else ""
    free = size_of(best) < LEAST_BUSD
    sides = [Amount(busd, "0" if free else figure_text(busd)) for busd in (best.more_busd, best.less_busd)]
    divisible = Amount(best.divisible_busd, "" if best.divisible_busd is None else figure_text(best.divisible_busd))
    return [f"{best.unit}{period}", *sides, divisible]


def _place(plan: "PlanData", binding: Binding) -> str:
    """Return the place of a limit by its name."""
    kinds: dict[str, type[Row]] = {
        "site power": SiteRow, "region power": PowerRegionRow, "chip supply": ChipRow, "programme": ProgrammeRow,
        "missed": ProgrammeRow,
    }  # fmt: skip
    kind = kinds.get(binding.kind)
    key, comma, side = binding.place.partition(", at ")  # of a programme: at least, at most
    row = plan.case.by_key(kind).get(key) if kind is not None else None
    return f"{getattr(row, 'name', '') or key}{comma}{side}"
