"""Folders that hold no plan of their own, but what was found over many futures."""

from pathlib import Path

from planner.errors import PlanError
from planner.system.folders.manifest import kind_of

_READ = "to be read with `planner report DIR` or `planner plot DIR`"
STUDIED = {
    "risk": f"a study of risk, not a plan: {_READ}; its plans are in plans/NAME of it, with later dates also in "
    "policy/NAME, each of the case as the future NAME has it; `planner stress DIR` replays what is signed now",
    "stress": f"a plan replayed in other futures (planner stress), not a plan: {_READ}",
}
"""What such a folder is, by the kind of its manifest."""


def refuse_studied(folder: Path) -> None:
    """Refuse the folder of a study in the place of a plan.

    Raises
    ------
    PlanError
        With what it is, and where its plans are.
    """
    kind = kind_of(folder)
    if kind in STUDIED:
        raise PlanError(f"{folder}: is {STUDIED[kind]}")
