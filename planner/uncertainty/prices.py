"""Shortfalls at a price: in a scenario anything may be missing, and what is missing costs (docs/uncertainty.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import OptionError
from planner.inputs import Inputs, make_inputs
from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.plan.shortfalls import PRICED
from planner.program.shortfalls import OTHER, UNPAID
from planner.runs.relief import PROGRAMME
from planner.solve.arrays import INFINITY, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import TierResult
from planner.solve.relief import CASH, UNSERVED, Tier
from planner.solve.serve import serving_all, tiers_of
from planner.symbols import Column
from planner.uncertainty.by_name import refuse_numbers

UNSERVED_TIMES, PROTECTION_TIMES, HEAD_ROOM_TIMES, PROGRAMME_TIMES = 5.0, 3.0, 2.0, 2.0
"""Default prices, as multiples of what the plan of the case costs per compute-year (programme: per IT GW-year)."""
CASH_PRICE = 2.0
"""Default price of $1 that signed contracts or other spending ask for and the budget does not cover."""
OTHER_FACTOR = 1.001
"""By how much other spending that is not covered counts more than what signed contracts are owed (section 19)."""
NAMES = ("unserved", "protection", "head-room", "programme", "cash")


@dataclass(frozen=True, slots=True)
class Prices:
    """What is missing costs so much, at present value like all money of its period.

    Attributes
    ----------
    unserved, protection, head_room : float
        $B for a unit of compute that is missing for a year.
    programme : float
        $B for an IT GW or facility GW that is missing for a year.
    cash : float
        $ for each $ not covered.

    Raises
    ------
    OptionError
        If a price is not above 0.
    """

    unserved: float
    protection: float
    head_room: float
    programme: float
    cash: float = CASH_PRICE

    def __post_init__(self) -> None:
        for name in NAMES:
            if not 0.0 < self.of(name) < float("inf"):
                raise OptionError(f"price of {name} {self.of(name)!r}: must be a finite number above 0")

    def of(self, tier: str) -> float:
        """Return the price of a tier of shortfalls."""
        return float(getattr(self, tier.replace("-", "_")))

    @classmethod
    def usual(cls, compute_year_busd: float, it_gw_year_busd: float, given: Mapping[str, float]) -> "Prices":
        """Return the default prices, with those that are given in their place.

        Parameters
        ----------
        compute_year_busd, it_gw_year_busd : float
            What the plan of the case costs per compute-year served, and per IT GW-year in force.
        given : mapping of str to float
            Prices by the name of the shortfall (``NAMES``).

        Raises
        ------
        OptionError
            As of `refuse_prices`.
        """
        refuse_prices(given)
        usual = {
            "unserved": UNSERVED_TIMES * compute_year_busd,
            "protection": PROTECTION_TIMES * compute_year_busd,
            "head-room": HEAD_ROOM_TIMES * compute_year_busd,
            "programme": PROGRAMME_TIMES * it_gw_year_busd,
            "cash": CASH_PRICE,
        }
        return cls(**{name.replace("-", "_"): float(price) for name, price in {**usual, **given}.items()})


def refuse_prices(given: Mapping[str, float]) -> None:
    """Refuse prices of what is no shortfall, and what is no price, before anything is solved.

    Raises
    ------
    OptionError
        With every name that is none and every price that makes no sense; if they are no prices by name.

    Examples
    --------
    >>> refuse_prices({"unserved": 0.5})
    >>> refuse_prices({"unserved": None})
    Traceback (most recent call last):
        ...
    planner.errors.OptionError: price of unserved None: must be a finite number above 0
    """
    refuse_numbers(
        "prices",
        given,
        NAMES,
        lambda price: 0.0 < price < INFINITY,
        must_be="prices by name, such as {'unserved': 0.5}",
        unknown="price of {!r}: no such shortfall",
        wrong="price of {} {!r}: must be a finite number above 0",
    )


def priced(mip: MixedIntegerProgram, inputs: Inputs, prices: Prices | None) -> MixedIntegerProgram:
    """Return a program in which what is missing costs, and nothing comes before the cost.

    Parameters
    ----------
    mip : MixedIntegerProgram
        As compiled.
    inputs : Inputs
    prices : Prices or None
        None: nothing may be missing (hard rules).
    """
    if prices is None:
        return replace(serving_all(mip), relief=None, serve_first=False)
    tiers, relieved = tiers_of(mip), replace(mip.relieved(), serve_first=False)
    cost = relieved.arrays.cost.copy()
    for tier in tiers:
        np.add.at(cost, tier.columns, prices.of(tier.name) * weights(tier, relieved, inputs))
    elastic = replace(relieved, elastic=True)
    return elastic.with_arrays(relieved.arrays.with_cost(cost, relieved.arrays.offset))


def weights(tier: Tier, relieved: MixedIntegerProgram, inputs: Inputs) -> Floats:
    """Return what a unit of each column of a tier counts at present value: years (money: 1), discounted."""
    columns = [relieved.arrays.columns[int(j)] for j in tier.columns]
    return np.asarray(tier.weight * np.array([_factor(column, inputs) for column in columns]))


def _factor(column: Column, inputs: Inputs) -> float:
    """Discount of the period of a shortfall, the last part of its key; contracts are unpaid before other spending."""
    assert isinstance(column.key, tuple)
    discount = float(inputs.discount[column.key[-1]])
    return OTHER_FACTOR * discount if column == Column(UNPAID, (OTHER, column.key[-1])) else discount


def missed(mip: MixedIntegerProgram, x: Floats) -> tuple[TierResult, ...]:
    """Return what a point misses by tier; nothing is proven of it. Without anything missing: nothing.

    Parameters
    ----------
    mip : MixedIntegerProgram
        As compiled, before it was priced.
    x : array
        A point of the priced program.
    """
    found = [(tier.name, tier.amount(x)) for tier in tiers_of(mip)]
    return tuple(TierResult(name, amount, 0.0, 0.0) for name, amount in found if amount > 0.0)


def price_of_missing(mip: MixedIntegerProgram, inputs: Inputs, prices: Prices, x: Floats) -> float:
    """Return what a point of the priced program pays for what it misses, $B at present value."""
    relieved = mip.relieved()
    return sum(
        prices.of(tier.name) * float(weights(tier, relieved, inputs) @ np.maximum(0.0, x[tier.columns]))
        for tier in tiers_of(mip)
    )


def price_of_shortfalls(plan: PlanData, prices: Prices | None) -> float:
    """Return what a plan would pay for what its tables say is missing, $B at present value, as a future pays for it.

    What has a price of its own in the case is in the cost of the plan, and not counted again. Without prices (hard
    rules) nothing is paid.
    """
    rows = [row for row in plan.rows("shortfalls") if row["tier"] != PRICED]
    if prices is None or not rows:
        return 0.0
    inputs, periods = make_inputs(plan.case), plan.periods
    at = {label: t for t, label in enumerate(inputs.calendar.labels)}
    own = {UNSERVED} if plan.case.model.objective.unserved == "priced" else set()
    found = 0.0
    for row in rows:
        tier, t = str(row["tier"]), at[periods.label(row["period"])]
        if tier in own:
            continue
        amount = float(row["amount"]) * float(inputs.discount[t]) * prices.of(tier)
        if tier == CASH:
            found += amount if row["contract"] or row["programme"] else OTHER_FACTOR * amount
        else:
            found += amount * inputs.length_years(t) / (MW_PER_GW if tier == PROGRAMME else 1.0)
    return found


def usual_prices(plan: PlanData, given: Mapping[str, float]) -> Prices:
    """Return the default prices, from what the plan of a case costs, with those that are given in their place.

    Raises
    ------
    OptionError
        If a price makes no sense, or there is no default: the plan costs nothing or serves nothing.
    """
    inputs = make_inputs(plan.case)
    at = {label: t for t, label in enumerate(inputs.calendar.labels)}
    periods = plan.periods

    def years(row: Mapping[str, object]) -> float:
        t = at[periods.label(row["period"])]
        return inputs.length_years(t) * inputs.discount[t]

    compute_years = sum(float(str(row["compute"] or 0.0)) * years(row) for row in plan.rows("served"))
    it_gw_years = sum(
        (float(str(row["signed_it_mw"] or 0.0)) + float(str(row["decided_it_mw"] or 0.0))) / 1e3 * years(row)
        for row in plan.rows("in_force")
    )
    if plan.cost_busd <= 0.0 or not compute_years or not it_gw_years:
        missing = [name for name in ("unserved", "protection", "head-room", "programme") if name not in given]
        if missing:
            options = ", ".join(f"--price {name}=BUSD" for name in missing)
            raise OptionError(
                f"prices of shortfalls are needed ({options}): the plan of the case itself costs nothing or serves "
                "nothing, so there is no default"
            )
        return Prices.usual(1.0, 1.0, given)
    return Prices.usual(plan.cost_busd / compute_years, plan.cost_busd / it_gw_years, given)


def dearer_note(plan: PlanData, prices: Prices | None, same_busd: float | None, gap: float) -> str:
    """Return a note where the plan of a case is not the cheapest of it at the prices of the futures; else nothing.

    A plan misses as little as can be, whatever that costs; a future weighs what is missing at its price.

    Parameters
    ----------
    plan : PlanData
    prices : Prices or None
    same_busd : float or None
        What a future costs by itself that is the case; None: none is.
    gap : float
        Relative: no smaller difference is one.
    """
    own = plan.cost_busd + price_of_shortfalls(plan, prices)
    if same_busd is None or own - same_busd <= gap * abs(own) + 1e-9:
        return ""
    return (
        f"the plan of the case costs ${own:,.3f}B, and the case by itself at these prices at most ${same_busd:,.3f}B, "
        "as it may be cheaper to pay for what is missing: VSS is not of the futures alone, but of that too"
    )
