"""Section 18 of docs/formulation.md, read anew: sources of financing."""

from typing import Any

from tests.reference.linear import Lin, total
from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, ROLES, World


def write_financing(w: World) -> None:
    """What may be drawn from every source, what it adds to the cash of each period, and what it costs."""
    family = w.families.financing
    for row in w.table("financing") if family is not None else ():
        if row.condition is None or family.conditions[row.condition]:
            _write(w, row)


def _write(w: World, row: Any) -> None:
    window = [
        t
        for t in w.periods
        if (row.first_date is None or w.when.met(row.first_date, t))
        and (row.last_date is None or w.when.begins_by(row.last_date, t))
    ]
    drawn = {t: w.mip.column() if t in window else Lin() for t in w.periods}
    loan = row.repayment is not None
    repaid = {t: total([drawn[u] * _due(w, row, u, t) for u in range(t)]) if loan else Lin() for t in w.periods}
    owed = {t: total([drawn[u] - repaid[u] for u in range(t + 1)]) for t in w.periods}
    _limit(w, row, window, drawn, owed)
    rate = row.interest_rate_per_year or 0.0
    discount = 1.0 + w.case.model.objective.discount_rate_per_year
    for t in w.periods:
        fee = drawn[t] * (row.fee_share or 0.0)
        interest = Lin()
        if loan and t > 0:
            interest = owed[t - 1] * ((1.0 + rate) ** (w.when.mid(t) - w.when.mid(t - 1)) - 1.0)
            w.notes["interest"].append(interest)
        w.financed[t] += drawn[t] - fee - interest - repaid[t]
        cost = fee + interest + repaid[t]
        cost += drawn[t] * (-1.0 if loan else row.dilution_share or 0.0)
        w.financing_cost += cost * discount ** -w.when.mid(t)
        if loan:
            w.financing_cost += drawn[t] * (_later(w, row, t) * discount ** -w.when.mid(len(w.periods) - 1))
    w.notes[f"drawn: {row.kind}"].extend(drawn[t] for t in window)
    if loan:
        w.notes["owed at the end"].append(owed[len(w.periods) - 1])


def _limit(w: World, row: Any, window: list[int], drawn: dict[int, Lin], owed: dict[int, Lin]) -> None:
    """How much may be drawn by the end of each period."""
    if row.kind == "debt":
        for t in w.periods:
            w.mip.at_most(owed[t], row.up_to_busd)
        return
    if row.up_to_busd is not None:
        w.mip.at_most(total(list(drawn.values())), row.up_to_busd)
    if row.kind == "vendor":
        price = row.busd_per_it_gw if row.busd_per_facility_gw is None else row.busd_per_facility_gw
        for last in window:
            entered = total([_entering(w, row, t) for t in window if t <= last])
            w.mip.at_most(total([drawn[t] for t in window if t <= last]), entered * price)


def _entering(w: World, row: Any, t: int) -> Lin:
    """GW that enter service in a period and count for a vendor."""
    found = Lin()
    for o, offer in w.offers.items():
        weight = 1.0 if row.busd_per_facility_gw is None else w.sites[offer.site].pue_peak
        if row.provider is not None and offer.provider == row.provider:
            found += w.entered[o, t] * weight
        for role in ROLES if row.chip_vendor is not None else ():
            for chip in w.chips:
                if w.chips[chip].vendor == row.chip_vendor:
                    found += w.added.get((o, role, chip, t), Lin()) * weight
    for signed in w.signed:
        offer = w.offers[signed.offer]
        by_vendor = signed.chip is not None and w.chips[signed.chip].vendor == row.chip_vendor
        if offer.provider == row.provider or by_vendor:
            weight = 1.0 if row.busd_per_facility_gw is None else w.sites[offer.site].pue_peak
            found += signed.it_mw * GW * weight * _steps_within(w, signed, t)
    return found


def _steps_within(w: World, signed: Any, t: int) -> float:
    """What the start and the steps of a signed contract that fall in a period add to its share in force."""
    begin, end = w.when.after(signed.start_date), w.when.after(signed.end_date)
    found = before = 0.0
    for years, share in w.steps(signed):
        when, more, before = begin + years, share - before, share
        same_boundary = abs(when - w.when.tau(t)) < SAME_YEARS
        inside = w.when.tau(t) < when < w.when.tau(t + 1) and abs(when - w.when.tau(t + 1)) >= SAME_YEARS
        if when > SAME_YEARS and when < end - SAME_YEARS and (same_boundary or inside):
            found += more
    return found


def _due(w: World, row: Any, u: int, t: int) -> float:
    """Share of what is drawn in ``u`` that is repaid in the later period ``t``."""
    begin = w.when.mid(u)
    end = begin + row.repayment_years
    if row.repayment == "bullet":
        first = next((p for p in w.periods if p > u and w.when.mid(p) >= end - SAME_YEARS), None)
        return 1.0 if first == t else 0.0
    years = min(w.when.mid(t), end) - max(w.when.mid(t - 1), begin)
    return years / row.repayment_years if years >= SAME_YEARS else 0.0


def _later(w: World, row: Any, u: int) -> float:
    """What is due after the horizon on a dollar drawn in ``u``, year by year, at the middle of the last period."""
    last = w.when.mid(len(w.periods) - 1)
    end = w.when.mid(u) + row.repayment_years - last
    discount = 1.0 + w.case.model.objective.discount_rate_per_year
    left = 1.0 - sum(_due(w, row, u, t) for t in range(u + 1, len(w.periods)))
    if left < 1e-12:
        return 0.0
    value, year = 0.0, 0
    while True:
        year += 1
        if row.repayment == "bullet":
            repaid = left if year >= end - SAME_YEARS else 0.0
        else:
            repaid = min(left, (min(year, end) - (year - 1)) / row.repayment_years)
        value += (left * row.interest_rate_per_year + repaid) / discount**year
        left -= repaid
        if left < 1e-12:
            return float(value)
