"""What adapts before the decision date: found, said beside EVPI, and absent where nothing does."""

from datetime import date

import pytest

from planner import Case
from planner.cli import main
from planner.inputs import make_inputs
from planner.uncertainty.adapting import ENDS, FINANCING, REFRESHES, adapting, remark
from tests.program.test_closed_financing import FINANCED, LOAN
from tests.program.tiny import cash, chip, lease, tiny
from tests.uncertainty.newsvendor import THREE, demands

FIRST, SECOND, THIRD = (date(year, 1, 1) for year in (2026, 2027, 2028))
LEAVING = {"exit_after_years": 1.0, "exit_cost_share": 0.0}
RENEWED = {"term_years": 1.0, "renewal_rent_musd_per_mw_year": 9.0}


def early(case, day):
    """What adapts early."""
    return adapting(make_inputs(case), day)


@pytest.mark.parametrize("more", [LEAVING, RENEWED])
def test_ends_and_renewals_up_to_the_date(more):
    """Law: they adapt early where one falls on or before the date; a contract that must go on has none."""
    case = tiny(periods=3, offers=[lease(**more)])
    assert early(case, FIRST) == early(tiny(periods=3), SECOND) == ()
    assert early(case, date(2026, 12, 31)) == ()
    assert early(case, SECOND) == (ENDS,)


def test_refreshes_and_financing_of_periods_before_the_date():
    """Law: they adapt early where their period begins before the date."""
    chips = [chip(), chip("new")]
    offers = [lease(chips=("chip", "new"), refresh_after_years=1.0, refresh_price_busd_per_gw_it=1.0)]
    case = tiny(periods=3, offers=offers, chips=chips)
    assert early(case, SECOND) == ()
    assert early(case, THIRD) == (REFRESHES,)
    case = tiny(periods=3, families=FINANCED, budget=cash(3, 5.0), financing=[LOAN])
    assert early(case, FIRST) == ()
    assert early(case, SECOND) == (FINANCING,)


@pytest.mark.slow
def test_the_remark_stands_beside_evpi(tmp_path, monkeypatch, capsys):
    """Law: where something adapts early it is said with EVPI, and what follows from it is a note."""
    monkeypatch.chdir(tmp_path)
    offers = [lease("early", lead_months=12.0), lease("spot", **LEAVING, rent_musd_per_mw_year=20.0)]
    Case.of(tiny((10.0, 50.0, 50.0), periods=3, offers=offers)).write("leaving")
    demands(*THREE).write("demands.toml")
    words = ["risk", "leaving", "--scenarios", "demands.toml", "--gap", "0", "--workers", "1", "--decide-by"]
    assert main([*words, "2026-01-01"]) == 0
    assert "last note" not in capsys.readouterr().out
    assert main([*words, "2027-01-01"]) == 0
    shown = capsys.readouterr().out
    assert "(proven), or more: see the last note" in shown
    assert f"note: {ENDS} by 2027-01-01 adapt to each future as if it were known" in shown
    assert "EVPI may be too small" in shown
    assert remark((), FIRST) == ()
