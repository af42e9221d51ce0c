"""What `planner stress` replays: the first stage of a study in its own case, or a plan, with a word on its case."""

from dataclasses import replace

import pytest

from planner.errors import OptionError, PlanError, PlannerError
from planner.options import SolveOptions
from planner.uncertainty.keeping import place, write_result
from planner.uncertainty.measure import Measure, cvar
from planner.uncertainty.replayed import CASE, read_kept, refuse_until
from planner.uncertainty.risk import risk
from planner.uncertainty.stress import stress
from tests.uncertainty.newsvendor import THREE, demands, newsvendor

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
OPTIONS = SolveOptions(gap=0.0, own_process=False)


@pytest.fixture(scope="module")
def known():
    """A study of three futures, of which the case itself is the one with a demand of 100."""
    return risk(newsvendor(100.0), demands(*THREE), **EXACT)


@pytest.fixture(scope="module")
def folder(known, tmp_path_factory):
    """What it wrote."""
    return write_result(known, place(tmp_path_factory.mktemp("studies") / "study"))


@pytest.mark.slow
def test_a_first_stage_in_its_own_futures_costs_what_the_study_says(known, folder):
    """Law: replayed in the futures that it was made for, a first stage costs in each what it costs in the study."""
    kept = read_kept(folder, OPTIONS)
    found = stress(folder, demands(*THREE), **EXACT)
    assert [row["cost_busd"] for row in found.rows] == pytest.approx(list(known.here.costs))
    assert kept.plan.case.hash == known.case.hash
    assert "without the changes of any of its futures" in found.summary()["notes"][0]
    assert found.findings.summary["notes"] == kept.notes


@pytest.mark.slow
def test_a_study_and_its_folder_are_replayed_alike(known, folder):
    """Law: a study, its folder and its orders written out have the same rows; the CVaR is of the level of the study."""
    kept = read_kept(folder, OPTIONS)
    futures = demands((130.0, 1.0))
    rows = [one.rows for one in (stress(known, futures, **EXACT), stress(str(folder), futures, **EXACT))]
    by_hand = stress(kept.plan, futures, committed_until=kept.committed_until, prices=kept.prices, **EXACT)
    assert rows[0] == rows[1] == by_hand.rows
    assert (kept.level, by_hand.cvar_level) == (known.measure.level, 0.9)
    careful = stress(replace(known, measure=Measure(0.5)), demands(*THREE), **EXACT).summary()
    costs, chances = list(known.here.costs), [chance for _, chance in THREE]
    assert (careful["cvar_level"], careful["cost_busd_cvar"]) == (0.5, pytest.approx(cvar(costs, chances, 0.5)))
    with pytest.raises(OptionError, match="committed_until in Python"):
        stress(known, futures, committed_until=known.decide_by, **EXACT)


def test_what_is_neither_plan_nor_study_is_refused(tmp_path):
    """Law: anything else, and a folder of anything else, is refused in words."""
    with pytest.raises(OptionError, match="stress takes plans, not 7"):
        stress(7, demands(*THREE))
    with pytest.raises(PlanError):
        stress(tmp_path, demands(*THREE))
    with pytest.raises(OptionError, match=r"CVaR level 1\.0: must be"):
        stress(tmp_path, demands(*THREE), cvar=1.0)


@pytest.mark.slow
def test_the_plan_of_a_future_says_so(known, folder):
    """Law: a plan whose case has the changes of a future is replayed with a note; one of the case itself has none."""
    for names, plan in zip(known.futures, known.here.plans, strict=True):
        kept = read_kept(folder / "plans" / names[0], OPTIONS)
        changed = plan.case.hash != known.case.hash
        assert any("already has the changes" in note for note in kept.notes) == changed
        assert kept.committed_until is None
    assert {plan.case.hash != known.case.hash for plan in known.here.plans} == {True, False}


@pytest.mark.slow
def test_what_is_no_first_stage_of_its_case_is_refused(known, folder, tmp_path):
    """Law: a study of another case, or without one, and a date of the user's for a study are refused in words."""
    kept = read_kept(folder, OPTIONS)
    with pytest.raises(OptionError, match=r"--committed-until .* is of a plan"):
        refuse_until(kept, known.decide_by)
    other = write_result(replace(known, case=known.case.what_if("offers[early].max_blocks=99")), place(tmp_path / "o"))
    (other / CASE / "offers.csv").write_bytes((folder / CASE / "offers.csv").read_bytes())
    with pytest.raises(PlanError, match="is not the case that the study is of"):
        read_kept(other, OPTIONS)
    (other / CASE).rename(tmp_path / "away")
    with pytest.raises(PlanError, match="has no folder case"):
        read_kept(other, OPTIONS)


@pytest.mark.slow
def test_a_study_that_was_edited_is_replayed_with_a_word_on_it(known, tmp_path):
    """Law: amounts changed in a file of the study are those that are replayed, and the first note names the file."""
    folder = write_result(known, place(tmp_path / "study"))
    assert not any("changed since" in note for note in read_kept(folder, OPTIONS).notes)
    orders = folder / "tables" / "orders.csv"
    lines = orders.read_text(encoding="utf-8").splitlines(keepends=True)
    orders.write_text("".join(lines[:-1]), encoding="utf-8")
    first, *_ = read_kept(folder, OPTIONS).notes
    assert "changed since the study was written: tables/orders.csv" in first
    found = stress(folder, demands(*THREE), **EXACT)
    assert found.notes[0] == first


@pytest.mark.slow
def test_a_level_of_the_cvar_that_makes_no_sense_is_refused(known, tmp_path):
    """Law: what a study says of itself is checked like an option."""
    folder = write_result(known, place(tmp_path / "study"))
    summary = folder / "summary.json"
    text = summary.read_text(encoding="utf-8")
    level = f'"cvar_level": {known.measure.level}'
    assert level in text
    summary.write_text(text.replace(level, '"cvar_level": 5'), encoding="utf-8")
    with pytest.raises(PlannerError, match="cvar_level"):
        read_kept(folder, OPTIONS)
