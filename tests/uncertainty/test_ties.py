"""Later dates after first stages that are equally good, worked out by hand.

Two blocks are needed in 2027. ``risky`` and ``safe`` must be signed a year before and ``mid`` half a year before, all
at $0.1B a block; ``spot`` costs $0.2B and is there at once. In half of the futures ``risky`` never comes, which is not
known when ``mid`` must be signed. With the future known after the first date, any of these is as good: what ``risky``
does not bring, ``mid`` does. Without, whoever counts on ``risky`` pays for ``spot`` in half of the futures, or for
``mid`` and ``risky`` in the other.
"""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from planner import Case
from planner.cli.risk_policy import ties_words
from planner.runs.difference import Difference
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.policy import Policy, Tie, ties_of
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.ties import as_good, left_out, most_ties
from planner.uncertainty.work import WHOLE_COLUMNS, Work
from tests.program.tiny import lease, site, tiny

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
FIRST_YEAR, BLOCKS = 0.2, 2.0
NEVER = [{"op": "set", "place": "offers[risky].first_start", "value": "2030-01-01"}]
TWO = ScenarioSet((scenario("comes", 0.5), scenario("never", 0.5, NEVER)))


def campus():
    """The case."""
    offers = [
        lease("risky", "a", lead_months=12.0, first_start="2027-01-01"),
        lease("safe", "b", lead_months=12.0),
        lease("mid", "b", lead_months=6.0),
        lease("spot", "b", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    return Case.of(tiny((10.0, 20.0), periods=2, offers=offers, sites=[site("a"), site("b")]))


def ordering(stage: FirstStageOrders, offer: str):
    """Two blocks of an offer for 2027, beside the block of 2026, which only ``spot`` can give."""
    amounts = {("spot", 0): 1.0, (offer, 1): BLOCKS}
    return np.array([amounts.get((one.what, one.period), 0.0) for one in stage.orders])


@pytest.mark.slow
def test_of_equally_good_first_stages_the_one_with_the_best_policy(monkeypatch):
    """Law: of the first stages seen that are as good that is taken whose policy costs least; the others are told."""
    search = Work.search

    def searched(work, executor, alone):
        search(work, executor, alone)
        if work.before is None:
            values = [work.evaluate(executor, ordering(work.stage, name), name).value for name in ("risky", "safe")]
            assert values == pytest.approx([FIRST_YEAR + 0.2] * 2)
            assert len(as_good(work)) >= 1

    monkeypatch.setattr(Work, "search", searched)
    found = risk(campus(), TWO, then=(date(2026, 7, 1),), prices={"unserved": 1.0}, **EXACT)
    assert found.value_busd == pytest.approx(FIRST_YEAR + 0.2)
    assert found.policy.value_busd == pytest.approx(FIRST_YEAR + 0.2)
    assert max(one.value_busd for one in ties_of(found.policy)) == pytest.approx(FIRST_YEAR + 0.3)
    assert found.policy.waiting.busd == pytest.approx(0.0, abs=1e-6)
    assert found.policy.waiting_span == pytest.approx((0.0, 0.1), abs=1e-6)
    assert "risky" not in {row["what"] for row in found.rows("orders")}
    said = found.findings.summary["policy"]
    assert len(said["ties"]) == len(ties_of(found.policy))
    assert (said["waiting_least_busd"], said["waiting_most_busd"]) == pytest.approx((0.0, 0.1), abs=1e-6)


def _tried(value, plan="a plan"):
    return SimpleNamespace(value=value, plans=(plan,))


def test_what_is_as_good():
    """Law: as good is what is proven to the gap asked for and has all plans; if nothing is, what costs no more."""
    best, near, far, none = _tried(10.0), _tried(10.05), _tried(10.2), _tried(10.0, None)
    measure = SimpleNamespace(scale=abs, gap=lambda value, bound: (value - bound) / value)
    about = {"best": best, "tried": dict(enumerate((far, near, none, best))), "measure": measure}
    about |= {"options": SimpleNamespace(gap=0.01), "clock": SimpleNamespace(lower=9.96)}
    assert as_good(SimpleNamespace(**about, done=True)) == [near]
    assert as_good(SimpleNamespace(**about, done=False)) == []


def test_how_many_are_tried():
    """Law: large studies try none, and those that were not are told."""
    assert most_ties(WHOLE_COLUMNS) > most_ties(WHOLE_COLUMNS + 1) == 0
    assert left_out(0) == left_out(-1) == ""
    assert left_out(1).startswith("1 other first stage is as good within the gap")
    assert left_out(4).startswith("4 other first stages are")


def test_ties_in_words():
    """Law: the words have the least and the most of what the others cost, and what is proven over all of them."""
    own = Difference(0.0, 0.0, 0.0, "equal")
    ties = (Tie(1.0, 1.5, Difference(0.5, 0.4, 0.5, "more")), Tie(1.0, 1.25, Difference(0.2, 0.1, None, "more")))
    for some, said in (
        (ties[:1], "1 other first stage is as good within the gap: with it the later dates lead to $1.500B expected. "
         "With any of these, knowing no more than has shown itself costs at least $0.000B and at most $0.500B"),
        (ties, "2 other first stages are as good within the gap: with them the later dates lead to $1.250B to $1.500B "
         "expected. With any of these, knowing no more than has shown itself costs at least $0.000B; nothing is proven "
         "from above"),
        ((), None),
    ):  # fmt: skip
        low, high = Policy.waiting_span.fget(SimpleNamespace(_ties=some, waiting=own))
        summary = {"ties": [one.document() for one in some], "waiting_least_busd": low, "waiting_most_busd": high}
        assert list(ties_words(summary)) == ([said] if said else [])
