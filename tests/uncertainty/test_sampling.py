"""Seeded variables: even, independent of each other, and the same everywhere."""

import math
from statistics import fmean

import numpy as np
import pytest
import scipy

from planner import OptionError
from planner.uncertainty.sampling import checked, normals, uniforms


def test_values_are_those_of_every_machine():
    """Law: the values depend on the seed and the name alone: these were drawn once, by hand of SHA-256."""
    assert uniforms(1, "x", 3) == [0.20984531929567396, 0.8388666399567413, 0.370169947042136]
    assert uniforms(1, "x", 3) != uniforms(2, "x", 3)
    assert uniforms(1, "x", 3) != uniforms(1, "y", 3)


@pytest.mark.parametrize("power", [0, 1, 5, 8])
def test_every_part_has_its_value(power):
    """Law: the first 2^m values fall one into each of 2^m parts, whatever the seed; more values begin with the same."""
    parts = 2**power
    for seed in range(5):
        values = uniforms(seed, "demand", parts)
        assert sorted(math.floor(value * parts) for value in values) == list(range(parts))
        assert uniforms(seed, "demand", 2 * parts)[:parts] == values


def test_points_are_more_even_than_random_ones():
    """Law: the discrepancy of ten variables is below that of independent random points, for each of some seeds."""
    random = np.random.default_rng(0)
    usual = min(scipy.stats.qmc.discrepancy(random.random((64, 10))) for _ in range(10))
    for seed in range(3):
        points = np.array([uniforms(seed, f"v{number}", 64) for number in range(10)]).T
        assert scipy.stats.qmc.discrepancy(points) < usual


@pytest.mark.slow
def test_means_scatter_less_than_random_ones():
    """Law: over seeds, the mean of a sum over 50 scenarios scatters less than half as much as with random numbers."""
    random = np.random.default_rng(1)
    drawn = [np.exp([uniforms(seed, f"v{number}", 50) for number in range(8)]).sum(axis=0).mean() for seed in range(20)]
    usual = [np.exp(random.random((8, 50))).sum(axis=0).mean() for _ in range(20)]
    assert np.std(drawn) < 0.5 * np.std(usual)


def test_moments_of_normal_values():
    """Law: mean 0 and standard deviation 1, more closely than random ones; two variables are not correlated."""
    first, second = normals(3, "first", 1024), normals(3, "second", 1024)
    assert abs(fmean(first)) < 0.005
    assert abs(np.std(first) - 1.0) < 0.01
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.0 / math.sqrt(1024)


@pytest.mark.parametrize(("number", "seed"), [(0, 0), (10_001, 0), (True, 0), (1.0, 0), (5, -1), (5, 2**63), (5, 0.5)])
def test_odd_numbers_are_refused(number, seed):
    """Law: a number of scenarios and a seed are whole numbers in their bounds."""
    with pytest.raises(OptionError, match="must be a whole number"):
        checked(number, seed)
