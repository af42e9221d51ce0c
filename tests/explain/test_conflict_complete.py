"""Ways out of a case without a plan: whether each meets everything; what gives a promise up; names of what-ifs."""

import tomllib

import pytest

from planner.api import Case
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.names import what_ifs
from planner.cli.run import main
from planner.explain import conflict_changed
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_question import Question
from planner.explain.conflict_trial import Amount
from planner.explain.conflict_way import WayOut, in_order, move_of
from planner.explain.conflict_ways import MAKERS
from planner.explain.conflict_words import named_limit
from planner.explain.conflict_write import LONGEST_NAME, whatif_text
from tests.explain.planted import _row

FORCED = ("model.forced=[{offer='north_cloud',by=2026,blocks=8}]", "sites[north].max_it_mw=100")
LATE = ("programme_steps[coast,2027-01-01].at_least_facility_mw=55",
        "programme_steps[coast,2027-01-01].at_most_facility_mw=60")  # fmt: skip


def way_out(name: str, *, meets_everything: bool | None = True, gives_up: str = "", proven: bool = True) -> WayOut:
    """A way out of so much more room at a site."""
    lever = Lever(frozenset(), name, "IT MW", lambda _amount: [], gives_up=lambda _amount: gives_up)
    change = {"op": "set", "table": "sites", "key": "north", "column": "max_it_mw", "value": 160}
    move = move_of(lever, Amount(60.0, 59.9, proven=True))
    return WayOut(str(move), (move,), [change], (), proven, meets_everything)


@pytest.mark.slow
def test_a_way_out_of_no_plan_says_whether_it_meets_everything():
    """Law: of each way out it is said what the diagnosis of the changed case says; what meets everything is first."""
    case = apply_changes(read_case("three_sites"), list(FORCED))
    found = diagnose(case)
    verdicts = [diagnose(apply_changes(case, way.changes), ways=False).verdict for way in found.ways]
    assert [way.meets_everything for way in found.ways] == [verdict == "met" for verdict in verdicts]
    assert verdicts == ["met", "met", "short"]
    assert found.ways[-1].missing == "rules of redundancy"
    assert [one["meets_everything"] for one in found.document()["ways_out"]] == [True, True, False]


def test_what_is_not_enough_to_meet_everything_is_not_called_so():
    """Law: text and file of ways out call none of them enough to meet the case that is not, or not known to be."""
    every, some, open_way = (way_out("room", meets_everything=known) for known in (True, False, None))
    assert "Ways out, each enough by itself:" in str(Diagnosis("x", "infeasible", ways=(every,)))
    words = str(Diagnosis("x", "infeasible", ways=(every, some, open_way)))
    assert "each enough by itself for a plan" in words
    assert words.count("not everything can be met then") == 1
    assert words.count("whether everything can be met then was not decided") == 1
    assert "enough to meet the case" in whatif_text("x", (every,))
    for ways in ((every, some), (every, open_way)):
        assert "enough to meet the case" not in whatif_text("x", ways)
    assert in_order([some, every]) == [every, some]


@pytest.mark.slow
def test_a_promise_that_is_moved_beyond_the_horizon_is_called_given_up():
    """Law: a step of a programme that begins in no period any more is said to be given up, and listed last."""
    found = diagnose(apply_changes(read_case("four_campuses"), list(LATE)))
    later = [way for way in found.ways if "later by" in way.title]
    assert found.ways[-1:] == tuple(later)
    assert later[0].gives_up
    assert "2027-01-01 then begins in no period of the case: its promise is given up" in later[0].title
    assert not any(way.gives_up for way in found.ways[:-1])


def test_later_within_the_horizon_gives_nothing_up():
    """Law: only steps that no period begins after count as given up; such a way out comes after all others."""
    question = Question(apply_changes(read_case("four_campuses"), list(LATE)), whole=True)
    limit = next(one for one in question.limits if one.kind == "programme")
    lever = next(one for one in MAKERS["programme"](question, limit, ["facility"]) if one.unit == "months")
    assert [bool(lever.gives_up(months)) for months in (1.0, 12.0, 13.0, 60.0)] == [False, False, True, True]
    gone, other = way_out("a", gives_up="a promise is given up"), way_out("b", meets_everything=False)
    assert in_order([gone, other]) == [other, gone]
    assert "60 IT MW (a promise is given up)" in gone.title


def test_one_block_is_no_blocks():
    """Law: limits and levers are named in English, of one member and of all, one unit and several."""
    case = apply_changes(read_case("three_sites"), ["offers[north_cloud].max_blocks=1"])
    question = Question(case, whole=True)
    limit = Limit("blocks")
    assert str(named_limit(question, limit, ("north_cloud",))).startswith("blocks on offer: north_cloud: 1 block (")
    names = [lever.name for lever in MAKERS["blocks"](question, limit, ["north_cloud", "south_cloud"])]
    assert names == ["blocks of offer north_cloud", "blocks of offer south_cloud", "blocks of all 2 offers"]


def test_limits_of_several_members_and_of_markets_say_how_much():
    """Law: a limit states its figures with their unit also where it has several members."""
    rule = {"name": "hall", "market": "research", "workload": "training", "at_least_it_mw": 30.0, "most_campuses": 1}
    changes = [
        {"op": "set", "model": "families.contiguity.rules", "value": [{**rule, "at_least_years": 2.0}]},
        *(_row("latency", site=site, market="users", rtt_ms=10) for site in ("north", "east", "south")),
        "offers[north_cloud].max_blocks=4", "markets[users].latency_limit_ms=20", "markets[users].residency=US;CA",
    ]  # fmt: skip
    question = Question(apply_changes(read_case("three_sites"), changes), whole=True)

    def states(kind, subject="", members=()):
        return named_limit(question, Limit(kind, subject), members).states

    assert states("blocks", members=("north_cloud", "east_cloud")) == "4 and 10 blocks"
    assert states("blocks", members=("south_cloud", "east_cloud")) == "10 blocks each"
    assert states("latency", "users") == "20 ms"
    assert states("residency", "users") == "US, CA"
    least = "at least 30 IT MW at each campus that serves research training"
    assert states("cluster", "hall") == f"{least}, at most 1 campus, for at least 2 years"


def test_cash_that_is_missing_is_not_called_allowed():
    """Law: where other spending takes more than there is, so much is missing; a later year may have something left."""
    changes = ['model.families.budget.basis="burn"', "model.families.budget.reinvested_share=",
               "budget.cash_burn_busd=-10", "budget.other_spending_busd=0"]  # fmt: skip
    question = Question(apply_changes(read_case("three_sites"), changes), whole=True)
    first, second = (named_limit(question, Limit("cash", period=period), ()).states for period in (0, 1))
    assert first == "$6B is missing before anything is spent on capacity"
    assert second.startswith("$2B is missing before anything is spent on capacity, and only what is left of earlier")


def test_names_of_what_ifs_are_short_and_the_case_is_the_one_explained(tmp_path, capsys, monkeypatch):
    """Law: each name fits into a table and is another; the file names the folder that was explained."""
    names = ["power energised at north from 2027 on", "power energised at south from 2027 on", "cash of 2027",
             "obligationsofprogrammes", "obligationsofprogrammes", "---"]  # fmt: skip
    ways = tuple(way_out(name) for name in names)
    folder, file = tmp_path / "mine", tmp_path / "ways.toml"
    assert main(["new", str(folder), "--from", "three_sites"]) == 0
    found = Diagnosis("three_sites", "short", ways=ways)
    monkeypatch.setattr(conflict_changed, "diagnose_changed", lambda *_args, **_options: found)
    assert main(["explain", str(folder), "--write-whatifs", str(file)]) == 0
    capsys.readouterr()
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    assert written["case"] == str(folder)
    made = [one["name"] for one in written["whatif"]]
    assert made == ["power", "power-2", "cash-of-2027", "obligationsof", "obligations-2", "way-out"]
    assert max(map(len, made)) <= LONGEST_NAME
    assert len(what_ifs(file, Case.read(folder))) == len(ways)
