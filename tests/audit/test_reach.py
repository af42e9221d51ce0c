"""The table ``reach`` in the audit: every pair of a site and a market is judged, whatever is stated of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from planner.audit.derived import _check_reach
from planner.audit.report import Checks
from tests.length import AT_LENGTH

SITES, MARKETS = [f"s{n}" for n in range(6)], [f"m{n}" for n in range(5)]


def pair_by_pair(facts, stated, checks):
    """Judge one pair after the other, as the rule says it."""
    used, wanted = {offer.site for offer in facts.offers.values()}, {market for market, _ in facts.demand}
    for site in SITES:
        for market in MARKETS:
            checks.seen("derived tables", "reach")
            if (site, market) in stated and market not in facts.reach[site]:
                checks.fault("derived tables", "reach", f"{site} is stated to reach {market}, which it may not serve")
            needed = market in facts.reach[site] and site in used and market in wanted
            if needed and (site, market) not in stated:
                message = f"{site} may serve {market}, but the table reach does not state it"
                checks.fault("derived tables", "reach", message)


@pytest.mark.parametrize("seed", range(40 if AT_LENGTH else 12))
def test_every_pair_is_judged_as_if_one_by_one(seed):
    """Law: count, faults, their words and their order are those of a walk through all pairs, whatever is stated."""
    random = np.random.default_rng(seed)
    pairs = [(site, market) for site in SITES for market in MARKETS]
    may = {pair for pair in pairs if random.random() < 0.5}
    stated = may if seed == 0 else {pair for pair in pairs if (pair in may) == (random.random() < 0.8)}
    facts = SimpleNamespace(
        sites=dict.fromkeys(SITES),
        markets=dict.fromkeys(MARKETS),
        offers={n: SimpleNamespace(site=site) for n, site in enumerate(SITES[:5])},
        demand={(market, "training"): [1.0] for market in MARKETS[:4]},
        reach={site: frozenset(market for market in MARKETS if (site, market) in may) for site in SITES},
    )
    reports = []
    for judge in (False, True):
        checks = Checks()
        reader = SimpleNamespace(checks=checks, parse=lambda _table, _read: dict.fromkeys(stated))
        if judge:
            pair_by_pair(facts, stated, checks)
        else:
            _check_reach(SimpleNamespace(reader=reader, facts=facts))
        reports.append(checks.report(0.0))
    assert reports[0] == reports[1]
    assert reports[0].checks[0].count >= len(pairs)
    assert reports[0].passed is (seed == 0)
