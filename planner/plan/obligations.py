"""The table of rents owed after the horizon on contracts in force at its end (formulation, section 15)."""

from collections.abc import Iterator, Mapping, Sequence

from planner.case.ramps import AT_ONCE, Steps, ramps_of, steps_for
from planner.inputs import Inputs
from planner.inputs.calendar import EPSILON_YEARS
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.periods import Periods
from planner.inputs.ramps import years_owed
from planner.plan import figures
from planner.plan.decisions import Row, mw

MOST_YEARS = 100
"""Calendar years after the horizon that are listed: no contract is made for longer, and dates end somewhere."""


def obligations(inputs: Inputs, contracts: Sequence[Mapping[str, object]]) -> list[Row]:
    """What is owed, per calendar year after the horizon and contract, in the order of years and contracts.

    Parameters
    ----------
    inputs : Inputs
    contracts : rows
        The table ``contracts``.
    """
    found = [(year, n, row) for n, contract in enumerate(contracts) for year, row in _of_contract(inputs, contract)]
    return [row for _, _, row in sorted(found, key=lambda entry: entry[:2])]


def _of_contract(inputs: Inputs, row: Mapping[str, object]) -> Iterator[tuple[int, Row]]:
    span = _span(inputs, row)
    if span is None:
        return
    steps, begin, end, rent, growth = span
    whole_mw = float(row["it_mw"])  # type: ignore[arg-type]
    rate = inputs.case.model.objective.discount_rate_per_year
    for year, opens, closes in _years(inputs):
        in_force = min(end, closes) - max(begin, opens)
        if in_force < EPSILON_YEARS:
            continue
        middle = (opens + closes) / 2
        it_mw = whole_mw
        if steps != AT_ONCE:
            it_mw *= years_owed(steps, begin, max(begin, opens), min(end, closes)) / in_force
        owed = rent * (1.0 + growth) ** middle * it_mw / MW_PER_GW * in_force
        if figures.no_money(inputs, owed):
            continue
        yield (
            year,
            {
                "year": year,
                **{
                    name: str(row[name])
                    for name in ("contract", "origin", "offer", "site", "provider", "tenure", "role")
                },
                "it_mw": it_mw if steps == AT_ONCE else mw(it_mw / MW_PER_GW),
                "in_force_years": round(in_force, 9),
                "amount_busd": figures.money(inputs, owed),
                "present_value_busd": figures.money(inputs, owed * (1.0 + rate) ** -middle),
            },
        )


def _span(inputs: Inputs, row: Mapping[str, object]) -> tuple[Steps, float, float, float, float] | None:
    """By which steps and when a contract is in force (years), its rent in $M per IT MW-year, its growth."""
    calendar = inputs.calendar
    if row["origin"] == "signed":
        placed = next((c for c in inputs.signed if c.row.contract == row["contract"]), None)
        if placed is None:
            return None
        signed = placed.row
        begin, end = calendar.after_start_years(signed.start_date), calendar.after_start_years(signed.end_date)
        return placed.steps, begin, end, signed.rent_musd_per_mw_year or 0.0, 0.0
    offer, periods = inputs.offers[str(row["offer"])], Periods(calendar)
    if periods.index(row["end_period"]) < calendar.count:
        return None
    # A contract that was renewed has a term that ended before: nothing of it lies after the horizon.
    begin = calendar.start_years[periods.index(row["start_period"])]
    rent = (offer.take_or_pay_share or 0.0) * (offer.rent_musd_per_mw_year or 0.0)
    steps = steps_for(offer, ramps_of(inputs.case))
    return steps, begin, begin + offer.term_years, rent, offer.rent_growth_per_year or 0.0


def _years(inputs: Inputs) -> Iterator[tuple[int, float, float]]:
    """Calendar years after the horizon, with their begin and end in years after its start."""
    calendar = inputs.calendar
    first = calendar.start_dates[-1].year
    for year in range(first, first + MOST_YEARS):
        begin = year - calendar.first_year
        yield year, max(begin, calendar.end_years), begin + 1.0
