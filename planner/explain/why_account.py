"""Why something does not pay, at the prices of the relaxation: what it costs, what it uses, and what it brings.

With duals ``y`` of a program in which something is forced in, the columns of the forced thing alone satisfy
``cost of its columns = sum over rows (y x what they use of the row)``. Rows of money, split into money and the price of
cash, and rows of limits thus add up to what the forced amount costs more than it saves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from planner.explain.linear_cuts import LinearAnswer
from planner.explain.why_program import FORCED
from planner.explain.why_target import Target, offers_of
from planner.inputs import Inputs
from planner.program.build import SPEND_SUM
from planner.program.columns import BLOCKS, SPEND
from planner.solve.arrays import Floats
from planner.symbols import Column, ColumnIndex, Row, parts, rows_of

LEAST_SHARE = 1e-3
"""Entries below this share of the largest are left out."""
MOST_ENTRIES = 12
LEAST_BLOCKS = 1e-6
"""Blocks, which the relaxation may divide, from which something is there."""
PRICED = "money"
WORDS: Mapping[str, str] = {
    "budget": "cash",
    "budget_envelope": "envelope",
    "chip_mix_supply": "supply of the chip",
    "chip_mix_development": "supply of the custom chip",
    "chip_mix_host": "room for chips",
    "chip_mix_signed_room": "room in signed contracts",
    "site_opening_it_limit": "IT limit of the site",
    "site_opening_energised": "energised power of the site",
    "site_opening_link": "the site must be open",
    "site_opening_count": "number of open sites",
    "contract_max_blocks": "most blocks of the offer",
    "contract_min_blocks": "minimum commitment of the offer",
    "contract_smallest_signing": "smallest signing of the offer",
    "power_region": "firm power of the region",
    "power_options_limit": "size of on-site power",
    "integration_provider": "growth of the provider",
    "integration_decided": "growth of the provider",
    "integration_chip": "growth of the custom chip",
    "integration_stock": "growth of the custom chip",
    "diversity": "largest share of the domain",
    "diversity_total_it": "largest shares (total)",
    "diversity_total_installed": "largest shares (total)",
    "carbon_cap": "carbon cap",
    "carbon_emissions": "carbon",
    "programme_at_least": "programme, at least",
    "programme_at_most": "programme, at most",
    "demand_balance": "demand served",
    "demand_compute": "demand served",
    "demand_use": "demand served",
    "redundancy": "protection",
    "redundancy_installed": "protection and head-room",
    "redundancy_coverable": "protection and head-room",
    "backup_income_share": "backup income",
    "backup_income_compute": "backup income",
    "contiguity_installed": "clusters of the site",
}
"""What the rows of a constraint are called in an account; others go by the words of their record."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One line of an account.

    Attributes
    ----------
    what : str
        The limit, or ``money``.
    place : str
        Whose; empty where it is that of the whole plan.
    periods : tuple of str
        Periods in which it counts most, the largest first.
    busd : float
        $B of present value: what it adds to the cost of the forced amount (above 0), or takes off it.
    """

    what: str
    place: str
    periods: tuple[str, ...]
    busd: float


def account_of(target: Target, inputs: Inputs, answer: LinearAnswer) -> tuple[AccountEntry, ...]:
    """The account of a site, an offer or a provider that is forced into a relaxation; none for anything else.

    Nor where what begins in one period is forced, and the relaxation has it in other periods too: what serves there
    has no mark of when it began.

    Parameters
    ----------
    target : Target
    inputs : Inputs
    answer : LinearAnswer
        The relaxation of the program in which it is forced, with duals.
    """
    offers = frozenset(offers_of(target, inputs))
    x, dual = answer.x, answer.row_dual
    if not offers or x is None or dual is None:
        return ()
    arrays = answer.mip.arrays
    if target.period is not None and _begins_in_others(target.period, offers, arrays.columns, x):
        return ()
    own = _own_columns(offers, inputs, arrays.columns)
    use = arrays.matrix @ np.where(own, x, 0.0)
    sums: dict[tuple[str, str], dict[str, float]] = {}

    def add(what: str, place: str, t: int | None, amount: float) -> None:
        label = "" if t is None else inputs.calendar.labels[t]
        of_place = sums.setdefault((what, place), {})
        of_place[label] = of_place.get(label, 0.0) + answer.busd(amount)

    add(PRICED, "", None, float(arrays.cost[own] @ x[own]))
    price = _price_of_spending(arrays.columns, arrays.cost)
    spend = dict(rows_of(SPEND_SUM, arrays.rows))
    for place in map(int, np.flatnonzero(use * dual)):
        row = arrays.rows[place]
        charge = -float(dual[place] * use[place])
        if place in spend:
            at_par = -price[spend[place]] * float(use[place])
            add(PRICED, "", row.period, at_par)
            add("cash and envelopes", "", row.period, charge - at_par)
        elif row.constraint != FORCED:
            add(WORDS.get(row.constraint.name, row.constraint.name.replace("_", " ")), _place(row), row.period, charge)
    return _entries(sums)


def _begins_in_others(period: int, offers: frozenset[str], columns: tuple[Column, ...], x: Floats) -> bool:
    blocks = ColumnIndex(columns)[BLOCKS]
    return any(x[place] > LEAST_BLOCKS for (o, _, start, _), place in blocks.items() if o in offers and start != period)


def _price_of_spending(columns: Iterable[Column], cost: Floats) -> dict[object, float]:
    """Present value of one $B of spending, by role and period."""
    return {key: float(cost[place]) for key, place in ColumnIndex(columns)[SPEND].items()}


def _place(row: Row) -> str:
    """The first place of a row that is named by a key of the case."""
    named = [str(one) for one in row.place if isinstance(one, str)]
    shared = {
        "demand_compute", "demand_use", "redundancy_installed", "contract_in_force", "contract_ramp", "chip_mix_leased",
    }  # fmt: skip
    return "" if row.constraint.name in shared or not named else named[0]


def _own_columns(offers: frozenset[str], inputs: Inputs, columns: tuple[Column, ...]) -> np.ndarray:
    """Whether each column belongs to some offers: what is decided, installed, used and served there."""
    sites = {inputs.offers[o].site for o in offers}
    whole = {s for s in sites if set(inputs.offers_at(s)) <= offers}
    contracts = {c for c, one in inputs.rooms.items() if one.row.offer in offers}
    belongs: Mapping[str, Callable[[object], bool]] = {
        "offer": lambda key: key in offers,
        "contract": lambda key: key in contracts,
        "site": lambda key: key in whole,
        "power_option": lambda key: inputs.power_options[str(key)].site in whole,
        "node": lambda key: set(inputs.nodes[str(key)]) <= whole,
    }
    found = np.zeros(len(columns), dtype=bool)
    for place, (variable, key) in enumerate(columns):
        for name, part in zip(variable.index, parts(key), strict=False):
            if name in belongs:
                found[place] = belongs[name](part)
                break
    return found


def _entries(sums: Mapping[tuple[str, str], Mapping[str, float]]) -> tuple[AccountEntry, ...]:
    entries = []
    for (what, place), by_period in sums.items():
        order = sorted((label for label in by_period if label), key=lambda label: -abs(by_period[label]))
        entries.append(AccountEntry(what, place, tuple(order[:3]), sum(by_period.values())))
    largest = max((abs(one.busd) for one in entries), default=0.0)
    shown = [one for one in entries if abs(one.busd) > LEAST_SHARE * largest]
    return tuple(sorted(shown, key=lambda one: -one.busd)[:MOST_ENTRIES])
