"""A finished plan is kept wherever it can be written; what happened is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from planner.errors import PlanError
from planner.plan.keep import Kept, keep
from planner.system.folders import Target

Write = Callable[[Target], Path]


class Plan:
    """A plan that writes as it is told, one way after the other."""

    def __init__(self, *ways: Write) -> None:
        self.ways = list(ways)
        self.places: list[Path] = []

    def write(self, folder: Target) -> Path:
        """Write in the next way."""
        self.places.append(folder.path)
        return self.ways.pop(0)(folder)


def well(place: Target) -> Path:
    """Write to the place."""
    place.path.mkdir(parents=True)
    return place.shown


def beside(place: Target) -> Path:
    """Find the place taken, and write beside it."""
    return place.shown.with_name(f"{place.shown.name}-2")


def full(place: Target) -> Path:
    """Fail for want of room."""
    raise PlanError(f"{place.shown}: no space left")


def denied(place: Target) -> Path:
    """Fail as the operating system does."""
    raise PermissionError(13, "denied", str(place.path))


def stopped(place: Target) -> Path:
    """Be stopped from the keyboard."""
    raise KeyboardInterrupt


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Where the plan is to go; the current folder and that of temporary files are elsewhere."""
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return Target(tmp_path / "out" / "plan", tmp_path / "out" / "plan")


def test_a_plan_at_its_place_needs_no_word(place: Target) -> None:
    """Where all goes well the folder is the one asked for, without a note."""
    assert keep(Plan(well).write, place) == Kept(place.shown, "")


def test_a_place_taken_meanwhile_is_told(place: Target) -> None:
    """The note names the place asked for and the folder that has the plan."""
    kept = keep(Plan(beside).write, place)
    assert kept.folder == place.shown.with_name("plan-2")
    assert kept.note.startswith(f"{place.shown} was taken")
    assert str(kept.folder) in kept.note


def test_a_full_disk_leaves_the_plan_in_the_current_folder(place: Target) -> None:
    """The same name in the current folder comes next, and the note has the reason and the folder."""
    plan = Plan(full, well)
    kept = keep(plan.write, place)
    assert kept.folder == Path.cwd() / "plan"
    assert kept.note == f"{place.shown}: no space left; the plan is in {kept.folder}"
    assert plan.places == [place.path, Path.cwd() / "plan"]


@pytest.mark.parametrize("way", [full, denied])
def test_then_the_folder_for_temporary_files(place: Target, way: Write) -> None:
    """The last place is a fresh folder of the owner alone, whatever kept the plan from the current folder."""
    kept = keep(Plan(full, way, well).write, place)
    assert kept.folder is not None
    assert kept.folder.name == "plan"
    assert kept.folder.parent.parent.name == "temporary"
    assert kept.folder.parent.stat().st_mode & 0o077 == 0
    assert str(kept.folder) in kept.note


def test_nothing_is_left_behind_where_nothing_can_be_written(place: Target) -> None:
    """Without any place there is no folder, the note has the first reason, and no empty folder stays."""
    kept = keep(Plan(full, denied, full).write, place)
    assert kept.folder is None
    assert kept.note == f"{place.shown}: no space left; nor is there any other place where it can be written"
    assert list((place.path.parents[1] / "temporary").iterdir()) == []


def test_the_first_stop_does_not_lose_the_plan_and_the_second_is_obeyed(place: Target) -> None:
    """Ctrl-C while it is written: it is written again; a second one ends it."""
    assert keep(Plan(stopped, well).write, place).folder == place.shown
    with pytest.raises(KeyboardInterrupt):
        keep(Plan(stopped, stopped, well).write, place)


def test_other_faults_are_not_hidden(place: Target) -> None:
    """A fault of the program at the first place is no reason to look for another."""
    with pytest.raises(PermissionError):
        keep(Plan(denied, well).write, place)
