"""The witness plan keeps every limit of the case made around it, so that the case has a plan (formulation 2-7)."""

from collections import defaultdict
from datetime import date
from random import Random
from typing import NamedTuple

import pytest

from planner.case.case import CaseData
from planner.inputs import Inputs, make_inputs
from planner.synthetic import generate
from planner.synthetic.generate import _draw
from planner.synthetic.places import TRAINING_MARKET
from planner.synthetic.timeline import Timeline
from planner.synthetic.witness import Setting, Witness, build_witness, energised_facility_mw, signed_chip_it_mw
from tests.length import thinned

SHAPES = [(12, 10, 12, 0), (20, 40, 3, 1), (30, 5, 24, 2), (16, 16, 6, 3)]


class Made(NamedTuple):
    """A case, its inputs, and the witness behind it."""

    case: CaseData
    inputs: Inputs
    setting: Setting
    witness: Witness


@pytest.fixture(scope="module", params=thinned(SHAPES, 3), ids=str)
def made(request: pytest.FixtureRequest) -> Made:
    """A case and its witness, drawn again as `generate` draws them."""
    sites, periods, months, seed = request.param
    rng = Random(seed)
    timeline = Timeline(date(2026, 1, 1), periods, months)
    _, setting = _draw(rng, timeline, sites)
    case = generate(sites, periods, months, seed)
    return Made(case, make_inputs(case), setting, build_witness(rng, setting))


def test_it_holds_whole_blocks_that_fit_their_sites(made: Made) -> None:
    """Law: IT MW in force are signed IT MW and whole blocks, never above what the site and its power allow."""
    for t, in_force in enumerate(made.witness.in_force_it_mw):
        for site, it_mw in in_force.items():
            signed = made.setting.contracts[site][0].it_mw if site in made.setting.contracts else 0.0
            blocks = (it_mw - signed) / made.setting.offers[site].block_it_mw
            assert blocks == pytest.approx(round(blocks), abs=1e-6)
            assert it_mw <= made.inputs.site_it_limit_gw[site][t] * 1000 + 1e-6
            facility = it_mw * made.inputs.sites[site].pue_peak
            assert facility <= made.inputs.site_facility_limit_gw[site][t] * 1000 + 1e-6


def test_regions_give_what_it_draws(made: Made) -> None:
    """Law: facility MW of a region stay within its firm power, with at least 4 % to spare in every period."""
    for t, in_force in enumerate(made.witness.in_force_it_mw):
        drawn: dict[str, float] = defaultdict(float)
        for site, it_mw in in_force.items():
            row = made.inputs.sites[site]
            drawn[row.power_region] += it_mw * row.pue_peak
        for region, mw in drawn.items():
            assert 1.04 * mw <= made.inputs.region_facility_limit_gw[region][t] * 1000


def test_chips_are_on_the_market_and_in_supply(made: Made) -> None:
    """Law: each chip installed can be installed there and then, and all of a chip in a period are within its supply."""
    possible = {(made.inputs.offers[o].site, k, t) for o, _, k, t in made.inputs.installs}
    for t, installs in enumerate(made.witness.installs_it_mw):
        total: dict[str, float] = defaultdict(float)
        for (site, chip), it_mw in installs.items():
            assert (site, chip, t) in possible
            total[chip] += it_mw
        assert all(it_mw <= made.inputs.chip_supply_gw[chip][t] * 1000 for chip, it_mw in total.items())
        assert "house1" not in total


def test_all_it_holds_is_filled_with_chips_that_live(made: Made) -> None:
    """Law: in every period chips alive, signed ones included, fill the IT MW in force at each site, and no more."""
    calendar, chips = made.inputs.calendar, made.inputs.chips
    for t, in_force in enumerate(made.witness.in_force_it_mw):
        alive: dict[str, float] = defaultdict(float)
        for u in range(t + 1):
            for (site, chip), it_mw in made.witness.installs_it_mw[u].items():
                alive[site] += it_mw * calendar.lives(u, t, chips[chip].life_years)
        for site, it_mw in in_force.items():
            assert alive[site] + signed_chip_it_mw(made.setting, site, t) == pytest.approx(it_mw, abs=1e-5)


def test_contracts_start_when_they_may(made: Made) -> None:
    """Law: every decided contract of the witness is one that the program can decide, in blocks that it may have."""
    allowed = {(o, c.start) for o, choices in made.inputs.choices.items() for c in choices}
    assert made.witness.starts
    for start, site, it_mw in made.witness.starts:
        offer = made.setting.offers[site]
        assert (offer.offer, start) in allowed
        assert it_mw <= offer.max_blocks * offer.block_it_mw + 1e-6


def test_more_is_served_than_demanded(made: Made) -> None:
    """Law: demand of every market and workload in a period is at most 92 % of the compute that the witness has."""
    for t, compute in enumerate(made.witness.compute):
        total: dict[tuple[str, str], float] = defaultdict(float)
        for (_, need), amount in compute.items():
            total[need] += amount
        for need, levels in made.inputs.demand_compute.items():
            assert levels[t] <= 0.92 * total[need] * (1 + 1e-9)


def test_compute_is_routed_within_reach(made: Made) -> None:
    """Law: a site serves only markets that it reaches, and splits its inference compute among them in full."""
    for compute in made.witness.compute:
        for (site, (market, workload)), amount in compute.items():
            assert amount >= 0.0
            assert (site, market) in made.inputs.reach or amount == 0.0
            assert (workload == "training") == (market == TRAINING_MARKET)


def test_the_budget_covers_what_it_spends(made: Made) -> None:
    """Law: with carry-over, cumulative spending of the witness is at most the cumulative limit, and it does spend."""
    limits, spent = made.inputs.budget_limit_busd or (), made.witness.spend_busd
    for t in range(len(spent)):
        assert sum(spent[: t + 1]) <= sum(limits[: t + 1]) + 1e-9
    assert sum(spent) > 0.5 * sum(limits)


def test_what_is_energised_is_what_the_program_sees(made: Made) -> None:
    """Law: the average of the steps over a period is the same figure by months and by the program's calendar."""
    for site in made.setting.offers:
        signed = made.inputs.site_facility_limit_gw[site]
        for t in range(made.setting.timeline.periods):
            own = energised_facility_mw(made.setting, site, t)
            assert own <= signed[t] * 1000 + 1e-6
            if site not in made.setting.contracts:
                assert own == pytest.approx(signed[t] * 1000)


def test_signed_chips_are_those_of_the_program(made: Made) -> None:
    """Law: IT MW of signed chips, averaged over the period, are those of the inputs, until the end of life or term."""
    for site, offer in made.setting.offers.items():
        for t in range(made.setting.timeline.periods):
            expected = sum(
                gw[t] for (o, _, _), gw in made.inputs.signed_chip_gw.items() if o == offer.offer
            )  # fmt: skip
            assert signed_chip_it_mw(made.setting, site, t) == pytest.approx(expected * 1000, abs=1e-6)
