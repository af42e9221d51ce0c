"""The store: nothing is lost, two servers do not disturb one another, nothing of the user's is taken or deleted."""

import sqlite3
import threading

import pytest

from planner.app.records import ENDED, QUEUED, RUNNING, Point
from planner.app.store import DATABASE, Store
from planner.case.read import read_case
from planner.errors import PlannerError
from tests.app.desk import asked
from tests.figures.plans import kept_plan


@pytest.fixture
def store(tmp_path):
    """A store."""
    made = Store(tmp_path / "store")
    yield made
    made.close()


def test_a_run_is_kept_as_it_was_asked_for(store):
    """Law: name, changes, form and options come back as they went in, whatever signs are in them."""
    name = "<script>\u202e'; DROP TABLE runs; --"
    number = store.add(asked(name, ["sites[north].max_it_mw=20", {"op": "drop", "place": "sites[east]"}]))
    run = store.run(number)
    assert (run.name, run.state, run.status, run.folder) == (name, QUEUED, None, None)
    assert run.changes == ["sites[north].max_it_mw=20", {"op": "drop", "place": "sites[east]"}]
    assert run.solve_options.gap == 0.0
    assert store.run(number + 1) is None


def test_the_way_of_a_run(store):
    """Law: queued, running once, ended; progress is by time; a cancelled one in the queue never runs."""
    first, second = store.add(asked()), store.add(asked())
    assert store.begin(first)
    assert not store.begin(first)
    store.note(first, [Point(2.0, "search", 5.0, 4.0, 0.2), Point(1.0, "build", None, None, None)])
    assert [point.stage for point in store.progress(first)] == ["build", "search"]
    store.end(first, "optimal", cost=5.0, bound=5.0, gap=0.0, result={"notes": []}, folder=str(first))
    found = store.run(first)
    assert (found.state, found.status, found.cost, found.has_plan) == (ENDED, "optimal", 5.0, True)
    store.ask_cancel(second)
    assert store.run(second).status == "interrupted"
    assert not store.begin(second)
    assert [run.id for run in store.runs()] == [second, first]
    assert store.runs("another case") == []


def test_a_killed_server_loses_nothing(tmp_path):
    """Law: what a server ran or queued when it ended is marked so by the next one, with its plan if it was written."""
    first = Store(tmp_path / "store")
    running, queued, done, written = (first.add(asked(name)) for name in ("running", "queued", "done", "written"))
    for number in (running, done, written):
        first.begin(number)
    first.end(done, "optimal", cost=1.0)
    plan = kept_plan()
    plan.write(first.target(written))
    second = Store(tmp_path / "store")
    assert [second.run(number).state for number in (running, queued)] == [RUNNING, QUEUED]  # the first one lives
    first.alive.close()  # as its end does, however it comes
    second.recover()
    found = {run.name: run for run in second.runs()}
    assert {name: run.status for name, run in found.items()} == {
        "running": "interrupted",
        "queued": "interrupted",
        "done": "optimal",
        "written": "interrupted",
    }
    assert found["written"].cost == plan.cost_busd
    assert second.plan(found["written"]).cost_busd == plan.cost_busd
    assert found["running"].folder is None
    second.close()


def test_two_servers_do_not_corrupt_it(tmp_path):
    """Law: two servers that write at once lose no row, and give no number twice."""
    stores = [Store(tmp_path / "store"), Store(tmp_path / "store")]
    numbers: list[int] = []

    def write(store):
        for count in range(5):
            number = store.add(asked(f"{store.server} {count}"))
            store.begin(number)
            store.note(number, [Point(float(count), "search", None, None, None)])
            store.end(number, "optimal", cost=float(count))
            numbers.append(number)

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = stores[0].runs()
    assert len(runs) == len(set(numbers)) == 10
    assert {run.state for run in runs} == {ENDED}
    with sqlite3.connect(tmp_path / "store" / DATABASE) as base:
        assert base.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert base.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    base.close()
    for store in stores:
        store.close()


def test_deleting_takes_the_plan_and_nothing_else(store):
    """Law: a variant goes with its plan and its answers; a plan with a foreign file stays, and it is named."""
    first, second = store.add(asked()), store.add(asked())
    for number in (first, second):
        kept_plan().write(store.target(number))
        store.end(number, "optimal", folder=str(number))
    store.add(asked("question", parent=first))
    assert store.delete(first) == ""
    assert not store.target(first).exists()
    assert [run.id for run in store.runs()] == [second]
    (store.target(second) / "notes.txt").write_text("mine", encoding="utf-8")
    assert "notes.txt" in store.delete(second)
    assert store.run(second) is not None
    third = store.add(asked())
    assert "cancelled first" in store.delete(third)


def test_nothing_of_the_users_is_taken_for_a_store(tmp_path):
    """Law: a folder with other files, a file, a link and another database are refused, and left as they are."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "other").mkdir()
    with sqlite3.connect(tmp_path / "other" / DATABASE) as base:
        base.execute("CREATE TABLE mine (x)")
    base.close()
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / DATABASE).write_bytes(b"no database at all, but long enough to be looked at " * 30)
    for name in ("full", "file", "link", "other", "torn"):
        with pytest.raises(PlannerError, match=name):
            Store(tmp_path / name)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_later_format_is_refused(tmp_path):
    """Law: a store of another version is not guessed at."""
    Store(tmp_path / "store").close()
    with sqlite3.connect(tmp_path / "store" / DATABASE) as base:
        base.execute("PRAGMA user_version=99")
    base.close()
    with pytest.raises(PlannerError, match="another version"):
        Store(tmp_path / "store")


def test_the_hash_tells_cases_apart(store):
    """Law: variants are listed with the content of their case."""
    store.add(asked())
    assert len(store.runs(read_case("three_sites").hash)) == 1
    assert store.runs(read_case("four_campuses").hash) == []


def test_a_store_that_was_taken_away_is_said_to_be_that(store):
    """Law: a store deleted under its page is one sentence with the place and the way out; no new one is made."""
    store.add(asked("one"))
    for file in store.folder.glob(f"{DATABASE}*"):
        file.unlink()
    with pytest.raises(PlannerError, match="was taken away"):
        store.runs()
    assert not (store.folder / DATABASE).exists()
