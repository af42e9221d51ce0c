"""What the backup of a plan is for: ``python -m bench.removal PLAN`` prints, by year, how much of it the rules need.

A linear program for each year takes away as much backup as it can while primary capacity alone serves all demand and
every redundancy rule holds: what it leaves is needed. It is written from sections 6 and 7 of docs/formulation.md and
the tables of the plan, and knows neither the program nor the audit. Chips do training and inference at one rate in it.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from scipy.optimize import linprog
from scipy.sparse import coo_array

from planner import Plan
from planner.case.calendar import years_touched

SLACK = 0.05
"""Compute by which each row may miss: tables are rounded."""


class Removal:
    """The linear program of one year: IT MW that go, by row of the table of capacity, and service by contingency."""

    def __init__(self, plan: Plan, year: int) -> None:
        self.rows = [row for row in plan.rows("capacity") if int(row["period"]) == year]
        self.demand = [row for row in plan.rows("demand") if int(row["period"]) == year]
        self.reach = {(str(row["site"]), str(row["market"])) for row in plan.rows("reach")}
        self.cells: list[tuple[int, int, float]] = []
        self.limits: list[float] = []
        self.columns = len(self.rows)
        self.require(self.primary(), lambda _market, _workload: 1.0)

    def primary(self) -> list[int]:
        """Rows of primary capacity."""
        return [j for j, row in enumerate(self.rows) if row["role"] == "primary"]

    def without(self, domain: str, lost: str) -> list[int]:
        """Rows that are left when a site, a provider or a vendor is lost."""
        return [j for j, row in enumerate(self.rows) if str(row[domain]) != lost]

    def domains(self, domain: str) -> list[str]:
        """What can be lost."""
        return sorted({str(row[domain]) for row in self.rows})

    def require(self, left: Sequence[int], share: Callable[[str, Any], float]) -> None:
        """Require that the rows that are left carry this share of the demand of each market and workload."""
        served: dict[int, list[int]] = defaultdict(list)
        for site in sorted({str(self.rows[j]["site"]) for j in left}):
            here = len(self.limits)
            self.limits.append(0.0)
            for j in left:
                row = self.rows[j]
                if str(row["site"]) == site:
                    compute = max(float(row["training_compute"]), float(row["inference_compute"]))
                    self.limits[here] += compute
                    self.cells.append((here, j, compute / float(row["it_mw"])))
            for m, group in enumerate(self.demand):
                if (site, str(group["market"])) in self.reach:
                    self.cells.append((here, self.columns, 1.0))
                    served[m].append(self.columns)
                    self.columns += 1
        for m, group in enumerate(self.demand):
            self.cells.extend((len(self.limits), column, -1.0) for column in served[m])
            critical = share(str(group["market"]), group["workload"]) * float(group["compute"])
            self.limits.append(SLACK - critical)

    def solve(self) -> float:
        """The most IT MW of backup that can go."""
        rows, columns, values = zip(*self.cells, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self.limits), self.columns))
        most = [float(row["it_mw"]) if row["role"] == "backup" else 0.0 for row in self.rows]
        cost = [-1.0] * len(most) + [0.0] * (self.columns - len(most))
        bounds = [(0.0, one) for one in most] + [(0.0, None)] * (self.columns - len(most))
        found = linprog(cost, A_ub=matrix.tocsr(), b_ub=self.limits, bounds=bounds, method="highs")
        if found.status != 0:
            raise ValueError(f"the plan breaks a rule by itself: {found.message}")
        return -float(found.fun)


def removable_backup(
    plan: Plan,
    year: int,
    domains: Sequence[str] = ("none", "site", "provider"),
    spike: Callable[[str, Any], float] | None = None,
    site: Callable[[str, Any], float] | None = None,
) -> float:
    """IT MW of backup that can go in a year, with primary capacity serving all demand alone and the rules kept.

    Parameters
    ----------
    plan : Plan
    year : int
        A reported period.
    domains : sequence of str
        Only the rules that lose one of these are kept.
    spike : function or None
        Share of demand by market and workload that rules without a loss ask for, in the place of their own.
    site : function or None
        The same for the rules that lose a site.
    """
    program = Removal(plan, year)
    redundancy = plan.case.model.families.redundancy
    for rule in redundancy.rules if redundancy is not None else ():
        if rule.domain not in domains or not (rule.first_year or year) <= year <= (rule.last_year or year):
            continue
        if rule.domain == "none":
            program.require(range(len(program.rows)), spike or rule.critical_share_of)
            continue
        share = site if rule.domain == "site" and site else rule.critical_share_of
        for lost in program.domains(rule.domain):
            program.require(program.without(rule.domain, lost), share)
    return program.solve()


def held_backup(plan: Plan) -> dict[int, float]:
    """IT MW of backup by reported year with any."""
    held: dict[int, float] = defaultdict(float)
    last = max(years_touched(plan.case.model.horizon))
    for row in plan.rows("capacity"):
        if row["role"] == "backup" and int(row["period"]) <= last:
            held[int(row["period"])] += float(row["it_mw"])
    return dict(held)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", help="folder of a plan")
    plan = Plan.read(parser.parse_args().plan)
    held = held_backup(plan)
    kept = [("spike", ("site", "provider")), ("site", ("none", "provider")), ("provider", ("none", "site"))]
    print("backup, IT MW    " + "".join(f"{year:>6}" for year in held))
    print("held             " + "".join(f"{one:6.0f}" for one in held.values()))
    can_go = {year: removable_backup(plan, year) for year in held}
    print("not needed       " + "".join(f"{one:6.0f}" for one in can_go.values()))
    for name, domains in kept:
        alone = (removable_backup(plan, year, domains) - can_go[year] for year in held)
        print(f"{'needed by ' + name:17}" + "".join(f"{max(one, 0.0):6.0f}" for one in alone))
    print(f"not needed of all {sum(can_go.values()) / sum(held.values()):.0%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
