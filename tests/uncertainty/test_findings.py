"""What figures over many futures show are the figures of the tables, and a folder gives back what was found."""

from pathlib import Path

import pytest

from planner.errors import OptionError, PlanError, PlannerError
from planner.figures import REPLAYED, UNCERTAIN
from planner.figures.spec import Mark
from planner.figures.uncertain import FANS, MOST_COLUMNS, commit_grid
from planner.plan.plan import PlanData
from planner.report.html.parts import NARROW, WIDE
from planner.report.html.uncertain_report import findings_report
from planner.report.html.uncertain_svg import grid_svg
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK, STRESS
from planner.uncertainty.keeping import place, write_result, write_stress
from planner.uncertainty.plotted import SPECS, RiskPlots, commit, costs, fan, policy
from planner.uncertainty.risk import risk
from planner.uncertainty.stress import stress
from tests.uncertainty.found import BOTH, DATES, HOSTILE, made, written
from tests.uncertainty.newsvendor import THREE, demands, newsvendor

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXACT = {"gap": 0.0, "workers": 1, "own_process": False}


def test_a_fan_is_the_table_of_years_without_the_tail():
    """Law: the band is P10 to P90, its line P50, of the reported periods, for each measure."""
    for measure in FANS:
        spec = fan(made(), measure)
        assert spec.periods == ("2026", "2027")
        assert (spec.low, spec.middle, spec.high, spec.planned) == ((1.0,) * 2, (2.0,) * 2, (3.0,) * 2, (1.5,) * 2)
    with pytest.raises(OptionError, match=r"capacity, unserved, cash.*did you mean 'cash'"):
        fan(made(), "cas")


def test_a_distribution_rises_to_one_and_has_its_marks():
    """Law: futures of one cost are one step; the last step is all of the probability; mean, VaR and CVaR are marked."""
    spec = costs(made())
    own, fixed, alone = spec.curves
    assert own.values == ((10.0, 0.75), (14.0, 1.0))
    assert fixed.values == ((10.6, 0.75), (14.6, 1.0))
    assert alone.values == ((9.5, 0.75), (13.5, 1.0))
    assert spec.marks[1:] == (Mark("mean", 11.0), Mark("VaR at 0.75", 14.0), Mark("CVaR at 0.75", 14.0))
    assert spec.tail == 0.75
    replayed = costs(made(STRESS))
    assert [share for _, share in replayed.curves[0].values] == pytest.approx([0.75, 1.0])
    assert "80.0%" in replayed.note


def test_the_table_of_commitments_says_what_each_future_would_change():
    """Law: what is ordered stands first; a future that would order the same has `=`, else the difference."""
    spec = commit(made())
    assert spec.heads[0] == "now"
    first, second = spec.cells
    by_head = dict(zip(spec.heads, first, strict=True))
    assert (by_head["now"].words, by_head["now"].kind) == ("3 blocks", "now")
    assert (by_head["storm"].words, by_head["storm"].kind) == ("+2", "more")
    assert (by_head["calm"].words, by_head["calm"].kind) == ("=", "same")
    assert spec.rows[1][1].startswith("2026-12-01")
    assert " with standard from 2027" in spec.rows[1][1]
    assert [cell.words for cell in second] == ["", "", "", "1"]


def test_many_futures_have_the_columns_that_lose_most():
    """Law: more futures than columns: those with the largest regret are shown, and the note says so."""
    found = made()
    row = dict(found.futures[0])
    many = [{**row, "future": f"f{n}", "regret_busd": float(n)} for n in range(30)]
    spec = commit_grid(found.summary, {**found.tables, "futures": many})
    assert set(spec.heads[1:]) == {f"f{n}" for n in range(30 - MOST_COLUMNS, 30)}
    assert "Of 30 futures" in spec.note


def test_a_policy_is_read_downwards():
    """Law: a column is a group of the last date; above it stands what the groups that hold it sign and cost."""
    spec = policy(made())
    assert spec.heads == ("1: 50 %", "2: 25 %", "3: 25 %")
    titles = list(dict.fromkeys(title for title, _ in spec.rows))
    assert [title.split(",")[0] for title in titles] == ["Signed by 2026-06-30", "By 2026-12-31", "By 2027-06-30"]
    words = [[cell.words for cell in cells] for cells in spec.cells]
    assert words == [
        ["3"] * 3,
        ["1: 75 %", "1: 75 %", "2: 25 %"], ["steady", "steady", "a storm"], ["13.000", "13.000", "14.000"],
        ["2", "2", "7"],
        ["", "steady", ""], ["13.000", "14.000", "15.000"], ["", "1", ""],
    ]  # fmt: skip
    assert {cell.kind for cell in spec.cells[4]} == {"later"}
    assert spec.rows[4][1].startswith("2026-12-01")
    assert "in all $" in spec.note


def test_a_policy_of_many_groups_shows_the_most_probable():
    """Law: more groups than columns: the most probable are shown, in their order, and the note says so."""
    found, (day, last) = made(), DATES
    one = next(row for row in found.tables["groups"] if row["date"] == last)
    many = [{**one, "group": f"{last}/{n}", "probability": n / 1000.0} for n in range(1, 31)]
    groups = [*(row for row in found.tables["groups"] if row["date"] == day), *many]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "groups": groups}))
    assert [head.partition(":")[0] for head in spec.heads] == [str(n) for n in range(31 - MOST_COLUMNS, 31)]
    assert "Of 30 groups" in spec.note
    alike = [{**one, "group": f"{last}/{n}", "probability": 1 / 30, "value_busd": float(n)} for n in range(1, 31)]
    groups = [*(row for row in found.tables["groups"] if row["date"] == day), *alike]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "groups": groups}))
    assert [head.partition(":")[0] for head in spec.heads] == [str(n) for n in range(31 - MOST_COLUMNS, 31)]


def test_what_lapses_is_marked():
    """Law: a cell says which share of what is signed never starts, or has a mark that the legend explains."""
    found, last = made(), DATES[1]
    assert not any("lapse" in cell.tip for row in policy(found).cells for cell in row)
    orders = [{**row, "lapsed_share": 0.125 if row["amount"] == 7.0 else 0.0} for row in found.tables["group_orders"]]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "group_orders": orders}))
    assert [cell.words for row in spec.cells for cell in row if "lapse" in cell.tip] == ["7 (12.5 % lapses)"]
    assert "Shares that lapse are means" in spec.note
    assert len(spec.legend) == 2
    one = next(row for row in found.tables["groups"] if row["within"].endswith("/2"))
    many = [*found.tables["groups"], *({**one, "group": f"{last}/{n}"} for n in range(4, 12))]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "groups": many, "group_orders": orders}))
    assert {cell.words for row in spec.cells for cell in row if "lapse" in cell.tip} == {"7*"}
    assert spec.legend[-1] == ("* signed later: some of it lapses in a future of the group", "none")


def test_what_is_signed_now_lapses_over_all_futures():
    """Law: the share that lapses of what is signed now is a mean over all futures: stated once, not by group."""
    found = made()
    orders = [{**row, "lapsed_share": 0.1} for row in found.tables["orders"]]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "orders": orders}))
    assert [cell.words for cell in spec.cells[0]] == ["3*"] * 3
    said = "* steady, primary from 2026, signed now: 10 % lapses, the mean over all futures"
    assert spec.legend[2:] == ((said, "none"),)


@pytest.mark.parametrize("narrow", [False, True])
def test_what_distinguishes_groups_is_readable_in_every_drawing(narrow):
    """Law: where it does not fit the cell has a letter, and the value if there is room; the legend has all of it."""
    found = made()
    known = [f"offers[north_cloud].rent_musd_per_mw_year=1{digit}.5" for digit in "23"]
    groups = [{**row, "distinguished_by": one} for row, one in zip(found.tables["groups"][:2], known, strict=True)]
    rest = [{**row, "distinguished_by": ""} for row in found.tables["groups"][2:]]
    spec = policy(Findings(RISK, found.summary, {**found.tables, "groups": [*groups, *rest]}))
    drawn = str(grid_svg(spec, NARROW if narrow else WIDE))
    for letter, value in (("a", "12.5"), ("b", "13.5")):
        assert f"{letter}:" in drawn
        assert narrow or f"={value}<" in drawn
        assert (f"{letter}: north_cloud.rent_musd_per_mw_year={value}", "none") in spec.legend


def test_groups_that_differ_in_a_table_alone_keep_their_tables():
    """Law: the tables of the figures are left out of the cells only where what distinguishes groups stays distinct."""
    found = made()
    for known, said in (
        (("sites[x] not by then", "offers[x] not by then"), ["sites[x] not by then", "offers[x] not by then"]),
        (("sites[x] not by then", "offers[y] not by then"), ["x not by then", "y not by then"]),
    ):
        first = [{**row, "distinguished_by": one} for row, one in zip(found.tables["groups"][:2], known, strict=True)]
        spec = policy(Findings(RISK, found.summary, {**found.tables, "groups": [*first, *found.tables["groups"][2:]]}))
        at = next(i for i, (_, name) in enumerate(spec.rows) if name == "distinguished by")
        assert list(dict.fromkeys(cell.words.rpartition(": ")[2] for cell in spec.cells[at])) == said


@pytest.mark.parametrize("narrow", [False, True])
def test_a_drawing_says_what_it_leaves_out(narrow):
    """Law: a grid with fewer columns than there are futures says in the drawing itself how many, and how probable."""
    found = made()
    row = dict(found.futures[0])
    many = [{**row, "future": f"f{n}", "probability": 1 / 40, "regret_busd": float(n)} for n in range(40)]
    spec = commit_grid(found.summary, {**found.tables, "futures": many})
    drawn = str(grid_svg(spec, NARROW if narrow else WIDE))
    said = "5 of 40 futures, 12.5 % of the probability" if narrow else "10 of 40 futures, 25 % of the probability"
    assert said in drawn
    assert "of the probability" not in str(grid_svg(commit_grid(found.summary, found.tables), WIDE))


@pytest.mark.slow
def test_a_picture_says_what_it_leaves_out():
    """Law: so does the picture of a file."""
    draw = pytest.importorskip("planner.figures.draw")
    found = made()
    row = dict(found.futures[0])
    many = [{**row, "future": f"f{n}", "probability": 1 / 40, "regret_busd": float(n)} for n in range(40)]
    spec = commit_grid(found.summary, {**found.tables, "futures": many})
    assert draw.draw(spec, dark=False).axes[0].get_xlabel() == "10 of 40 futures, 25 % of the probability"


@pytest.mark.parametrize("day", [0, 1])
def test_groups_that_are_no_tree_are_refused(day):
    """Law: groups within none of the date before, or a date without any, are named as changed."""
    found = made()
    torn = [{**row, "within": "elsewhere"} if row["date"] == DATES[1] else row for row in found.tables["groups"]]
    less = [row for row in found.tables["groups"] if row["date"] != DATES[day]]
    for groups, said in ((torn, "is within no group"), (less, f"no group of {DATES[day]}")):
        with pytest.raises(PlannerError, match=rf"table groups: is not as the planner writes it .*{said}"):
            Findings.of(RISK, found.summary, {**found.tables, "groups": groups})


def test_without_later_dates_there_is_no_policy():
    """Law: a study of one date has no figure of a policy, and says what has; a replay neither."""
    whole = made()
    none = dict.fromkeys(("groups", "group_futures", "group_orders", "policy"), ())
    alone = Findings.of(RISK, {**whole.summary, "policy": None}, {**whole.tables, **none})
    for found in (alone, made(STRESS)):
        with pytest.raises(OptionError, match="planner risk --then DATE"):
            policy(found)
        assert found.waiting is None
    assert repr(alone.plot) == "RiskPlots(fan, costs, commit)"
    assert repr(whole.plot) == "RiskPlots(fan, costs, commit, policy)"


def test_a_replay_decides_nothing():
    """Law: a figure that a kind of findings has not is refused by name."""
    with pytest.raises(OptionError, match="planner risk"):
        commit(made(STRESS))
    assert repr(RiskPlots(made(STRESS))) == "RiskPlots(fan, costs, protection)"


def test_costs_without_the_limits_are_called_so():
    """Law: what signing as the plan of the case does costs without broken limits is drawn under that name."""
    whole = made()
    broken = Findings(RISK, {**whole.summary, "fixed_busd": None, "vss": None}, whole.tables)
    assert broken.fixed_without_limits == pytest.approx(11.6)
    assert costs(broken).curves[1].name.endswith("without the limits")
    assert whole.fixed_without_limits is None
    assert "limits" not in costs(whole).curves[1].name
    unlimited = Findings(RISK, {**broken.summary, "chance": ()}, whole.tables)
    assert unlimited.fixed_without_limits is None


@pytest.mark.parametrize("kind", BOTH)
def test_no_plan_is_read_from_findings(tmp_path, kind):
    """Law: a folder of findings that is given as a plan is called what it is, with the commands that read it."""
    with pytest.raises(PlanError, match="not a plan: to be read with `planner report DIR` or `planner plot DIR`"):
        PlanData.read(written(tmp_path / "found", kind))


@pytest.mark.parametrize("kind", BOTH)
def test_a_folder_gives_back_what_was_written(tmp_path, kind):
    """Law: read again, summary and tables are the same, whatever the names are."""
    found = Findings.read(written(tmp_path / "found", kind, HOSTILE))
    assert (found.kind, found.summary, found.tables) == (kind, made(kind, HOSTILE).summary, made(kind, HOSTILE).tables)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("summary.json", '"value_busd": 11.0', '"value_busd": "much"', r"summary.json: .*value_busd"),
        ("summary.json", "{", "", "is not JSON"),
        ("summary.json", '"value_busd": 11.0', '"value_busd": NaN', "value_busd"),
        ("tables/futures.csv", "0.5", "2.5", r"table futures: .*0.probability"),
        ("tables/years.csv", "2.0", "two", r"table years: .*mean"),
        ("tables/later.csv", "decide_by", "by", r"table later: .*decide_by"),
    ],
)
def test_a_changed_folder_is_refused_by_name(tmp_path, file, old, new, said):
    """Law: a figure that is none is named with its table and column, and no error is a traceback."""
    folder = written(tmp_path / "found")
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlannerError, match=said):
        Findings.read(folder)


@pytest.mark.parametrize("where", ["summary", "policy", "groups"])
def test_a_value_below_its_bound_is_refused(where):
    """Law: no value is below what is proven of it: such figures were changed, and are named."""
    found = made()
    wrong = {"value_busd": 0.5, "bound_busd": 4.684}
    summary, tables = dict(found.summary), dict(found.tables)
    if where == "summary":
        summary |= wrong
    elif where == "policy":
        summary["policy"] = {**summary["policy"], **wrong}
    else:
        tables["groups"] = [{**row, **wrong} for row in tables["groups"]]
    with pytest.raises(PlannerError, match=r"value_busd 0\.5 is below its bound 4\.684"):
        Findings.of(RISK, summary, tables)


def test_what_is_no_folder_of_findings_is_refused(tmp_path):
    """Law: no folder, an empty one and a name that no file can have are refused in words."""
    for folder in (tmp_path / "none", tmp_path, "x\0y"):
        with pytest.raises(PlannerError, match="no folder that `planner risk` or `planner stress` wrote"):
            Findings.read(folder)


@pytest.mark.slow
def test_what_was_solved_is_what_a_folder_says(tmp_path):
    """Law: of a study and of a replay, the folder gives back what the result says; each draws its figures."""
    study = risk(newsvendor(), demands(*THREE), **EXACT)
    replay = stress(newsvendor(100.0).solve(gap=0.0, own_process=False), demands(*THREE), **EXACT)
    one, other = tmp_path / "risk", tmp_path / "stress"
    write_result(study, place(one))
    write_stress(replay, place(other, STRESS))
    for folder, found in ((one, study.findings), (other, replay.findings)):
        kept = Findings.read(folder)
        assert (kept.kind, kept.summary, kept.tables) == (found.kind, found.summary, found.tables)
    assert "RiskResult" in study._repr_html_()
    assert "Stress" in replay._repr_html_()
    changes = {row["future"]: row for row in study.rows("changes") if row["what"] == "early"}
    decided = next(row for row in study.rows("decisions") if row["what"] == "early")
    asked = {row["alone"] for row in changes.values()} | ({decided["now"]} if len(changes) < len(THREE) else set())
    assert (min(asked), max(asked)) == (decided["alone_least"], decided["alone_most"])
    years = [row for row in replay.years if row["measure"] == "unserved_compute"]
    assert max(row["p90"] for row in years) > 0.0 == max(row["planned"] for row in years)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_every_figure_is_drawn_in_every_format_and_hostile_names_are_texts(kind):
    """Law: no name is a formula, an error or markup; light and dark, each format."""
    sheet = pytest.importorskip("planner.figures.sheet")
    draw = pytest.importorskip("planner.figures.draw")
    for name in UNCERTAIN if kind == RISK else REPLAYED:
        for file, start in {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}.items():
            content = sheet.content_of(draw.draw(SPECS[name](made(kind, HOSTILE)), dark=file == "svg"), file)
            assert content.startswith(start)
            assert b"<script" not in content


COSTS = ("mean", "p10", "p50", "p90", "var", "cvar", "worst")


@pytest.mark.parametrize("key", ["kept_share", "refused_share", "met_share", *(f"cost_busd_{name}" for name in COSTS)])
def test_a_figure_of_a_replay_that_was_taken_out_is_refused(key: str):
    """Law: a summary without a figure that is shown is refused as not written by the planner, figure by figure."""
    found = made(STRESS)
    with pytest.raises(PlannerError, match=rf"is not as the planner writes it .*no figure.*{key}"):
        Findings.of(STRESS, {**found.summary, key: None}, found.tables)


def test_the_level_of_a_replay_is_stated():
    """Law: marks of a replay are of the level that its summary states; folders from before it was are of 0.9."""
    found = made(STRESS)
    level = Findings.of(STRESS, {**found.summary, "cvar_level": 0.75, "cost_busd_var": 13.0}, found.tables)
    assert costs(level).marks[2:] == (Mark("VaR at 0.75", 13.0), Mark("CVaR at 0.75", 14.0))
    assert costs(level).tail == 0.75
    before = {key: value for key, value in found.summary.items() if key not in
              ("cvar_level", "cost_busd_var", "cost_busd_cvar")}  # fmt: skip
    earlier = Findings.of(STRESS, {**before, "cost_busd_cvar90": 13.5}, found.tables)
    assert costs(earlier).marks[2:] == (Mark("VaR at 0.9", 14.0), Mark("CVaR at 0.9", 13.5))


def test_a_replay_without_any_figure_of_its_cost_is_refused_where_futures_have_costs():
    """Law: all figures of the cost may be missing only where no future has a plan, or it was interrupted."""
    found = made(STRESS)
    bare = {**found.summary, **{f"cost_busd_{name}": None for name in COSTS}}
    with pytest.raises(PlannerError, match="cost_busd_mean: no figure, though futures have a cost"):
        Findings.of(STRESS, bare, found.tables)
    no_plan = {**found.tables, "futures": [{**row, "cost_busd": None} for row in found.tables["futures"]]}
    assert not Findings.of(STRESS, bare, no_plan).costs
    shares = {"interrupted": True, "kept_share": None, "refused_share": None, "met_share": None}
    part = Findings.of(STRESS, {**bare, **shares}, found.tables)
    assert part.summary["interrupted"]
    for figure in REPLAYED:  # a folder of an earlier version has tables of what was tried
        with pytest.raises(OptionError, match="the replay was interrupted"):
            SPECS[figure](part)


def test_a_figure_says_of_which_futures_it_is():
    """Law: where a replayed plan cannot be kept in some futures every figure and table says of which others it is."""
    found = made(STRESS)
    for figure in REPLAYED:
        assert "Of the 80.0% of the futures in which the plan can be kept." in SPECS[figure](found).note
    open_ = {**found.summary, "refused_share": 0.1}
    page = findings_report(Findings(STRESS, open_, found.tables))
    assert "at least 80.0%" in page
    assert "No plan was found in" in page
    page = findings_report(found)
    assert "at least 80.0%" not in page
    assert "In 20.0% of the futures there is no plan; what they miss is not known." in page
    assert "is $0.500B of the expected cost" in page  # $2B in a quarter of the futures that have a plan
    futures = [{**row, "missing": ""} for row in found.futures]
    page = findings_report(Findings(STRESS, found.summary, {**found.tables, "futures": futures}))
    assert "Nothing is missing in any future that has a plan. In 20.0%" in page


@pytest.mark.parametrize("huge", [1e308, -1e308, 1e31])
def test_a_figure_of_no_sensible_size_is_refused(huge: float):
    """Law: a finite figure that no plan can have is refused, in the summary as in every table, before it is drawn."""
    for kind, key in ((RISK, "cvar_busd"), (STRESS, "cost_busd_cvar")):
        found = made(kind)
        with pytest.raises(PlannerError, match=r"is not as the planner writes it .*beyond"):
            Findings.of(kind, {**found.summary, key: huge}, found.tables)
        for table, column in (("futures", "cost_busd"), ("futures", "alone_busd"), ("years", "p10"), ("years", "p90"),
                              ("years", "planned")):  # fmt: skip
            first, *others = found.tables[table]
            tables = {**found.tables, table: [{**first, column: huge}, *others]}
            with pytest.raises(PlannerError, match=r"is not as the planner writes it .*beyond"):
                Findings.of(kind, found.summary, tables)
