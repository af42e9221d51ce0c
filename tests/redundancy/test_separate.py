"""Separation and certificates against brute force, on random networks."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import linprog

from planner.errors import PlannerError
from planner.redundancy import separate
from planner.redundancy.certify import Carrier, Margins, certificates, margin_by_routing
from planner.redundancy.network import Network, RuleNetwork
from planner.redundancy.separate import linear_cut, minimum_cut, violated_cuts, worst_sets
from tests.length import thinned

CASES = range(14)


def _network(number: int, *, agree: bool = True, k: int = 1) -> tuple[Network, np.ndarray]:
    """A random network of one rule and one period, and what is installed."""
    rng = np.random.default_rng(number)
    units, domains, demands = int(rng.integers(4, 10)), int(rng.integers(2, 5)) + 2 * (k - 1), int(rng.integers(2, 6))
    training = rng.random(demands) < 0.5
    ratio = np.full(units, 0.7) if agree else rng.choice([0.4, 0.7, 1.3], units)
    per_gw = rng.choice([500.0, 1000.0, 2000.0], units)
    rate = np.where(training[None, :], (per_gw * ratio)[:, None], per_gw[:, None])
    rate = rate * (rng.random((units, demands)) < 0.6)
    belongs = rng.integers(0, domains, units)
    installed = rng.random(units) * (rng.random(units) < 0.8)
    critical = rng.random(demands) * installed.sum() * 1000.0 * 0.5 / demands * (rng.random(demands) < 0.9)
    critical *= rng.choice([0.3, 1.0, 1.6] if k == 1 else [0.05, 0.2, 0.6])
    rule = RuleNetwork(
        name="rule",
        k=min(k, domains),
        holds=(True,),
        critical=critical[None, :],
        domains=tuple(f"d{n}" for n in range(domains)),
        member=belongs[None, :] == np.arange(domains)[:, None],
    )
    network = Network(
        units=tuple((f"s{n}", "p", "c") for n in range(units)),
        demands=tuple((f"m{n}", "training" if training[n] else "inference") for n in range(demands)),
        rate=rate,
        scale=np.where(training, 0.7, 1.0) if agree else None,
        rules=(rule,),
    )
    return network, installed[None, :]


def _most_carried(network: Network, gw: np.ndarray, critical: np.ndarray, grown: np.ndarray | None = None) -> float:
    """How often ``grown`` can be carried beside what is critical; without it, the share of that, at most 1."""
    arcs = np.argwhere((network.rate > 0.0) & (gw > 0.0)[:, None])
    room = np.zeros((len(gw), len(arcs) + 1))
    carried = np.zeros((len(critical), len(arcs) + 1))
    for column, (u, d) in enumerate(arcs):
        room[u, column], carried[d, column] = 1.0, -network.rate[u, d]
    carried[:, -1] = critical if grown is None else grown
    need = np.zeros(len(critical)) if grown is None else -critical * (1.0 - 1e-7)
    cost = np.zeros(len(arcs) + 1)
    cost[-1] = -1.0
    limit = [(0.0, None)] * len(arcs) + [(0.0, 1.0 if grown is None else None)]
    answer = linprog(cost, np.vstack([room, carried]), np.concatenate([gw, need]), bounds=limit)
    return float(-answer.fun)


def _broken(network: Network, installed: np.ndarray) -> set[tuple[int, ...]]:
    (rule,) = network.rules
    found = set()
    for lost in combinations(range(len(rule.domains)), rule.k):
        gone = network.lost_units(0, lost)
        if _most_carried(network, np.where(gone, 0.0, installed[0]), rule.critical[0]) < 1.0 - 1e-7:
            found.add(lost)
    return found


@pytest.mark.parametrize("agree", [True, False], ids=["flow", "chips disagree"])
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.slow
def test_violated_exactly_when_a_contingency_breaks(monkeypatch: pytest.MonkeyPatch, agree: bool, k: int) -> None:
    """Law: cuts are found exactly for plans that a loss breaks, by all three ways, and each is violated."""
    broken_plans = 0
    for number in CASES:
        network, installed = _network(number, agree=agree, k=k)
        broken = _broken(network, installed)
        broken_plans += bool(broken)
        for limit in (10, 0) if agree else (10,):
            monkeypatch.setattr(separate, "GROUP_LIMIT", limit)
            cuts = violated_cuts(network, installed)
            assert bool(cuts) == bool(broken), number
            assert {cut.lost for cut in cuts} <= broken, number
            if k == 1:
                assert {cut.lost for cut in cuts} == broken, number
            for cut in cuts:
                per_gw = network.coefficients(np.array(cut.weights))
                surviving = np.where(network.lost_units(0, cut.lost), 0.0, installed[0])
                assert per_gw @ surviving < cut.need_compute(network), number
            assert cuts == violated_cuts(network, installed)
    assert 3 < broken_plans < len(CASES) - 1


def test_a_cut_holds_wherever_the_critical_demand_can_be_carried() -> None:
    """Law: no cut takes away a plan that survives: survivors scaled up until they carry keep every cut."""
    checked = 0
    for number in CASES:
        for agree in (True, False):
            network, installed = _network(number, agree=agree)
            for cut in violated_cuts(network, installed):
                gone = network.lost_units(0, cut.lost)
                surviving = np.where(gone, 0.0, installed[0])
                share = _most_carried(network, surviving, network.rules[0].critical[0])
                if share > 1e-6:
                    per_gw = network.coefficients(np.array(cut.weights))
                    assert per_gw @ surviving / share >= cut.need_compute(network) * (1.0 - 1e-6)
                    checked += 1
    assert checked > 6


def test_minimum_cut_is_the_worst_group() -> None:
    """Law: a minimum cut lacks what the worst group of demands lacks, and what the linear program says."""
    for number in CASES:
        rng = np.random.default_rng(number)
        types, need = rng.random((5, 4)) < 0.5, rng.random(4)
        supply = rng.random(5) * rng.choice([0.3, 1.0])
        lacking, members = minimum_cut(types, supply, need)
        groups = [np.array(group) for group in np.ndindex(2, 2, 2, 2)]
        worst = max(float(need @ group - supply[(types @ group) > 0].sum()) for group in groups)
        assert lacking == pytest.approx(worst, abs=1e-9)
        assert need @ members - supply[(types @ members) > 0].sum() == pytest.approx(lacking, abs=1e-9)
        by_program, weights = linear_cut(types.astype(float), supply, need)
        assert by_program == pytest.approx(lacking, abs=1e-7)
        assert np.all(weights >= 0.0)


def test_worst_sets() -> None:
    """Law: the first set takes most of all sets; later ones take no more than those before."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        loss = rng.random(7)
        sets = worst_sets(loss, 2, 5)
        sizes = [loss[list(one)].sum() for one in sets]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] == max(loss[list(one)].sum() for one in combinations(range(7), 2))


@pytest.mark.parametrize("agree", [True, False], ids=["flow", "chips disagree"])
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.slow
def test_certificates(agree: bool, k: int) -> None:
    """Law: a routing uses what survives, once, where it may serve, and carries what is critical; margins are exact."""
    carried = 0
    for number in CASES:
        network, installed = _network(number, agree=agree, k=k)
        (rule,) = network.rules
        broken = _broken(network, installed)
        for one in certificates(network, installed):
            surviving = np.where(network.lost_units(0, one.lost), 0.0, installed[0])
            used, given = np.zeros(len(surviving)), np.zeros(len(network.demands))
            for u, d, gw, compute in one.routing:
                assert compute == pytest.approx(gw * network.rate[u, d])
                assert compute > 0.0
                used[u] += gw
                given[d] += compute
            assert np.all(used <= surviving + 1e-9)
            assert one.lost_gw + one.surviving_gw == pytest.approx(installed.sum())
            if one.lost in broken or not rule.critical[0].any():
                continue
            assert given == pytest.approx(rule.critical[0], rel=2e-6, abs=1e-5)
            assert one.margin_compute == pytest.approx(
                _margin(network, surviving, rule.critical[0]), rel=1e-5, abs=1e-2
            )
            assert one.margin_compute >= -1e-3
            carried += 1
    assert carried > 6


@pytest.mark.parametrize("k", [1, 2])
def test_a_margin_proves_that_all_is_carried(k: int) -> None:
    """Law: where the margin shows it, a routing carries all that is critical; losses of the same have the same one."""
    proven = 0
    for number in CASES[:6]:
        network, installed = _network(number, k=k)
        installed[0, : installed.shape[1] // 2] = 0.0
        routings: dict[bytes, list[object]] = {}
        for one in certificates(network, 3.0 * installed):
            carried = sum(compute for *_, compute in one.routing)
            if one.proven:
                assert carried == pytest.approx(one.critical_compute, rel=1e-9)
                proven += one.critical_compute > 0.0
            assert routings.setdefault(one.left, list(one.routing)) == one.routing
    assert proven


def _margin(network: Network, surviving: np.ndarray, critical: np.ndarray) -> float:
    """How much more of one demand alone can be carried: the least over demands."""
    one = np.eye(len(critical))
    return min(_most_carried(network, surviving, critical, one[d]) for d in np.flatnonzero(critical))


@pytest.mark.slow
def test_margin_of_a_loss_is_the_same_both_ways() -> None:
    """Law: the margin by groups of demands is the margin by routing."""
    for number in CASES:
        network, installed = _network(number)
        (rule,) = network.rules
        margins = Margins(network, rule, 0, installed[0])
        broken = _broken(network, installed)
        for f in range(len(rule.domains)):
            surviving = np.where(network.lost_units(0, (f,)), 0.0, installed[0])
            if (f,) in broken or not rule.critical[0].any():
                continue
            expected = margin_by_routing(network, surviving, rule.critical[0])
            assert margins.of((f,)) == pytest.approx(expected, rel=1e-5, abs=1e-2)
            assert Carrier(network, surviving, rule.critical[0]).carry(surviving)


@pytest.mark.parametrize("agree", thinned([True, False], 2))
def test_routings_do_not_depend_on_those_before(agree: bool) -> None:
    """Law: what carries a contingency is the same, to the last digit, whichever were worked out before it."""
    routed = 0
    for number in CASES:
        network, installed = _network(number, agree=agree)
        (rule,) = network.rules
        carrier = Carrier(network, installed[0], rule.critical[0])
        left = [np.where(network.lost_units(0, (f,)), 0.0, installed[0]) for f in range(len(rule.domains))]
        found = [carrier.carry(surviving) for surviving in (*left, *reversed(left))]
        assert found == [Carrier(network, one, rule.critical[0]).carry(one) for one in (*left, *reversed(left))]
        routed += sum(map(len, found))
    assert routed > 0


def test_a_rule_whose_domains_hold_nothing() -> None:
    """Law: with nothing to lose, what is critical must be carried by all that is installed."""
    network, installed = _network(3)
    (rule,) = network.rules
    empty = RuleNetwork("rule", 0, (True,), rule.critical, (), np.zeros((0, len(network.units)), dtype=bool))
    bare = Network(network.units, network.demands, network.rate, network.scale, (empty,))
    carries = _most_carried(network, installed[0], rule.critical[0]) >= 1.0 - 1e-9
    assert bool(violated_cuts(bare, installed)) != carries
    assert violated_cuts(bare, 0.0 * installed)
    assert not list(certificates(bare, installed))


def test_a_worst_loss_that_one_method_cannot_compute_is_computed_by_another(monkeypatch):
    """Numerical trouble of the first method gives the same cut; trouble of all of them is said, not a crash."""
    types, supply, need = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([1.0, 1.0]), np.array([2.0, 3.0])
    expected = linear_cut(types, supply, need)
    honest = scipy.optimize.linprog

    def troubled(*words, method, **options):
        if method in failing:
            return SimpleNamespace(status=4, fun=None, message="numerical difficulties")
        return honest(*words, method=method, **options)

    monkeypatch.setattr(scipy.optimize, "linprog", troubled)
    failing = {"highs"}
    lacking, weights = linear_cut(types, supply, need)
    assert lacking == pytest.approx(expected[0])
    assert weights == pytest.approx(expected[1])
    failing |= {"highs-ipm", "highs-ds"}
    with pytest.raises(PlannerError, match="numerical difficulties"):
        linear_cut(types, supply, need)
