"""The law of a store: no row of a run that ended is lost, damage is noticed, and only the planner's own is replaced."""

import csv
import json
import shutil

import pytest

from planner.analysis.sweep import sweep
from planner.analysis.sweep_runs import FAILURE_FILE, read_run
from planner.analysis.sweep_store import Store
from planner.audit.folder import audit_folder
from planner.changes.schema import WhatIf
from planner.errors import OptionError, PlannerError
from planner.status import Status
from tests.analysis.here import runs_here

RENT = {"op": "scale", "table": "offers", "column": "rent_musd_per_mw_year"}
WHATIFS = {
    "cheaper": [{**RENT, "factor": 0.9}],
    "dearer": [{**RENT, "factor": 1.1}],
    "no-money": [{"op": "scale", "table": "budget", "column": "cash_limit_busd", "factor": 0.1}],
}
EVERY = ["base", *WHATIFS]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store with every run done."""
    folder = tmp_path_factory.mktemp("store") / "s"
    with runs_here():
        sweep("three_sites", WHATIFS, out=folder)
    return folder


@pytest.fixture
def store(kept, tmp_path):
    """A copy of it, free to be spoiled."""
    return shutil.copytree(kept, tmp_path / "s")


def again(folder, only=(), **options):
    """Resume, and say which runs were done again."""
    heard = []
    with runs_here():
        found = sweep(
            "three_sites", WHATIFS, out=folder, resume=True, only=only,
            on_progress=lambda progress: heard.append(progress.name), **options,
        )  # fmt: skip
    return found, heard


def names(folder):
    """Names in results.csv, in their order."""
    with (folder / "results.csv").open(encoding="utf-8", newline="") as stream:
        return list(dict.fromkeys(row["name"] for row in csv.DictReader(stream)))


@pytest.mark.slow
def test_only_keeps_the_rows_of_the_others(store):
    """Resuming with some names keeps the rows of all runs that ended, in the order of the file, and sweep.json."""
    table = (store / "results.csv").read_text(encoding="utf-8")
    found, heard = again(store, only=["dearer"])
    assert heard == []
    assert found.names == ["base", "dearer"]
    assert set(found.others) == {"cheaper", "no-money"}
    assert (store / "results.csv").read_text(encoding="utf-8") == table
    assert set(json.loads((store / "sweep.json").read_text(encoding="utf-8"))["runs"]) == set(EVERY)


@pytest.mark.slow
def test_rows_of_other_options_are_kept_and_say_so(store):
    """Rows of runs with other options are not lost either; their reason says what they are."""
    found, heard = again(store, only=["dearer"], gap=0.2)
    assert set(heard) == {"base", "dearer"}
    assert names(store) == EVERY
    assert all("of an earlier sweep" in row["reason"] for row in found.others["cheaper"])


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param("summary.json", marks=pytest.mark.slow),
        pytest.param("tables/spend.csv", marks=pytest.mark.slow),
        pytest.param("inputs/sites.csv", marks=pytest.mark.slow),
        pytest.param("manifest.json", marks=pytest.mark.slow),
    ],
)
def test_a_run_that_lost_a_file_is_done_again(store, lost):
    """A missing summary, table, input or manifest is noticed and said, and the run is done again."""
    (store / "runs" / "cheaper" / lost).unlink()
    found, heard = again(store)
    assert heard == ["cheaper"]
    assert any("runs/cheaper" in notice for notice in found.notices)
    assert audit_folder(store / "runs" / "cheaper").passed
    assert names(store) == EVERY


@pytest.mark.slow
def test_a_damaged_table_is_noticed_and_set_aside(store):
    """A changed table of a finished run is noticed; the run is done again, and what was found is kept."""
    table = store / "runs" / "cheaper" / "tables" / "spend.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    found, heard = again(store)
    assert heard == ["cheaper"]
    assert any("tables/spend.csv was changed" in notice for notice in found.notices)
    assert (store / "set-aside" / "cheaper" / "tables" / "spend.csv").is_file()
    found, heard = again(store)
    assert (heard, found.notices) == ([], [])


@pytest.mark.slow
def test_damage_of_a_run_that_is_not_asked_for_is_noticed(store):
    """With names given, damage of the other runs is said too, and they are left as they are."""
    table = store / "runs" / "cheaper" / "tables" / "spend.csv"
    table.write_text("", encoding="utf-8")
    found, heard = again(store, only=["dearer"])
    assert heard == []
    assert any("tables/spend.csv was changed" in notice for notice in found.notices)
    assert names(store) == EVERY


@pytest.mark.slow
def test_the_users_files_in_a_run_are_named_before_the_work(store):
    """Files of the user's in the folder of a run to be done again stop the sweep before any work, all named."""
    for name in ("cheaper", "dearer"):
        (store / "runs" / name / "summary.json").unlink()
        (store / "runs" / name / f"notes of {name}.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PlannerError, match=r"cheaper/notes of cheaper.txt, dearer/notes of dearer.txt"):
        again(store)
    assert (store / "runs" / "cheaper" / "notes of cheaper.txt").is_file()
    assert not (store / "set-aside").exists()


@pytest.mark.slow
def test_files_of_the_users_beside_whole_runs_do_not_matter(store):
    """Notes in the folder of a finished run, and in the store, stay where they are."""
    (store / "runs" / "cheaper" / "notes.txt").write_text("mine", encoding="utf-8")
    (store / "thesis.txt").write_text("mine", encoding="utf-8")
    assert again(store)[1] == []
    assert (store / "runs" / "cheaper" / "notes.txt").is_file()
    assert (store / "thesis.txt").is_file()


@pytest.mark.parametrize("spoil", ["sweep.json", "results.csv", "runs", "link"])
def test_what_only_looks_like_a_sweep_is_refused(store, spoil, tmp_path):
    """Another's sweep.json or results.csv, and links in the place of folders, are not written over or through."""
    target = store
    if spoil == "sweep.json":
        (store / spoil).write_text('{"broom": 1}', encoding="utf-8")
    elif spoil == "results.csv":
        (store / spoil).write_text("my,own,results\n", encoding="utf-8")
    elif spoil == "runs":
        (store / "runs").rename(tmp_path / "elsewhere")
        (store / "runs").symlink_to(tmp_path / "elsewhere")
    else:
        target = tmp_path / "link"
        target.symlink_to(store)
    before = {path: path.stat().st_mtime_ns for path in sorted(store.rglob("*"))}
    with pytest.raises(PlannerError):
        again(target)
    assert {path: path.stat().st_mtime_ns for path in sorted(store.rglob("*"))} == before


def test_two_sweeps_at_once_are_refused(store):
    """While one sweep writes into a store another one is refused; afterwards it is not."""
    about = {"format": 1, "case_hash": "", "runs": []}
    first = Store(store, about, resume=True)
    with pytest.raises(PlannerError, match="another sweep"):
        Store(store, about, resume=True)
    first.close()
    Store(store, about, resume=True).close()


@pytest.mark.parametrize("name", ["../../mine", "", ".", "a/b", "=cmd()", "{absolute}"])
def test_no_name_leads_out_of_a_store(tmp_path, name):
    """Law: a sweep with a name that is no key is refused before it runs or writes, and the store refuses it too."""
    name = name.replace("{absolute}", str(tmp_path / "mine"))
    folder, mine = tmp_path / "s" / "t", tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear", encoding="utf-8")
    for given in ({name: []}, [WhatIf(name=name)]):
        with pytest.raises(OptionError, match="must be a key"):
            sweep("three_sites", given, workers=1, out=folder)
    about = {"format": 1, "case_hash": "", "runs": ["base", name]}
    with pytest.raises(OptionError, match="must be a key"):
        Store(folder, about, resume=False)
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["mine", "letter"]


def test_a_store_refuses_names_in_every_use(tmp_path):
    """Law: whatever is asked of an open store, a name that is no key is refused; a run of such a name is not read."""
    store = Store(tmp_path / "s", {"format": 1, "case_hash": "", "runs": ["base"]}, resume=False)
    uses = (
        store.run_folder, store.plan, lambda name: store.write_failure(name, {}), lambda name: store.finished(name, ""),
        lambda name: store.make_room([name]), lambda name: store.write_plan(name, None),
    )  # fmt: skip
    for use in uses:
        with pytest.raises(OptionError, match="must be a key"):
            use("../../mine")
    left = tmp_path / "s" / "runs" / "a b"
    left.mkdir()
    about = {"name": "a b", "key": "k", "changes": []}
    content = {"status": "infeasible", "reason": "", "what_if": about}
    (left / FAILURE_FILE).write_text(json.dumps(content), encoding="utf-8")
    assert store.others(["base"]) == []
    assert any("a b" in notice for notice in store.notices)
    store.close()
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_a_store_that_cannot_be_written_any_more_loses_nothing(kept, tmp_path, monkeypatch):
    """When a run's folder is taken while it runs, its plan goes elsewhere, is named, and can be read."""
    folder = tmp_path / "s"

    def take(progress):
        if progress.name == "base":
            (folder / "runs" / "cheaper").mkdir()
            (folder / "runs" / "cheaper" / "letter").write_text("dear", encoding="utf-8")

    found = sweep("three_sites", WHATIFS, workers=1, out=folder, only=["cheaper"], on_progress=take)
    assert any("letter" in notice for notice in found.notices)
    assert found.plan("cheaper").summary["what_if"]["name"] == "cheaper"
    assert (folder / "runs" / "cheaper" / "letter").is_file()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("limit", Status.NO_PLAN),
        ("invalid", Status.INVALID_CASE),
        ("infeasible", Status.INFEASIBLE),
        ("nonsense", None),
    ],
)
def test_words_of_earlier_sweeps_are_read(tmp_path, word, status):
    """Law: a failure written by an earlier version is the status it is called now; one that means nothing is none."""
    about = {"name": "it", "key": "k", "changes": []}
    content = {"status": word, "reason": "because", "what_if": about}
    (tmp_path / FAILURE_FILE).write_text(json.dumps(content), encoding="utf-8")
    left = read_run(tmp_path)
    assert (left and left.status) == status
