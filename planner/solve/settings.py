"""The numbers that steer the pipeline, each with its reason."""

from typing import Any

PLAN_TOLERANCE = 1e-6
"""Largest relative violation of a row with which a plan is accepted."""
BOUND_LOSS = 1e-6
"""Relative difference between the cost of a relaxation and what its duals prove, above which it is solved again."""
ROUNDING = 1e-6
"""Relative gap beyond the one asked for that rounding whole numbers, and the solver's tolerances, may leave."""
SAME_COST, LEAST_COST = 1e-9, 1e-3
"""Costs that differ by this share are the same cost; a cost below the least, in the units in which the case is solved
(prices there are around one), counts as that much."""
STRATEGY_NODES, START_NODES, SEARCH_NODES = 10, 30, 30
"""Nodes after which the small programs of each stage stop: a count, unlike a time, is the same in every run."""
KERNELS = ((1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (4.0, 2.0))
"""The first programs tried: how many unused variables are taken in for each one used, and how far each may move. Most
that cannot be completed are found infeasible in presolve."""
KERNEL_NODES = 1
"""Nodes spent on each of them."""
GROUP_SHARES = (0.3, 0.4, 0.5, 0.6)
"""Parts of the offers in use that are searched among in a round (drawn with a seed, so the same in every run)."""
BOUND_ONLY: dict[str, Any] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_detect_symmetry": False,
}
"""Solver options for stages that are after a bound: its own searches cost more than they bring (measured)."""
NO_TRIAL_BRANCHES: dict[str, Any] = {"mip_pscost_minreliable": 0}
"""Solver options where a node costs much and few are needed (measured on 100 sites and 1,000 demands: the proof on the
sites left takes 28 to 32 s so, and 84 to 107 s with the solver's own settings)."""
GUIDE_GAP = 2e-3
"""A guide and a first plan need not be better than this: what follows improves on them."""
WINDOW = 2
"""Periods decided together when a plan is built up period by period."""
WORTHWHILE = 0.02
"""Share of the gap that a round of search must close for another to follow."""
CAREFUL_COLUMNS = 3000
"""Programs up to this size are proven without presolve and without a plan to start from: with either, HiGHS 1.15.1 has
proven bounds that were wrong (`docs/solving.md`)."""
PROOF_GAP = 1e-4
"""Where a gap this small is asked for, small programs go to the proof at once."""
LARGE_COLUMNS = 10_000
"""Programs from this size on are first solved without the rows of the budget (single runs: `stargate`, 6,000 columns,
22 s so and 16 s with them; 150 sites, 35,000 columns, 11 s so and 15 s with them)."""
INTERIOR_COLUMNS = 45_000
"""Programs from this size on are first relaxed by the interior point method (measured: 12 s for 18 s at 58,000 columns,
114 s for 297 s at 226,000; slower than the simplex at 39,000)."""
LINKS_PER_ROUND = 20_000
"""Most links between service and opening that a round adds."""
NEAREST_LINKS = 20
"""Links that a demand gets at once, those of the sites cheapest to serve it, when the first relaxation violates one of
its links (measured on 100 sites and 1,000 demands: 10 to 13 s, for 24 to 54 s with only the violated ones)."""
NO_PRICE = 1e-9
"""Dual of a link, relative to the largest of all rows, that counts as none."""
SITES_MORE, SITES_NODES = 0.25, 5
"""Sites in the first program beyond those the relaxation uses, as a multiple of their number: the cheapest to open;
and the nodes spent on it (measured: 7 to 19 s to a plan within 0.4 %, for 19 to 38 s with as many more)."""
WORTH_DECIDING = 0.2
"""Share of the sites that must be decided for a proof on the others to be tried."""
MOST_ROUNDS = 100
"""Rounds of separation after which something is wrong: every round adds a new cut."""


def rounding(cost: float) -> float:
    """By how much two costs of this size may differ and still be the same.

    Examples
    --------
    >>> f"{rounding(200.0):g}", f"{rounding(0.0):g}"
    ('2e-07', '1e-12')
    """
    return SAME_COST * max(LEAST_COST, abs(cost))
