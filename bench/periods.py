"""What finer periods and a tail cost: ``python -m bench.periods`` prints the table of docs/horizon.md.

Solves `stargate` with other periods; the envelopes of money count the years that are shown, whatever the tail.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from planner import Case

YEARS = [12] * 10
HALVES = [12, *[6] * 4, *[12] * 7]
QUARTERS = [12, *[3] * 8, *[12] * 7]
VARIANTS: dict[str, tuple[list[int], str, list[int]]] = {
    "ten years | by time average | none": (YEARS, "time_average", []),
    "ten years | throughout | none": (YEARS, "throughout", []),
    "ten years | throughout | two years, as shipped": (YEARS, "throughout", [24]),
    "ten years | throughout | one year and one": (YEARS, "throughout", [12, 12]),
    "2026, half years of 2027 and 2028, seven years | throughout | two years": (HALVES, "throughout", [24]),
    "2026, quarters of 2027 and 2028, seven years | throughout | two years": (QUARTERS, "throughout", [24]),
}
"""By their cells of the table: months of each period, how power counts, months of each period of the tail."""


def changes(months: Sequence[int], energisation: str, tail: Sequence[int]) -> list[str]:
    """The changes of the model file for a variant, as with ``--set``."""
    after = f"{{period_months=[{','.join(map(str, tail))}]}}" if tail else ""
    return [
        "model.horizon.periods=",
        f"model.horizon.period_months=[{','.join(map(str, months))}]",
        f"model.horizon.energisation={energisation}",
        f"model.horizon.tail={after}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row of the table for each variant."""
    parser = argparse.ArgumentParser(prog="python -m bench.periods", description=__doc__)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=300.0, help="seconds per plan")
    chosen = parser.parse_args(arguments)
    for cells, variant in VARIANTS.items():
        begin = time.process_time()
        case = Case.read("stargate", changes(*variant))
        summary = case.solve(gap=chosen.gap, time_limit_s=chosen.time_limit).summary
        missed = [
            f"{one['tier']} {one['amount']:.3g}" for one in summary["shortfalls"] if one["amount"] > one["tolerance"]
        ]
        shown = summary.get("reported_cost_busd") or summary["cost_busd"]
        bound = summary["bound_busd"] or float("nan")
        size, seconds = f"{summary['size']['columns']:,}", f"{time.process_time() - begin:.0f}"
        cost = f"{summary['cost_busd']:.1f} ({bound:.1f}) | {shown:.1f}"
        print(f"| {cells} | {size} | {seconds} | {cost} | {', '.join(missed) or 'nothing'} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
