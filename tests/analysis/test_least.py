"""The least of something other than cost: against plans of the same case, with nothing of it in what a plan costs."""

import pyomo.environ as pyo
import pytest

from planner import Case, NoPlanError
from planner.analysis.least import least_value
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.program.family import Family
from planner.program.terms import Sum
from planner.runs import session
from planner.runs.variants import Runner
from planner.status import Status
from planner.system import interrupts

OPTIONS = SolveOptions(gap=0.3, seed=4, own_process=False)


def blocks(m):
    """All blocks of all contracts that are decided."""
    total = Sum()
    for variable in BLOCKS.of(m).values():
        total.add(1.0, variable)
    return total


@pytest.fixture(scope="module")
def case():
    """The case checked by hand."""
    return Case.read("three_sites")


def decided(plan):
    """The blocks that a plan decides."""
    return sum(float(row["blocks"]) for row in plan.rows("contracts") if row["origin"] == "decided")


def limited(most):
    """At most so many blocks."""

    def build(m, _data, _ledger):
        m.c_blocks_at_most = pyo.Constraint(expr=blocks(m).at_most(most + 1e-6))

    return (Family("limited", build, requires=("contract",)),)


@pytest.mark.slow
def test_no_plan_has_less_than_the_least(case):
    """Law: some plan has as few blocks as the least says, and none has fewer."""
    least = least_value(case, (), blocks, Runner(OPTIONS))
    assert least == pytest.approx(round(least), abs=1e-5), "blocks are whole"
    found = case.solve(gap=0.0, own_process=False, families=limited(least))
    assert decided(found) == pytest.approx(least, abs=1e-5)
    assert found.cost_busd >= case.solve(gap=0.0, own_process=False).cost_busd - 1e-9
    fewer = case.solve(gap=0.0, own_process=False, families=limited(least - 1.0))
    assert fewer.rows("shortfalls")


def test_a_penalty_lies_between_the_least_and_the_cheapest(case):
    """Law: the dearer what is counted, the less of it; at next to no price as in a cheap plan, at a high one least."""
    runner = Runner(SolveOptions(gap=0.0, own_process=False))
    found = [least_value(case, (), blocks, runner, penalty_busd=price) for price in (1e-6, 0.05, 100.0)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(least_value(case, (), blocks, runner), abs=1e-5)
    assert found[0] <= decided(case.solve(gap=0.0, own_process=False)) + 1e-5


@pytest.mark.parametrize(("penalty", "gap"), [(None, 0.0), (0.1, 0.3)])
def test_options_are_those_of_the_runner(case, monkeypatch, penalty, gap):
    """Law: a least value is found under the options of the study; where it limits what follows, to a gap of 0."""
    seen = []

    class Enough(Exception):
        """Seen enough."""

    def choose(options, _inputs):
        seen.append(options)
        raise Enough

    monkeypatch.setattr(session, "dispatch", choose)
    with pytest.raises(Enough):
        least_value(case, (), blocks, Runner(OPTIONS), penalty_busd=penalty)
    assert seen == [SolveOptions(gap=gap, seed=4, own_process=False)]


def test_nothing_is_looked_for_after_a_signal(case, monkeypatch):
    """Law: a study that was interrupted does not begin another search, and says what ended it."""
    monkeypatch.setattr(session, "dispatch", lambda *_words: pytest.fail("a search was begun"))
    for stop in ("before", "now"):
        runner = Runner(OPTIONS)
        runner.interrupted = stop == "before"
        monkeypatch.setattr(interrupts, "asked", lambda stop=stop: 2 if stop == "now" else None)
        with pytest.raises(NoPlanError) as caught:
            least_value(case, (), blocks, runner)
        assert caught.value.status is Status.INTERRUPTED
