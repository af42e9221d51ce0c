"""Laws of every study of risk, on random cases with campuses that are late, cut offers and redundancy.

What is compared are answers of separate studies, proven to a gap of zero: nothing that one study states is clamped.
"""

from dataclasses import dataclass
from random import Random

import pytest

from planner import Case
from planner.uncertainty.measure import cvar, mean
from planner.uncertainty.result import RiskResult
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import Scenario, ScenarioSet, scenario
from tests.length import some
from tests.program.tiny import lease, site, tiny

SAME = {"rel": 1e-6, "abs": 1e-6}
LEVEL = 0.6


@dataclass(frozen=True)
class Drawn:
    """A random case, its futures, and how they are asked for."""

    case: Case
    futures: tuple[Scenario, ...]

    def risk(self, *futures: Scenario, weight: float = 0.0) -> RiskResult:
        """Return the answer for some futures, proven to a gap of zero."""
        found = risk(
            self.case, ScenarioSet(futures or self.futures), cvar=LEVEL, weight=weight, gap=0.0, workers=1,
            own_process=False, prices={"unserved": 0.06, "protection": 0.03},
        )  # fmt: skip
        assert found.gap == pytest.approx(0.0, abs=1e-6)
        return found


def drawn(seed: int) -> Drawn:
    """Two campuses, contracts of two years that are signed now and of one that can wait, backup; three futures."""
    random = Random(seed)
    offers = [
        lease("long", "x", max_blocks=random.randint(4, 8), term_years=2.0),
        lease("other", "y", max_blocks=random.randint(4, 8), term_years=2.0, lead_months=12.0,
              rent_musd_per_mw_year=8.0, first_start="2027-01-01"),
        lease("spot", "y", max_blocks=3, term_years=1.0, rent_musd_per_mw_year=float(random.randint(18, 30))),
    ]  # fmt: skip
    rules = [{"name": "any site", "domain": "site", "critical_share": random.choice([0.2, 0.4])}]
    case = tiny(
        (20.0, float(random.randint(3, 6) * 10)), periods=2, sites=[site("x"), site("y")], offers=offers,
        families={"redundancy": {"rules": rules}},
    )  # fmt: skip
    late = [f"offers[{random.choice(['long', 'other'])}].first_start={random.choice(['2027-01-01', '2028-01-01'])}"]
    more = [{"op": "scale", "place": "demand[*,*,2027].compute", "factor": random.choice([0.5, 1.4, 1.8])}]
    weights = [random.randint(1, 4) for _ in range(3)]
    changes = [[], random.choice([late, more]), late + more]
    futures = [scenario(f"f{i}", w / sum(weights), c) for i, (w, c) in enumerate(zip(weights, changes, strict=True))]
    return Drawn(Case.of(case), tuple(futures))


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(12), 4))
def test_every_study_keeps_the_laws(seed):
    """Law: knowing and planning for all is worth something; one scenario is its plan; the same ones change nothing.

    Weight 0 is the expected cost, and more weight on the worst futures neither lowers that nor raises their cost. Four
    of twelve draws.
    """
    asked = drawn(seed)
    chances = [one.probability for one in asked.futures]
    neutral = asked.risk()
    assert neutral.value_busd == pytest.approx(mean(neutral.here.costs, chances), **SAME)
    singly = [asked.risk(scenario(one.name, 1.0, one.changes)) for one in asked.futures]
    assert singly[0].value_busd == pytest.approx(asked.case.solve(gap=0.0, own_process=False).cost_busd, **SAME)
    known = mean([one.value_busd for one in singly], chances)
    assert known <= neutral.value_busd + 1e-6
    assert neutral.evpi.busd == pytest.approx(neutral.value_busd - known, **SAME)
    assert neutral.vss is not None
    assert mean(neutral.fixed.costs, chances) >= neutral.value_busd - 1e-6
    first, *others = asked.futures
    halves = [scenario(name, first.probability / 2, first.changes) for name in ("one", "two")]
    assert asked.risk(*halves, *others).value_busd == pytest.approx(neutral.value_busd, **SAME)
    expected, worst = neutral.value_busd, cvar(neutral.here.costs, chances, LEVEL)
    for weight in (0.5, 1.0):
        careful = asked.risk(weight=weight)
        costs = mean(careful.here.costs, chances), cvar(careful.here.costs, chances, LEVEL)
        assert careful.value_busd == pytest.approx((1.0 - weight) * costs[0] + weight * costs[1], **SAME)
        assert costs[0] >= expected - 1e-6
        assert costs[1] <= worst + 1e-6
        expected, worst = costs
