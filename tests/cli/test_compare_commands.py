"""The commands that compare and study: what they print, their documents, exit codes, and no traceback on bad input."""

import json

import matplotlib
import pytest

from planner import Case
from planner.cli import main
from tests.length import thinned

NORTH = "offers[north_cloud].rent_musd_per_mw_year"
SOUTH = "offers[south_cloud].rent_musd_per_mw_year"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two plan folders: the case on paper, and with a small north campus."""
    root = tmp_path_factory.mktemp("plans")
    plans = {"base": (), "small": ("sites[north].max_it_mw=20",)}
    for name, texts in plans.items():
        Case.read("three_sites", changes=texts).solve(gap=0.0, own_process=False).write(root / name)
    return root


@pytest.fixture
def run(capsys):
    """Run a command line in this process; return its exit code, output and notes."""

    def run_words(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_words


@pytest.mark.slow
def test_compare_prints_and_documents(run, folders):
    """The waterfall on paper ends in the difference of the costs, and the document has all tables."""
    code, out, _ = run("compare", folders / "base", folders / "small")
    assert code == 0
    assert "+0.880" in out
    code, out, _ = run("compare", folders / "base", folders / "small", "--json")
    found = json.loads(out)
    assert (code, found["reference"], found["plans"]) == (0, "base", ["small"])
    assert sum(row["difference_busd"] for row in found["tables"]["waterfall"]) == pytest.approx(0.88, abs=1e-6)
    code, out, _ = run("compare", folders / "base", folders / "small", "--table", "churn")
    assert code == 0
    assert "churn_share" in out


@pytest.mark.parametrize(
    ("words", "code"),
    thinned(
        [
            (["compare", "{base}"], 1),
            (["compare", "{base}", "nowhere"], 1),
            (["compare", "{base}", "{base}"], 1),
            (["compare", "{base}", "{small}", "--table", "nonsense"], 1),
            (["front", "three_sites", "--against", "luck"], 1),
            (["front", "three_sites", "--against", "gw_date"], 1),
            (["front", "three_sites", "--against", "budget", "--plot", "picture.txt"], 1),
            (["front", "three_sites", "--against", "budget", "--value", "nan"], 1),
            (["front", "no_such_case", "--against", "budget"], 2),
            (["front", "three_sites", "--against", "gw_date", "--gw", "9", "--value", "2027"], 3),
            (["tornado", "three_sites", "--group", "demand"], 1),
            (["breakeven", "three_sites", NORTH, "--low", "nan", "--high", "3"], 1),
            (["breakeven", "three_sites", "offers[x].rent_musd_per_mw_year", "--low", "1", "--high", "3"], 2),
            (["replan", "{base}", "--committed-until", "soon"], 1),
            (["replan", "nowhere", "--committed-until", "2026-07-01"], 1),
            (["replan", "{base}", "--committed-until", "2026-07-01", "--set", "sites[x].max_it_mw=1"], 2),
            (["replan", "{base}", "--committed-until", "2026-07-01", "--whatifs", "no_such_file.toml"], 2),
            (["replan", "{base}", "--committed-until", "2026-07-01", "--only", "small"], 1),
            (["attribute", "three_sites"], 1),
            (["attribute", "three_sites", "--set", "sites[x].max_it_mw=1"], 2),
            (["attribute", "three_sites", "--order", "luck", "--set", NORTH + "=14"], 1),
            (["attribute", "three_sites", "--set", NORTH + "=14", "--set", NORTH + "=14"], 1),
            (["attribute", "three_sites", "--set", "sites[north].max_it_mw=0"], 0),
        ],
        3,
        unpack=True,
    ),
)
def test_bad_input_ends_in_its_exit_code(run, folders, words, code, monkeypatch, tmp_path):
    """Usage errors end in 1, invalid cases in 2, proven infeasible ones in 3; never in a traceback."""
    monkeypatch.chdir(tmp_path)
    filled = [word.format(base=folders / "base", small=folders / "small") if "{" in word else word for word in words]
    found, out, err = run(*filled)
    assert found == code
    assert "Traceback" not in out + err
    assert "internal error" not in out + err


@pytest.mark.slow
def test_front_and_tornado_draw(run, tmp_path):
    """A front and a tornado end in 0, list their points as JSON and write their pictures."""
    picture = tmp_path / "front.png"
    words = ("--value", "0.5", "--value", "0.8", "--gap", "0", "--plot", picture, "--json")
    code, out, _ = run("front", "three_sites", "--against", "critical_share", *words)
    assert code == 0
    assert [point["value"] for point in json.loads(out)["points"]] == [0.5, 0.8]
    assert picture.read_bytes().startswith(b"\x89PNG")
    picture = tmp_path / "tornado.svg"
    with matplotlib.rc_context({"svg.fonttype": "none"}):  # text stays text
        code, out, _ = run("tornado", "three_sites", "--gap", "0", "--plot", picture)
    assert code == 0
    assert "demand.compute" in out
    assert "(4, D)" in out  # in 80 columns on a line of its own
    assert "Cost less that of the base, $B present value" in picture.read_text(encoding="utf-8")


@pytest.mark.slow
def test_breakeven_states_the_interval(run):
    """The interval, what changes, and the entry price of an offer are told."""
    words = ("--low", "9", "--high", "20", "--gap", "0", "--tolerance", "2")
    code, out, _ = run("breakeven", "three_sites", NORTH, *words)
    assert code == 0
    assert "remain optimal" in out
    code, out, _ = run("breakeven", "three_sites", SOUTH, *words, "--entry", "--json")
    assert code == 0
    assert {"enters_at", "out_at", "gap"} <= set(json.loads(out))


@pytest.mark.slow
def test_replan_writes_a_plan_that_passes_its_audit(run, folders, tmp_path):
    """The plan written is a plan folder whose audit passes; what was broken is listed."""
    out_folder = tmp_path / "again"
    news = ("--set", "sites[north].max_it_mw=20", "--committed-until", "2026-07-01", "--gap", "0")
    code, out, _ = run("replan", folders / "base", *news, "--out", out_folder)
    assert code == 0
    assert "1 blocks instead of 2" in out
    assert run("audit", out_folder)[0] == 0


NEWS = """
format = 1

[[whatif]]
name = "small"
changes = [{ op = "set", table = "sites", key = "north", column = "max_it_mw", value = 20 }]

[[whatif]]
name = "dear-and-forced"
changes = [
  { op = "scale", table = "offers", key = "north_cloud", column = "rent_musd_per_mw_year", factor = 1.4 },
  { op = "force", offer = "south_cloud", blocks = 2, by = 2027 },
]
"""


@pytest.fixture
def news(tmp_path):
    """A file of what-ifs."""
    file = tmp_path / "news.toml"
    file.write_text(NEWS, encoding="utf-8")
    return file


@pytest.mark.slow
def test_replan_takes_its_news_from_a_what_if(run, folders, news, tmp_path):
    """A what-if named with --only is the same news as its texts after --set; with several, one has to be named."""
    words = ("replan", folders / "base", "--committed-until", "2026-07-01", "--gap", "0", "--json")
    _, texts, _ = run(*words, "--set", "sites[north].max_it_mw=20", "--out", tmp_path / "texts")
    code, whatif, _ = run(*words, "--whatifs", news, "--only", "small", "--out", tmp_path / "whatif")
    assert code == 0
    assert json.loads(whatif)["strategies"] == json.loads(texts)["strategies"]
    code, _, err = run("replan", folders / "base", "--committed-until", "2026-07-01", "--whatifs", news)
    assert code == 1
    assert "dear-and-forced" in err


@pytest.mark.slow
def test_attribute_adds_up_from_texts_and_from_a_what_if(run, news):
    """Parts add up to the difference of the two costs; one what-if alone is split into its own changes."""
    changes = ("--set", f"{NORTH}=14", "--set", "demand[research,training,2027].compute=60")
    for more in (("--order", "shapley"), ()):
        code, out, _ = run("attribute", "three_sites", *changes, "--gap", "0", "--json", *more)
        found = json.loads(out)
        whole = found["changed_cost_busd"] - found["base_cost_busd"]
        assert code == 0
        assert abs(whole) > 0.1
        assert sum(row["cost_difference_busd"] for row in found["rows"]) == pytest.approx(whole, abs=1e-6)
    code, out, _ = run(
        "attribute", "three_sites", "--whatifs", news, "--only", "dear-and-forced", "--gap", "0", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert [row["change"][:8] for row in found["rows"]] == ["1: scale", "2: force"]
    whole = found["changed_cost_busd"] - found["base_cost_busd"]
    assert sum(row["cost_difference_busd"] for row in found["rows"]) == pytest.approx(whole, abs=1e-6)


def test_plans_of_another_case_are_said_to_be_that(run, folders):
    """Law: a difference of the costs of two cases is not printed without a word; a changed case is the same case."""
    Case.read("four_campuses").solve(gap=0.5, own_process=False).write(folders / "other")
    code, out, _ = run("compare", folders / "base", folders / "small", folders / "other")
    assert code == 0
    assert "other is of another case (four_campuses, the reference of three_sites)" in " ".join(out.split())
    assert out.count("of another case") == 1
