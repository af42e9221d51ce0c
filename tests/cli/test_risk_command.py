"""``planner risk`` and ``planner stress``: how a search that was cut short is told, and what is refused."""

import csv
import re
from datetime import date
from types import SimpleNamespace

import pytest

from planner import Case
from planner.cli.risk_policy import print_policy, waiting_words, with_unit
from planner.cli.risk_worth import worth_lines
from planner.errors import PlanError
from planner.runs.difference import Difference
from planner.uncertainty import keeping
from planner.uncertainty.findings import Findings
from planner.uncertainty.keeping import place as folder
from planner.uncertainty.keeping import write_result
from planner.uncertainty.measure import Measure
from planner.uncertainty.regret import LargestRegret
from planner.uncertainty.risk import risk
from tests.length import thinned
from tests.program.tiny import lease, tiny
from tests.uncertainty import test_rolling as three_years
from tests.uncertainty.found import written
from tests.uncertainty.interrupted import cut_short
from tests.uncertainty.newsvendor import THREE, demands, newsvendor


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A folder with a plan, and beside it a file of three futures."""
    place = tmp_path_factory.mktemp("plans")
    demands(*THREE).write(place / "three.toml")
    return newsvendor(100.0).solve(gap=0.0, own_process=False).write(place / "plan")


def test_an_interrupted_replay_begins_with_it(run, plan, monkeypatch):
    """Law: how many futures were tried comes first, in text and in JSON, and nothing is stated over all of them."""
    words = ("stress", plan, "--scenarios", plan.parent / "three.toml", "--workers", "1", "-q")
    cut_short(monkeypatch, "executors.run", after=1)
    done = run(*words)
    assert done.code == 4
    assert done.out.startswith("interrupted: 1 of 3 futures (25 % of the probability)")
    assert not [word for word in ("can be kept", "mean", "P90") if word in done.out]
    document = run(*words, "--json").document()
    assert document["status"] == "interrupted"
    assert document["summary"]["futures_tried"] == 0
    assert "cost_busd_mean" not in document["summary"]


def test_an_interrupted_search_begins_with_it(run, plan, monkeypatch):
    """Law: a report of a search that a signal ended says so before any figure, or why there is none."""
    words = ("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--workers", "1", "--gap", "0", "-q")
    words = (*words, "--set", "demand[m,inference,2027].compute=50")
    cut_short(monkeypatch, "executors.run", after=6)
    done = run(*words)
    assert done.code == 4
    assert done.out.startswith("interrupted: the search ended before the gap of 0.00% was proven")
    done = run(*words)
    assert done.code == 5
    assert "interrupted before any first stage was tried in every scenario" in done.err


def test_processes_that_cannot_be_are_refused_at_once(run, plan, monkeypatch):
    """Law: a number of processes for `--mpi` that cannot be is a wrong option, before anything is solved."""
    cut_short(monkeypatch, "executors.run", after=0)
    done = run("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--mpi", "4", "-q")
    assert done.code == 1
    assert "mpi 4: must be a multiple of 3 from 3 to 9" in done.err


def test_the_plan_of_a_future_is_shown_as_it_was_solved(run, tmp_path):
    """Law: `show` of a future's plan has the status and bound of `futures.csv`, and says that orders are fixed."""
    short = newsvendor(50.0, max_blocks=5).what_if(["offers[spot].max_blocks=1"])
    place = tmp_path / "found"
    found = risk(short, demands((50.0, 0.5), (100.0, 0.5)), gap=0.0, workers=1, prices={"unserved": 0.07})
    write_result(found, folder(place))
    bounds = {row["future"]: row["bound_busd"] for row in found.rows("futures")}
    texts = {name: " ".join(run("show", place / "plans" / name).out.split()) for name in bounds}
    for name, text in texts.items():
        assert "optimal with its orders fixed" in text
        assert f"with its orders fixed proven at least ${bounds[name]:,.3f}B" in text
        assert "time limit" not in text
    assert "and what is missing at its price: gap 0.000%" in texts["d1"]
    assert "$3.700B with $2.800B for what is missing" in texts["d1"]
    assert "time limit" not in run("explain", place / "plans" / "d1").out
    summary = run("show", place / "plans" / "d0", "--json").document()
    assert (summary["recourse"]["status"], summary["bound_busd"]) == ("optimal", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--price", "unserved=1", "--price", "cash=2", "--price", "unserved=2"),
            "price of 'unserved' is given 2 times",
        ),
        (("--price", "unserved"), "is not a price"),
    ],
)
def test_prices_that_contradict_are_refused(run, plan, words, said):
    """Law: nothing that is given is dropped without a word."""
    done = run("stress", plan, "--scenarios", plan.parent / "three.toml", *words)
    assert done.code == 1
    assert said in done.err


def test_a_folder_of_the_users_own_keeps_no_plans(run, plan, tmp_path):
    """Law: --keep writes only into a folder that is new, empty, or holds kept plans alone, as --out does."""
    (tmp_path / "mine.txt").write_text("mine")
    done = run("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--keep", tmp_path, "-q")
    assert done.code == 1
    assert "has files that are not kept plans, and is left as it is: mine.txt; name another folder" in done.err
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
    done = run(
        "risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--keep", tmp_path / "mine.txt", "-q"
    )
    assert done.code == 1


@pytest.mark.parametrize(("amount", "said"), [(1.0, "1 block"), (2.0, "2 blocks"), (0.0, "0 blocks")])
def test_one_is_no_plural(amount, said):
    """Law: one block is a block."""
    assert with_unit(amount, "blocks") == said


@pytest.mark.parametrize("command", thinned(["risk", "stress"], 2, 1))
def test_no_finished_study_is_lost(run, plan, tmp_path, monkeypatch, command):
    """Law: what was found goes elsewhere where its folder cannot be written, and else is printed, with what failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    real, full = keeping.write_folder, [tmp_path / "out"]

    def write(target, *more):
        if not full or target.path in full:
            raise PlanError(f"{target.shown}: cannot be written (No space left on device)")
        return real(target, *more)

    monkeypatch.setattr(keeping, "write_folder", write)
    of = plan / "inputs" if command == "risk" else plan
    (tmp_path / "three.toml").write_text((plan.parent / "three.toml").read_text())
    words = (command, of, "--scenarios", tmp_path / "three.toml", "--workers", "1", "-q", "--gap", "0")
    words = (*words, "--out", tmp_path / "out")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    kept = run(*words, "--json")
    assert kept.code == 0
    assert kept.document()["folder"] == str(tmp_path / "here" / "out")
    assert "No space left on device" in kept.document()["problems"][0]["message"]
    full.clear()
    lost = run(*words, "--json")
    document = lost.document()
    assert (lost.code, document["status"], document["folder"]) == (1, "failed", None)
    assert document["summary"]["futures"] == len(document["futures"]) == len(THREE)
    said = run(*words)
    assert said.code == 1
    assert "No space left on device" in said.out
    assert "nor is there any other place" in said.out
    assert "probability" in said.out


def test_what_the_worth_is_of(run, plan):
    """Law: EVPI is what would be saved, and with the largest regret minimised it is a part of that."""
    words = ("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--workers", "1", "--gap", "0", "-q")
    done = run(*words)
    assert re.search(r"future beforehand would save \$\d+\.\d+B \(EVPI\)", done.out)
    assert "by itself," not in done.out
    assert "would lower the largest regret by $" in run(*words, "--regret").out


@pytest.mark.parametrize(
    ("spot", "said"),
    [({}, "nothing is signed; no future would sign"), ({"first_start": "2027-01-01"}, "nothing can be signed by then")],
)
def test_nothing_that_is_ordered_is_told_from_nothing_that_can_be(run, tmp_path, spot, said):
    """Law: where no future orders anything by the date it is said so; where nothing can be ordered by it, that is."""
    offers = [lease("spot", term_years=1.0, **spot)]
    Case.of(tiny((0.0, 50.0), periods=2, offers=offers)).write(tmp_path / "case")
    demands(*THREE).write(tmp_path / "three.toml")
    words = ("--scenarios", tmp_path / "three.toml", "--workers", "1", "-q", "--price", "unserved=1")
    done = run("risk", tmp_path / "case", *words)
    assert done.code == 0
    assert f"Decided by 2026-01-01, the same in every future\n{said}" in done.out


@pytest.mark.slow
def test_a_limit_that_is_broken_is_no_future_without_a_plan(run):
    """Law: where signing as the plan does breaks a limit in probability, that is said, with the cost without it."""
    words = ("risk", "four_campuses", "--scenarios", "four_campuses", "--workers", "1", "-q", "--chance", "demand=0.9")
    words = (*words, "--price", "unserved=0.002", "--gap", "0.05")
    done = run(*words)
    assert done.code == 0
    said = "cannot keep the limit on demand in 90 % of the futures; without the limit the expected cost would be"
    assert re.search(rf"{said} \$2\.\d{{3}}B\n", done.out)  # to a gap of 5 %
    assert "leaves some future without a plan" not in done.out
    assert "against what it costs by itself without the limits" in done.out
    heading = re.split(r"\nas", done.out.partition("\nFutures")[2])[0]  # broken into lines, before the first future
    assert {"by", "itself,", "with", "the", "limits"} <= set(heading.split())


@pytest.mark.slow
def test_later_dates_in_text_in_json_and_in_the_folder(run, tmp_path):
    """Law: the policy, its groups and what waiting costs are in the text; its tables in JSON and folder alike."""
    three_years.newsvendor().write(tmp_path / "case")
    three_years.demands(three_years.FOUR).write(tmp_path / "four.toml")
    words = ("risk", tmp_path / "case", "--scenarios", tmp_path / "four.toml", "--then", "2027-01-01", "--gap", "0")
    words = (*words, "--price", "unserved=1", "--workers", "1", "-q", "--keep", tmp_path / "kept")
    done = run(*words, "--out", tmp_path / "found")
    assert done.code == 0
    assert "With a later date (2027-01-01): $2.700B expected" in done.out
    assert "Futures, with what is decided by 2026-01-01 alone" in done.out
    assert "knowing no more than has shown itself costs $0.375B (proven)" in done.out
    assert "By 2027-01-01/2, as known on 2027-01-01: demand[m,inference,2027].compute=100; 50.00%" in done.out
    document = run(*words, "--json").document()
    assert document["summary"]["then"] == ["2027-01-01"]
    assert document["summary"]["policy"]["waiting"]["sign"] == "more"
    assert len(document["changes"]) > 0
    for name in ("groups", "group_futures", "group_orders", "policy"):
        with (tmp_path / "found" / "tables" / f"{name}.csv").open() as file:
            assert [row["group"] for row in csv.DictReader(file)] == [row["group"] for row in document[name]]
    assert run("audit", tmp_path / "found" / "policy" / "d3").code == 0
    assert Findings.read(tmp_path / "found").futures


def test_dates_are_refused_before_anything_is_solved(run, plan):
    """Law: what is no date, and a date that is not after the one before, is refused and named."""
    words = ("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "-q", "--then")
    done = run(*words, "soon")
    assert done.code == 1
    assert "'soon' is not a date" in done.err
    done = run(*words, "2025-06-30")
    assert done.code == 1
    assert "2025-06-30 is not after 2026-01-01, the decision date before it" in done.err


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        (
            "more",
            "Of that, with these first decisions, knowing no more than has shown itself costs $0.500B; "
            "proven: $0.400B to $0.600B",
        ),
        ("equal", "Knowing no more than has shown itself costs nothing (proven)"),
        ("open", "What knowing no more than has shown itself costs is inside the gaps: at most $0.600B"),
    ],
)
def test_what_waiting_costs_is_no_finding_inside_the_gaps(sign, said):
    """Law: an amount is stated only where it is proven that there is one."""
    waiting = Difference(0.5, 0.0 if sign == "open" else 0.4, 0.6, sign)
    assert waiting_words(SimpleNamespace(waiting=waiting)) == said


@pytest.mark.parametrize(
    ("measure", "early", "said"),
    [
        (
            Measure(0.9),
            (),
            [
                "What knowing the future beforehand would save (EVPI) is inside the gaps: at most $0.600B",
                "What signing as the plan of the case does would cost more (VSS) is inside the gaps",
            ],
        ),
        (
            Measure(0.9, 0.5),
            (),
            [
                "What knowing the future beforehand would lower this measure by (EVPI) is inside the gaps: at most "
                "$0.600B",
                "What signing as the plan of the case does would raise this measure by (VSS) is inside the gaps",
            ],
        ),
        (
            LargestRegret(0.9),
            ("chips",),
            [
                "What knowing the future beforehand would lower the largest regret by (EVPI) is inside the gaps: at "
                "most $0.600B; it may be more: see the last note",
                "What signing as the plan of the case does would raise the largest regret by (VSS) is inside the gaps",
            ],
        ),
    ],
)
def test_what_it_is_worth_is_no_finding_inside_the_gaps(measure, early, said):
    """Law: of EVPI and VSS an amount is stated only where it is proven that there is one, and of what is minimised."""
    found = SimpleNamespace(
        evpi=Difference(0.5, 0.0, 0.6, "open"),
        vss=Difference(0.5, 0.0, None, "open"),
        measure=measure,
        adapts_early=early,
        findings=SimpleNamespace(fixed_without_limits=None),
    )
    assert worth_lines(found) == said
    found.evpi = found.vss = Difference(0.5, 0.4, 0.6, "more")
    assert all("$0.500B" in line and "proven: $0.400B to $0.600B" in line for line in worth_lines(found))
    plain = not (measure.least_regret or measure.has_tail)
    assert any("would cost $0.500B more" in line for line in worth_lines(found)) == plain
    found.evpi = found.vss = Difference(0.0, 0.0, 0.0, "equal")
    assert all("0.000" not in line and "proven)" in line for line in worth_lines(found))
    found.evpi = found.vss = Difference(0.0, 0.0, 1e-5, "open")
    assert all("less than $0.001B" in line for line in worth_lines(found))


def test_the_gap_of_a_policy_is_called_as_every_gap():
    """Law: what is proven of a policy is its gap relative to its value, in the words of every other gap."""
    printed = []
    policy = SimpleNamespace(
        dates=[date(2027, 1, 1)],
        value_busd=4.0,
        costs=(4.0, 5.0),
        waiting=Difference(0.0, 0.0, 0.0, "equal"),
        summary=lambda bound: {"gap": (4.0 - bound) / 4.0, "bound_busd": bound, "ties": []},
    )
    output = SimpleNamespace(text=SimpleNamespace(print=lambda line, **_: printed.append(line)))
    print_policy(output, SimpleNamespace(policy=policy, bound_busd=3.0, decide_by=date(2026, 1, 1)))
    assert printed[0].endswith("$4.000B[/bold] expected, proven to 25.00%; worst 5.000")
    assert "what is decided by 2026-01-01 and the table of futures are of the first date alone" in printed[-1]


@pytest.mark.parametrize(
    ("out", "keep", "said"),
    [
        ("d", "d", "--out d and --keep d are the same folder"),
        ("d", "x/../d", "are the same folder"),
        ("k/d", "k", "--out k/d lies in --keep k"),
        ("d", "d/k", "--keep d/k lies in --out d"),
        ("study/d", None, "study/d: lies in "),
        ("d", "study/plans/k", "study/plans/k: lies in "),
        ("kept/d", None, "kept, which holds plans kept by --keep and nothing else"),
        ("kept/new/d", None, "kept, which holds plans kept by --keep and nothing else"),
        ("d", "kept/more", "kept, which holds plans kept by --keep and nothing else"),
    ],
)
def test_folders_that_would_spoil_each_other_are_refused_at_once(run, plan, monkeypatch, tmp_path, out, keep, said):
    """Law: a folder for results, for kept plans, or of an earlier study never holds another of them."""
    cut_short(monkeypatch, "executors.run", after=0)
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "study")
    (tmp_path / "kept" / f"case-{'0a' * 12}").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    words = ("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "-q", "--out", out)
    done = run(*words, *(("--keep", keep) if keep else ()))
    assert done.code == 1
    assert said in done.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_replay_is_not_written_into_its_plan(run, plan):
    """Law: the folder of a plan stays as it was written."""
    done = run("stress", plan, "--scenarios", plan.parent / "three.toml", "-q", "--out", plan / "replayed")
    assert done.code == 1
    assert "which holds a plan and nothing else; name another folder" in done.err
    assert not (plan / "replayed").exists()


@pytest.mark.parametrize(("said", "code"), [("-5", 1), ("0", 1), ("1e3", 2), ("--5", 2)])
def test_a_number_of_scenarios_is_refused_as_one(run, said, code):
    """Law: a whole number that is none of scenarios is refused as a number; all else is the name of a file."""
    found = run("risk", "three_sites", f"--scenarios={said}")
    assert found.code == code
    assert ("must be a whole number from 1 to" in found.err) is (code == 1)
