"""Refreshes (section 4 of docs/formulation.md), read anew: other chips in the blocks of a lease."""

from typing import Any

from tests.reference.linear import Lin, total
from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, World


def write_refreshes(w: World, offer: Any, who: tuple[str, str], times: tuple[int, int, int], blocks: Lin) -> None:
    """Some of the blocks have another chip from a period on: each of them once, and each choice a column."""
    (role, first), (t0, e, q) = who, times
    some: list[Lin] = []
    for p in range(t0 + 1, e) if offer.refresh_after_years is not None else ():
        for k in offer.chips if w.when.past(p, w.when.tau(t0) + offer.refresh_after_years) else ():
            if k == first or not w.when.met(w.chips[k].first_date, p):
                continue
            n = w.mip.column(float(offer.max_blocks), integer=True)
            some.append(n)
            gw = n * (offer.block_it_mw * GW)
            w.pay(role, p, gw * (offer.refresh_price_busd_per_gw_it * _come_before(w, offer, t0, p, q)))
            _change_chip(w, offer, (role, first, k), (t0, p, e, q), gw)
            w.notes["refresh"].append(n)
            if p >= q:
                w.notes["refresh after renewal"].append(n)
            if not w.when.alive(t0, p, w.chips[first].life_years):
                w.notes["refresh of a chip at its end of life"].append(n)
            if w.in_force_share(offer, t0, p - 1, q) < 1.0 - SAME_YEARS:
                w.notes["refresh within a ramp"].append(n)
            if w.in_force_share(offer, t0, p, q) < 1.0 - SAME_YEARS:
                w.notes["refresh before a rise of a ramp"].append(n)
    w.mip.at_most(total(some), blocks)


def _come_before(w: World, offer: Any, t0: int, p: int, q: int) -> float:
    """Share of a contract that has come into force when period ``p`` begins: there a chip is replaced."""
    if p > q:
        return 1.0
    age = w.when.tau(p) - w.when.tau(t0)
    return max(share for years, share in w.steps(offer) if age - years >= SAME_YEARS)


def _change_chip(w: World, offer: Any, who: tuple[str, str, str], times: tuple[int, int, int, int], gw: Lin) -> None:
    """From a period on, what is in force has the new chip, and what comes into force gets it, instead of the first."""
    (role, first, new), (t0, p, e, q) = who, times
    for t in range(p, e):
        here = gw * w.in_force_share(offer, t0, t, q)
        rise = here - gw * w.in_force_share(offer, t0, t - 1, q)
        rent = (
            w.grown(offer.rent_musd_per_mw_year, offer.rent_growth_per_year, t)
            if t < q
            else offer.renewal_rent_musd_per_mw_year
        )
        rest = (1.0 - offer.take_or_pay_share) * rent * w.when.length(t)
        if w.when.alive(p, t, w.chips[new].life_years):
            w.leased[offer.offer, role, new, t] += here
            w.brought[offer.offer, role, new, t] += here if t == p else rise
            w.pay(role, t, here * rest)
        if w.when.alive(t0, t, w.chips[first].life_years):
            w.leased[offer.offer, role, first, t] += here * -1.0
            w.brought[offer.offer, role, first, t] += rise * -1.0
            w.pay(role, t, here * -rest)
