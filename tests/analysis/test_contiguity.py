"""The price of contiguity: what each rule costs, and which part of it."""

import pytest

from planner import cost_of_contiguity
from planner.case.case import CaseData
from planner.case.write import write_case
from planner.cli import main
from planner.errors import OptionError
from planner.options import SolveOptions
from tests.program.tiny import lease, site, tiny

EXACT = SolveOptions(gap=0.0, own_process=False)


def _case() -> CaseData:
    """Two sites of 60 IT MW; at one alone, or at least 45 at each; 60 and 100 units of two kinds of work."""
    rules = [
        {"name": "one", "market": "m", "workload": "inference", "at_least_compute": 5.0, "most_campuses": 1},
        {"name": "large", "market": "m", "workload": "training", "at_least_it_mw": 45.0, "at_least_years": 9.0},
    ]
    demand = [{"market": "m", "workload": w, "year": 2026, "compute": c}
              for w, c in (("inference", 20.0), ("training", 90.0))]  # fmt: skip
    offers = [lease("x", "a", max_blocks=6), lease("y", "b", max_blocks=6, rent_musd_per_mw_year=20.0)]
    return tiny(sites=[site("a"), site("b")], offers=offers, demand_rows=demand,
                families={"contiguity": {"rules": rules}})  # fmt: skip


@pytest.mark.slow
def test_each_rule_costs_what_the_plans_differ_by() -> None:
    """Law: 45 and 45, and 15 of 20: with five and six blocks two halves do not fit; differences are those of plans."""
    found = cost_of_contiguity(_case(), options=EXACT)
    names = [
        "as given",
        "without one",
        "without large",
        "without all",
        "one, any number of campuses",
        "large, any years",
    ]
    assert [one.name for one in found.variants] == names
    by_name = {one.name: one for one in found.variants}
    given = by_name["as given"]
    assert given.unserved_compute_years == pytest.approx(5.0)  # 45 and 45 leave 15 at each: 20 do not fit at one
    assert by_name["without one"].unserved_compute_years == pytest.approx(0.0)
    assert by_name["without large"].unserved_compute_years == pytest.approx(0.0)
    assert by_name["without all"].cost_busd == pytest.approx(0.6 + 1.0)
    assert by_name["one, any number of campuses"].cost_busd == pytest.approx(by_name["without one"].cost_busd)
    assert by_name["large, any years"].difference_busd == pytest.approx(0.0)
    assert found.plan is not None
    assert {row["rule"] for row in found.plan.rows("clusters")} == {"one", "large"}


def test_a_case_without_rules_is_refused() -> None:
    """Law: there is nothing to tell."""
    with pytest.raises(OptionError, match="has no rule of contiguity"):
        cost_of_contiguity(tiny())


@pytest.mark.slow
def test_the_command(tmp_path, capsys) -> None:
    """Law: the command prints a line per plan, and says where plans serve otherwise; a case without ends in 1."""
    write_case(_case(), tmp_path / "case")
    assert main(["contiguity", str(tmp_path / "case"), "--gap", "0", "-q"]) == 0
    text = capsys.readouterr().out
    assert "one, any number of campuses" in text
    assert "leaves other demand unserved" in text.replace("\n", " ")
    assert main(["contiguity", "three_sites"]) == 1
    assert "has no rule of contiguity" in capsys.readouterr().err
