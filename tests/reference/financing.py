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
        levels = [_level(w, row, t) for t in w.periods]
        base = w.mip.column()
        w.mip.at_most(Lin(_at_start(w, row)), base)
        for t in w.periods[: window[0] if window else 0]:
            w.mip.at_most(levels[t], base)
        big = _at_start(w, row) + sum(level.constant for level in levels) + sum(_room(w, row, o) for o in w.offers)
        for last in window:
            risen = w.mip.column()
            w.mip.at_most(total([drawn[t] for t in window if t <= last]), risen * price)
            _at_most_highest(w, risen, base, [levels[t] for t in window if t <= last], big)


def _at_most_highest(w: World, gw: Lin, base: Lin, levels: list[Lin], big: float) -> None:
    """Ask for ``gw`` to be at most the highest of some levels less the base, or zero: at most one that is chosen."""
    chosen = [w.mip.column(1.0, integer=True) for _ in levels]
    w.mip.at_most(total(chosen), 1.0)
    w.mip.at_most(gw, total(chosen) * big)
    for level, one in zip(levels, chosen, strict=True):
        w.mip.at_most(gw + base, level + Lin(2 * big) - one * (2 * big))


def _weight(w: World, row: Any, offer: str) -> float:
    return 1.0 if row.busd_per_facility_gw is None else float(w.sites[w.offers[offer].site].pue_peak)


def _room(w: World, row: Any, offer: str) -> float:
    """More GW than an offer can ever have in service."""
    signed = sum(one.it_mw for one in w.signed if one.offer == offer)
    return (w.offers[offer].block_it_mw * w.offers[offer].max_blocks + signed) * GW * _weight(w, row, offer)


def _level(w: World, row: Any, t: int) -> Lin:
    """GW in service in a period that count for a vendor: in force with a provider, or chips of a vendor."""
    found = Lin()
    for o, offer in w.offers.items():
        if row.provider is not None and offer.provider == row.provider:
            found += w.in_force_gw(o, t) * _weight(w, row, o)
        for chip in w.chips if row.chip_vendor is not None else ():
            if w.chips[chip].vendor == row.chip_vendor:
                found += total([w.installed_gw(o, role, chip, t) for role in ROLES]) * _weight(w, row, o)
    return found


def _at_start(w: World, row: Any) -> float:
    """The same at the start of the horizon, of signed contracts."""
    found = 0.0
    for signed in w.signed:
        begin, end = w.when.after(signed.start_date), w.when.after(signed.end_date)
        counts = row.provider is not None and w.offers[signed.offer].provider == row.provider
        if row.chip_vendor is not None and signed.chip is not None:
            counts = w.chips[signed.chip].vendor == row.chip_vendor
            end = min(end, begin + w.chips[signed.chip].life_years)
        if counts and begin < SAME_YEARS and end >= SAME_YEARS:
            share = [share for years, share in w.steps(signed) if begin + years < SAME_YEARS][-1]
            found += signed.it_mw * GW * share * _weight(w, row, signed.offer)
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
