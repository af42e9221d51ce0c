"""Make tables, model and what-ifs of the case `us_campuses`: ``python -m sources.us_campuses [--out FOLDER]``.

Written are ``sites/us_campuses/*.csv``, ``models/us_campuses.toml`` and ``models/whatifs/us_campuses.toml`` below the
folder, which is the repository unless another is named. The same inputs give the same bytes.
"""

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from sources.us_campuses.atlas import campuses
from sources.us_campuses.data import HERE, Row, facts, read_assumptions
from sources.us_campuses.model import model
from sources.us_campuses.places import place
from sources.us_campuses.schedule import schedule
from sources.us_campuses.tables import demand, energisation, graded, markets, offers, power_regions, providers, sites
from sources.us_campuses.whatifs import whatifs

REPOSITORY = HERE.parents[1]


def make() -> dict[str, str]:
    """Return the text of every file of the case by its path below the repository."""
    assumptions = read_assumptions()
    places = [place(campus, schedule(campus, assumptions), assumptions) for campus in campuses(assumptions)]
    tables = {
        "sites": sites(places, assumptions),
        "energisation": energisation(places),
        "providers": providers(places),
        "power_regions": power_regions(places, assumptions),
        "chips": facts("chips.csv"),
        "chip_supply": facts("chip_supply.csv"),
        "offers": offers(places, assumptions),
        "markets": markets(),
        "demand": demand(assumptions),
    }
    files = {f"sites/us_campuses/{name}.csv": csv_text(graded(name, table)) for name, table in tables.items()}
    return files | {
        "models/us_campuses.toml": model(places, tables, _growth_gw()),
        "models/whatifs/us_campuses.toml": whatifs(places),
    }


def _growth_gw() -> float:
    """Return by how much the buyer's path grows over the horizon, in facility GW."""
    path = {(row["workload"], int(row["year"])): float(row["facility_gw"]) for row in facts("demand_path.csv")}
    first, last = min(year for _, year in path), max(year for _, year in path)
    return sum(path[workload, last] - path[workload, first] for workload in ("training", "inference"))


def csv_text(table: list[Row]) -> str:
    """Return a table as a CSV file with unix line ends."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files and say which changed."""
    parser = argparse.ArgumentParser(prog="python -m sources.us_campuses", description=__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY, help="folder to write to (default: the repository)")
    options = parser.parse_args(arguments)
    for name, text in make().items():
        file = options.out / name
        data = text.encode()
        changed = not file.is_file() or file.read_bytes() != data
        if changed:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        sys.stdout.write(f"{'written' if changed else 'as it was'}  {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
