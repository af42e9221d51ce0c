"""The price of programmes: what each costs, with the range that the gaps leave open."""

import pytest

from planner import cost_of_programmes
from planner.case.case import CaseData
from planner.case.write import write_case
from planner.cli import main
from planner.errors import OptionError
from planner.options import SolveOptions
from tests.program.tiny import lease, site, tiny

EXACT = SolveOptions(gap=0.0, own_process=False)


def _case(second: str = "committed") -> CaseData:
    """Two sites; programme p asks for 60 IT MW more than serve, q for 20 where none serves."""
    return tiny(
        100.0,
        sites=[site("a"), site("b")],
        offers=[lease("x", "a"), lease("y", "b", rent_musd_per_mw_year=20.0)],
        programmes=[
            {"programme": "p", "name": "P", "sites": ("a",), "kind": "committed"},
            {"programme": "q", "name": "Q", "sites": ("b",), "kind": second, "declining_cost_busd": 0.1},
        ],
        programme_steps=[
            {"programme": "p", "date": "2026-01-01", "at_least_it_mw": 160.0},
            {"programme": "q", "date": "2026-01-01", "at_least_it_mw": 20.0},
        ],
    )


def test_each_programme_costs_what_the_plans_differ_by() -> None:
    """Law: 160 at 10 and 20 at 20 cost 2.0; without p 80 and 20, without q 160, without both 100; ranges hold that."""
    found = cost_of_programmes(_case(), options=EXACT)
    assert [one.name for one in found.variants] == ["as given", "without p", "without q", "without all"]
    differences = [one.difference_busd for one in found.variants]
    assert differences[0] is None
    assert differences[1:] == pytest.approx([2.0 - 1.2, 2.0 - 1.6, 2.0 - 1.0])
    for one in found.variants[1:]:
        assert one.difference_low_busd - 1e-9 <= one.difference_busd <= one.difference_high_busd + 1e-9
    assert found.plan is not None
    assert len(found.plan.rows("programme_path")) == 2


def test_an_optional_programme_is_also_shown_committed() -> None:
    """Law: what commitment adds to an option is the difference of the two plans."""
    found = cost_of_programmes(_case("optional"), options=EXACT)
    by_name = {one.name: one for one in found.variants}
    assert by_name["as given"].cost_busd == pytest.approx(1.7)
    assert by_name["q committed"].difference_busd == pytest.approx(-0.3)


def test_a_case_without_programmes_is_refused() -> None:
    """Law: there is nothing to tell."""
    with pytest.raises(OptionError, match="has no programme"):
        cost_of_programmes(tiny())


def test_the_command(tmp_path, capsys) -> None:
    """Law: the command prints a line per plan, and says where plans serve otherwise; a case without ends in 1."""
    write_case(_case(), tmp_path / "case")
    assert main(["programme", str(tmp_path / "case"), "--gap", "0", "-q"]) == 0
    text = capsys.readouterr().out
    assert "without all" in text
    assert "1.000 to 1.000" in text
    assert main(["programme", "three_sites"]) == 1
    assert "has no programme" in capsys.readouterr().err
