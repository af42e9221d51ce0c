"""The cases that are corrupted: all shipped ones, the starter case, the example, one with every table and family."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from planner.case.starter import write_starter
from planner.system.resources import shipped_model, shipped_models, shipped_whatif, sites_folder
from tests.case.helpers import FILES

WHATIFS = "whatifs.toml"
"""What-ifs that go with a case are one more file of it."""
SHIPPED_TABLE = re.compile(r'"shipped:([^"/]+)/([^"/]+)"')
RICH_WHATIFS = """\
format = 1

[[whatif]]
name = "less-money"
title = "A fifth less money"
source = "made up"
grade = "D"
changes = [
  { op = "scale", table = "budget", column = "cash_limit_busd", factor = 0.8 },
  { op = "scale", model = "families.power.utilisation", factor = 1.1 },
]

[[whatif]]
name = "north-late"
title = "North comes six months later, without turbines"
source = "made up"
grade = "D"
changes = [
  { op = "shift", table = "sites", key = "north", months = 6 },
  { op = "drop", table = "power_options", key = "turbines" },
  { op = "cap", table = "offers", where = { provider = "shells" }, column = "max_blocks", value = 6 },
  { op = "floor", table = "energisation", where = { site = "south" }, column = "facility_mw", value = 300 },
]

[[list]]
name = "rent"
title = "Rent of the cloud"
source = "made up"
grade = "D"
vary = "factor"
values = [0.9, 1.1]
changes = [{ op = "scale", table = "offers", key = "cloud_east", column = "rent_musd_per_mw_year", factor = 1.0 }]
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A sound case: its name, the text of each of its files, and the periods it is solved with (0: all)."""

    name: str
    files: Mapping[str, str]
    periods: int = 0

    @property
    def changes(self) -> tuple[str, ...]:
        """Changes, as for ``--set``, that make the case small enough to be solved thousands of times."""
        return (f"model.horizon.periods={self.periods}",) if self.periods else ()


@cache
def source(name: str) -> Source:
    """Return a case by its name."""
    if name == "starter":
        with tempfile.TemporaryDirectory() as folder:
            write_starter(Path(folder) / "case")
            return Source(name, _files_of(Path(folder) / "case"))
    if name == "rich":
        return Source(name, {**FILES, WHATIFS: RICH_WHATIFS})
    if name == "site_allocation":
        return Source(name, _files_of(Path(__file__).parents[2] / "examples" / name))
    return _shipped(name)


def names() -> list[str]:
    """Return the names of all cases but one: `us_campuses` has the same tables as the others, much longer."""
    return ["rich", "starter", "site_allocation", *(name for name in shipped_models() if name != "us_campuses")]


def _files_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}


def _shipped(name: str) -> Source:
    """A shipped case with its tables beside its model file."""
    model = shipped_model(name).read_text(encoding="utf-8")
    files = {
        table: (sites_folder() / folder / table).read_text(encoding="utf-8")
        for folder, table in SHIPPED_TABLE.findall(model)
    }
    files["model.toml"] = SHIPPED_TABLE.sub(r'"\2"', model)
    if name == "stargate":
        files[WHATIFS] = shipped_whatif(name).read_text(encoding="utf-8")
    return Source(name, files, periods=0 if name in ("four_campuses", "three_sites") else 3)
