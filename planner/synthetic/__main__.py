"""Write a synthetic case as a folder: ``python -m planner.synthetic --sites 100 --out FOLDER``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from planner.case.write import write_case
from planner.errors import PlannerError
from planner.synthetic.generate import generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the case the arguments ask for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m planner.synthetic", description="Write a random case as a folder.")
    parser.add_argument("--sites", type=int, required=True, help="number of candidate sites, 10 to 5000")
    parser.add_argument("--periods", type=int, default=10, help="number of periods (default 10)")
    parser.add_argument("--period-months", type=int, default=12, help="months of a period: 12 years, 3 quarters")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (default 0)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; it must not exist yet")
    options = parser.parse_args(arguments)
    try:
        case = generate(options.sites, options.periods, options.period_months, options.seed)
        write_case(case, options.out)
    except (ValueError, OSError, PlannerError) as error:
        sys.stderr.write(f"{error}\n")
        return PlannerError.exit_code
    sys.stdout.write(f"{case.model.name} written to {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
