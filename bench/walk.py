"""Other policies than the rules of `stargate` (docs/redundancy.md): ``python -m bench.walk --out DIR`` solves them.

Each policy is solved or its reason computed; the plan with four rules is written to ``DIR/four``.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from planner.analysis.redundancy_cost import envelope_of
from planner.analysis.redundancy_curve import cost_curve
from planner.analysis.redundancy_rules import rules_of, with_rules
from planner.api import Case
from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.explain.shortfall import reason_infeasible
from planner.options import SolveOptions
from planner.runs.session import attempt
from planner.status import Status

KINDS = ("site", "provider", "power region", "chip vendor")


def rule(name: str, domain: str, k: int = 1, **more: object) -> RedundancyRule:
    """A rule that protects all demand unless another share is given."""
    return RedundancyRule.model_validate({"name": name, "domain": domain, "k": k, "critical_share": 1.0, **more})


def policies(case: CaseData) -> dict[str, list[RedundancyRule]]:
    """The policies, by name."""

    def four(**more: object) -> list[RedundancyRule]:
        return [rule(f"any one {kind}", kind.replace(" ", "_"), **more) for kind in KINDS]

    vendor = rule(
        "any one chip vendor", "chip_vendor", critical_share={"training": 0.0, "inference": 0.7}, first_year=2029
    )
    return {
        "none": [],
        "shipped": list(rules_of(case)),
        "four always": four(),
        "four from 2028": four(first_year=2028),
        "four": [*four(first_year=2029)[:3], vendor],
        "two sites always": [rule("any two sites", "site", 2)],
        "two sites from 2029": [rule("any two sites", "site", 2, first_year=2029)],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row per policy and per share of training kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.walk", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the plan with four kinds of loss")
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds per plan")
    chosen = parser.parse_args(arguments)
    options = SolveOptions(gap=chosen.gap, time_limit_s=chosen.time_limit)
    case = Case.read("stargate")
    for name, rules in policies(case).items():
        begin = time.monotonic()
        variant = with_rules(case, rules)
        outcome = attempt(lambda variant=variant: variant, options, name=name)
        if outcome.status is Status.INFEASIBLE:
            print(f"{name}: infeasible: {reason_infeasible(variant).text}", flush=True)
            continue
        found = None if outcome.plan is None else outcome.plan.summary["redundancy"]
        envelope = None if outcome.plan is None else envelope_of(outcome.plan)
        missed = [] if outcome.plan is None else outcome.plan.summary["shortfalls"]
        short = "".join(
            f" {one['tier']} {one['bound']:,.0f} to {one['amount']:,.0f};" for one in missed if one["amount"]
        )
        print(
            f"{name}: {outcome.status} cost {outcome.cost_busd} bound {outcome.bound_busd} {envelope} {found}, "
            f"missed:{short or ' nothing'} {time.monotonic() - begin:.0f} s",
            flush=True,
        )
        if name == "four" and outcome.plan is not None:
            outcome.plan.write(chosen.out / "four")
    provider = with_rules(case, [rule("any one provider", "provider", first_year=2029)])
    for point in cost_curve(provider, [1.0, 0.5, 0.0], options=options, workload="training"):
        print(point, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
