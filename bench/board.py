"""Figures of a plan that a board asks for beside its tables: ``python -m bench.board PLAN`` prints them.

What of the burn is used in each year; what is owed after the reported years, and for what; and how much of the backup a
weaker spike would need. Computed from the tables of the plan alone.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bench.removal import held_backup, removable_backup
from planner import Plan
from planner.case.calendar import years_touched
from planner.case.rows import OfferRow

DAYS = 365.25
SPIKES = (
    ("2.0, all training", 1.0, 2.0),
    ("2.0, 3/4 of it", 0.75, 2.0),
    ("2.0, half of it", 0.5, 2.0),
    ("1.5, all training", 1.0, 1.5),
)
"""Spikes of use: name, share of training that goes on, multiple of inference."""  # fmt: skip


def last_year(plan: Plan) -> int:
    """The last reported year."""
    return max(years_touched(plan.case.model.horizon))


def burn(plan: Plan) -> list[tuple[int, float, float, float]]:
    """By reported year: burn that is there, what revenue leaves for servers, burn that the plan uses, $B nominal."""
    found = []
    for row in plan.rows("cash"):
        if int(row["period"]) <= last_year(plan):
            partner, other = float(row["partner_payment_busd"]), float(row["other_spending_busd"])
            left = float(row["revenue_busd"]) - partner - other
            spent = float(row["primary_busd"]) + float(row["backup_busd"]) - float(row["backup_income_busd"])
            found.append((int(row["period"]), float(row["base_busd"]), left, spent - left))
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """Rent after the reported years, $B nominal: of terms begun in them, of their renewals, of later leases."""

    first_terms: float
    renewals: float
    later: float


def owed(plan: Plan) -> Owed:
    """Rent that contracts of the plan cost after the reported years, to the end that the plan gives them."""
    after = date(last_year(plan) + 1, 1, 1)
    offers = plan.case.by_key(OfferRow)
    first = renewed = later = 0.0
    for row in plan.rows("contracts"):
        offer = offers[row["offer"]]
        start, end = _date(row["start_date"]), _date(row["end_date"])
        if row["origin"] != "decided" or offer.tenure == "build" or end <= after:
            continue
        term_end = start.replace(year=start.year + round(offer.term_years))
        rents = float(row["it_mw"]) / 1000 / DAYS
        term = max(0, (min(end, term_end) - max(start, after)).days) * rents * (offer.rent_musd_per_mw_year or 0.0)
        beyond = max(0, (end - max(term_end, after)).days) * rents * (offer.renewal_rent_musd_per_mw_year or 0.0)
        if start >= after:
            later += term + beyond
        else:
            first, renewed = first + term, renewed + beyond
    return Owed(first, renewed, later)


def _date(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


def needed(plan: Plan, training: float, inference: float, *, pauses_after_a_loss: bool = False) -> float:
    """IT MW-years of backup that the rules need if the spike of use were this one.

    With ``pauses_after_a_loss`` no more training than in the spike goes on after the loss of a site either.
    """

    def spike(_market: str, workload: Any) -> float:
        return training if str(workload) == "training" else inference

    def site(_market: str, workload: Any) -> float:
        return training if str(workload) == "training" else 1.0

    held = held_backup(plan)
    losses = site if pauses_after_a_loss else None
    return sum(held[year] - removable_backup(plan, year, spike=spike, site=losses) for year in held)


def line(name: str, values: Sequence[float], show: Callable[[float], str] = "{:.1f}".format) -> str:
    """A line of a table."""
    return f"{name:22}" + "".join(f"{show(value):>6}" for value in values)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", help="folder of a plan")
    plan = Plan.read(parser.parse_args().plan)
    rows = burn(plan)
    print(line("cash, $B nominal", [row[0] for row in rows], "{:.0f}".format) + "   all")
    names = ("burn that is there", "revenue leaves", "burn of the plan")
    for place, name in enumerate(names, start=1):
        print(line(name, [row[place] for row in rows]) + f"{sum(row[place] for row in rows):6.0f}")
    due = owed(plan)
    print(
        f"rent after {last_year(plan)}, $B nominal: terms begun by then {due.first_terms:.0f}, their renewals", end=" "
    )
    print(f"{due.renewals:.0f}, leases that begin later {due.later:.0f}")
    held = sum(held_backup(plan).values())
    print(f"backup held, IT MW-years  {held:,.0f}")
    for name, training, inference in SPIKES:
        share = needed(plan, training, inference)
        print(f"needed by spike of {name:19} {share:6,.0f}  {share / held:4.0%}")
    share = needed(plan, 0.5, 2.0, pauses_after_a_loss=True)
    print(f"half after a loss of a site, too       {share:6,.0f}  {share / held:4.0%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
