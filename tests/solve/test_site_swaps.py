"""Swaps of sites: no move is left that saves anything, and each is valued as by hand."""

import numpy as np
import pytest

from planner.solve.site_reach import Reach
from planner.solve.site_swaps import swapped
from tests.length import AT_LENGTH
from tests.solve.test_penalties import SITES
from tests.solve.test_site_reach import drawn, every_cost, form  # noqa: F401

SEEDS = range(120 if AT_LENGTH else 40)


def moves(a, opened):
    """Every choice that one site more, one less, or one instead of another makes."""
    for site in range(SITES):
        for other in (site, *range(SITES)):
            changed = opened.copy()
            changed[site] = ~changed[site]
            if other != site:
                changed[other] = ~changed[other]
            if a.fewest <= changed.sum() <= a.most and (other == site or opened[site] != opened[other]):
                yield tuple(changed.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_no_single_move_is_better_than_where_swaps_end(form, seed):  # noqa: F811
    """Law: where swaps end costs no more than where they begin, and no more than after any one move, by enumeration."""
    a = drawn(form, seed)
    random, costs = np.random.default_rng(seed), every_cost(a)
    opened = np.zeros(SITES, dtype=bool)
    opened[random.permutation(SITES)[: int(random.integers(a.fewest, a.most + 1))]] = True
    found = swapped(Reach.of(a), opened)
    cost = costs[tuple(found.tolist())]
    assert cost <= costs[tuple(opened.tolist())]
    assert all(cost <= costs[move] + 1e-9 for move in moves(a, found))


@pytest.mark.parametrize("seed", SEEDS)
def test_sites_that_are_decided_stay(form, seed):  # noqa: F811
    """Law: swaps close no site that must open and open none that must not, whatever that would save."""
    a = drawn(form, seed)
    random = np.random.default_rng(seed)
    opened = np.zeros(SITES, dtype=bool)
    opened[random.permutation(SITES)[: a.fewest]] = True
    must, never = opened & (random.random(SITES) < 0.5), ~opened & (random.random(SITES) < 0.5)
    found = swapped(Reach.of(a).fixed(must, never), opened)
    assert (found | ~must).all()
    assert not (found & never).any()
