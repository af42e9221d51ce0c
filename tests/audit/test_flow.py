"""Which losses are survived: the audit's sets and splits against a linear program for every single loss."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from planner.audit.flow import Network, Survival, closed_sets, scaled


def least_unserved(net, capacity):
    """Return the least compute unserved, by one plain dense linear program."""
    groups, demands = net.rate.shape
    size = groups * demands
    rows, limits = [], []
    for g in range(groups):
        row = np.zeros(size + demands)
        row[g * demands : (g + 1) * demands] = 1
        rows.append(row)
        limits.append(capacity[g])
    for d in range(demands):
        row = np.zeros(size + demands)
        row[d:size:demands] = -net.rate[:, d]
        row[size + d] = -1
        rows.append(row)
        limits.append(-net.need[d])
    costs = np.concatenate([np.zeros(size), np.ones(demands)])
    return linprog(costs, A_ub=np.array(rows), b_ub=limits, bounds=(0, None)).fun


def random_network(rng, same_ratio):
    """Return a network of up to 6 domains, 7 groups and 5 demands, tight enough that some losses break it."""
    groups, demands, domains = rng.integers(2, 8), rng.integers(1, 6), rng.integers(1, 7)
    training = rng.random(demands) < 0.5
    train, infer = rng.uniform(0.5, 2, groups), rng.uniform(0.5, 2, groups)
    if same_ratio:
        infer = train * 0.7
    train *= rng.random(groups) < 0.8
    rate = np.where(rng.random((groups, demands)) < 0.6, np.where(training, train[:, None], infer[:, None]), 0.0)
    loss = rng.uniform(0, 10, (domains, groups)) * (rng.random((domains, groups)) < 0.6)
    total = loss.sum(axis=0) + rng.uniform(0, 3, groups)
    need = rng.uniform(0, 1, demands) * 0.6 * (rate * total[:, None]).sum(axis=0) / demands + 1e-3
    return Network(total, rate, need, training, loss, 1e-6)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("same_ratio", [True, False])
@pytest.mark.slow
def test_every_loss_is_judged_as_by_its_linear_program(same_ratio, k):
    """Losses declared survived are survived, those declared broken are not, and shortfalls are least."""
    rng = np.random.default_rng(20 + k)
    broken_seen = survived_seen = 0
    for _ in range(40):
        net = random_network(rng, same_ratio)
        survival = Survival(net, k)
        verdict = survival.judge()
        assert verdict.others_survive or verdict.broken
        for lost in survival.losses():
            least = least_unserved(net, survival.surviving(lost))
            if lost in verdict.broken:
                assert least > 1e-7
                broken_seen += 1
            elif lost not in verdict.doubtful and verdict.others_survive:
                assert least <= 2e-6
                survived_seen += 1
        left = sorted(verdict.doubtful | verdict.broken)
        own = survival.shortfalls(left).sum(axis=1)
        expected = [least_unserved(net, survival.surviving(lost)) for lost in left]
        assert own == pytest.approx(expected, abs=1e-6)
    assert survived_seen > 20
    assert broken_seen > 20 or (k == 1 and not same_ratio)


def test_one_ratio_is_a_flow():
    """The scale exists when every chip for both workloads has one ratio, and only then."""
    rate = np.array([[2.0, 1.0], [4.0, 2.0], [0.0, 3.0]])
    net = Network(np.ones(3), rate, np.ones(2), np.array([True, False]), np.ones((1, 3)), 0.0)
    worth, need = scaled(net)
    assert worth == pytest.approx([1, 2, 3])
    assert need == pytest.approx([0.5, 1])
    rate[1, 1] = 2.1
    assert scaled(net) is None


def test_sets_of_demands_are_those_that_matter():
    """Demands with nested suppliers give as many sets as demands, and the empty one."""
    serves = np.array([[True, True, True], [False, True, True], [False, False, True]])
    assert closed_sets(serves) == [0b000, 0b001, 0b011, 0b111]


@pytest.mark.slow
def test_too_many_sets_fall_back_to_the_linear_program(monkeypatch):
    """Without the sets every loss is still judged, none declared survived without proof."""
    monkeypatch.setattr("planner.audit.flow.MOST_SETS", 1)
    rng = np.random.default_rng(7)
    for same_ratio in (True, False):
        for _ in range(10):
            net = random_network(rng, same_ratio)
            survival = Survival(net, 1)
            verdict = survival.judge()
            assert not verdict.broken
            for lost in set(survival.losses()) - verdict.doubtful:
                assert least_unserved(net, survival.surviving(lost)) <= 2e-6


def test_nothing_installed_carries_nothing():
    """Without any capacity every demand is unserved."""
    net = Network(np.zeros(0), np.zeros((0, 2)), np.array([1.0, 2.0]), np.array([True, False]), np.zeros((3, 0)), 1e-6)
    survival = Survival(net, 2)
    broken = survival.judge().broken
    assert broken == set(combinations(range(3), 2))
    assert survival.shortfalls(sorted(broken)).sum(axis=1) == pytest.approx([3, 3, 3])
